"""Drones' days by the shipped daemon, guard and station, on both firmwares (A3-A11)."""

import asyncio

import pytest
from msgspec.structs import replace

from edge.messages.facts import (
    DropGivenUp,
    DropIntended,
    DropMade,
    FlightHeldBack,
    FlightPhaseEntered,
    GuardRefused,
    GuardStopped,
    HazardMet,
    ParcelEnded,
)
from edge.messages.geo import distance_m
from edge.messages.parcels import Outcome
from sim.scenario import DeadZone
from sim.trouble.tables import Gale, NoFly
from tests.scenarios.machines.drones import beside, day, fly, height_m, of, until

BOTH = ("ardupilot", "px4")


def fine(result):
    return (
        result.balanced
        and not result.problems
        and result.facts_lost == result.facts_counted_twice == 0
    )


def test_a8_parcels_are_flown_on_both_firmwares_and_the_books_balance(tmp_path):
    result, seen, facts = fly(day(*BOTH, orders=3), folder=tmp_path)
    assert fine(result)
    assert result.outcomes == {"DELIVERED": 3}
    drops = of(facts, DropIntended)
    assert len(drops) == len(of(facts, DropMade)) == 3
    assert all(drop.distance_m + drop.accuracy_m <= 6.0 for drop in drops)
    assert all(4.0 <= drop.height_m <= 8.0 for drop in drops)
    assert not of(facts, GuardRefused)
    assert not any(drone.loader.refusals for drone in seen.drones.values())
    assert all(drone.hook.hung is None for drone in seen.drones.values())
    assert all(drone.away_m < 5.0 for drone in seen.drones.values())


def someone_below(drones):
    async def script():
        for drone in drones.values():
            drone.autopilot.autopilot.plant.below_m = 1.8

    return script()


@pytest.mark.soak
@pytest.mark.parametrize("manner", BOTH)
def test_a8_a_parcel_comes_back_when_somebody_stands_below(manner, tmp_path):
    result, seen, facts = fly(day(manner, orders=2), script=someone_below, folder=tmp_path)
    assert fine(result)
    assert result.outcomes == {"RETURNED": 2}
    assert not of(facts, DropIntended)
    assert {fact.on_board for fact in of(facts, DropGivenUp)} == {True}
    assert all(drone.away_m < 5.0 for drone in seen.drones.values())


@pytest.mark.soak
@pytest.mark.parametrize("manner", BOTH)
@pytest.mark.parametrize("seed", range(1, 6))
def test_a10_a_daemon_that_dies_now_and_then_delivers_all_the_same(manner, seed, tmp_path):
    scenario = day(manner, orders=2)
    scenario = replace(scenario, chaos=replace(scenario.chaos, kills_per_h=25.0))
    result, seen, facts = fly(scenario, seed, folder=tmp_path)
    assert fine(result)
    ended = {fact.parcel_id: fact.outcome for fact in of(facts, ParcelEnded)}
    assert set(ended.values()) <= {Outcome.DELIVERED, Outcome.RETURNED, Outcome.FAILED}
    assert result.outcomes.get("DELIVERED", 0) + result.outcomes.get("RETURNED", 0) >= 1
    assert all(drone.away_m < 12.0 for drone in seen.drones.values())


@pytest.mark.soak
@pytest.mark.parametrize("manner", BOTH)
def test_a7_a_daemon_that_stays_dead_leaves_a_drone_that_comes_home(manner, tmp_path):
    async def script(drones):
        (drone,) = drones.values()
        await until(drone, lambda it: height_m(it) > 30.0)
        drone.board.machine.kill(900.0)

    result, seen, facts = fly(day(manner, orders=1), script=script, folder=tmp_path)
    assert fine(result)
    (track,) = seen.tracks.values()
    assert max(up_m for _, up_m in track) > 30.0
    (drone,) = seen.drones.values()
    assert drone.away_m < 5.0
    assert not of(facts, DropIntended)
    assert result.outcomes == {"RETURNED": 1}


@pytest.mark.soak
@pytest.mark.parametrize("manner", BOTH)
def test_a7_a_drone_that_nobody_hears_gives_up_and_comes_home(manner, tmp_path):
    """Unheard for 45 s, and half a minute until a dead connection is noticed."""
    away = DeadZone(at="09:01", minutes=12)
    result, seen, facts = fly(day(manner, orders=1, dead_zone=(away,)), folder=tmp_path)
    assert fine(result)
    assert result.outcomes == {"RETURNED": 1}
    (given_up,) = of(facts, DropGivenUp)
    assert given_up.why == "nobody hears it"
    (drone,) = seen.drones.values()
    assert drone.away_m < 5.0


@pytest.mark.soak
@pytest.mark.parametrize("manner", BOTH)
def test_a5_a_battery_that_fails_ends_the_flight_at_the_best_place(manner, tmp_path):
    async def script(drones):
        (drone,) = drones.values()
        await until(drone, lambda it: height_m(it) > 30.0 and it.away_m > 300.0)
        drone.autopilot.autopilot.plant.machine.battery.left_frac = 0.24

    result, seen, facts = fly(day(manner, orders=1), script=script, folder=tmp_path)
    assert any(stop.reason == "energy" for stop in of(facts, GuardStopped))
    (drone,) = seen.drones.values()
    body = drone.autopilot.autopilot.plant.machine.body
    assert body.up_m == 0.0
    assert not body.crashed
    assert drone.away_m < 5.0
    assert fine(result)
    assert result.outcomes == {"RETURNED": 1}


@pytest.mark.soak
def test_a9_without_remote_id_nothing_takes_off(tmp_path):
    async def script(drones):
        (drone,) = drones.values()
        drone.autopilot.autopilot.plant.says_who = False
        await asyncio.sleep(900.0)
        assert height_m(drone) == 0.0
        drone.autopilot.autopilot.plant.says_who = True

    result, _, facts = fly(day("ardupilot", orders=1), script=script, folder=tmp_path)
    assert fine(result)
    assert result.outcomes == {"DELIVERED": 1}
    held = [reason for fact in of(facts, FlightHeldBack) for reason in fact.reasons]
    assert any("Remote ID" in reason for reason in held)


@pytest.mark.soak
@pytest.mark.parametrize("manner", BOTH)
def test_a4_a_gale_holds_it_on_the_ground_until_it_is_calm_again(manner, tmp_path):
    gale = Gale(at="08:59", minutes=25, wind_mps=6.0, gust_mps=13.0)
    result, _, facts = fly(day(manner, orders=2, gale=(gale,)), folder=tmp_path)
    assert fine(result)
    assert result.outcomes == {"DELIVERED": 2}
    held = [reason for fact in of(facts, FlightHeldBack) for reason in fact.reasons]
    assert any("gust" in reason for reason in held)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1, 5))
def test_a3_a_zone_that_comes_up_in_the_way_is_not_entered(seed, tmp_path):
    zone = NoFly(at="09:05", minutes=200, east_m=120.0, north_m=-150.0, radius_m=60.0)
    result, seen, _ = fly(day(*BOTH, orders=4, no_fly=(zone,)), seed, folder=tmp_path)
    assert fine(result)
    for name, track in seen.tracks.items():
        home = track[0][0]
        middle = beside(home, zone.east_m, zone.north_m)
        inside = [
            second
            for second, (place, up_m) in enumerate(track)
            if second > 450 and up_m > 1.0 and distance_m(place, middle) <= zone.radius_m
        ]
        assert not inside, (name, inside[:5])


@pytest.mark.soak
def test_a11_the_second_drone_keeps_away_from_where_the_first_was_hit(tmp_path):
    hit = {}

    async def script(drones):
        first, _ = drones.values()
        await until(first, lambda it: height_m(it) > 30.0 and it.away_m > 150.0)
        truth = first.autopilot.autopilot.truth
        hit["place"], hit["at_s"] = truth, asyncio.get_running_loop().time()
        first.autopilot.reboot()

    result, seen, facts = fly(
        day("ardupilot", "px4", orders=4, later="09:10", limit_h=0.7),
        script=script,
        folder=tmp_path,
    )
    (hazard, *_) = of(facts, HazardMet)
    assert result.facts_lost == result.facts_counted_twice == 0
    second = list(seen.drones)[1]
    near = [
        second_s
        for second_s, (place, up_m) in enumerate(seen.tracks[second])
        if second_s > hit["at_s"] + 60 and up_m > 1.0 and distance_m(place, hazard.place) < 70.0
    ]
    assert not near
    assert of(facts, FlightPhaseEntered)
