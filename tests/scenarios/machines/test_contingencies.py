"""Drones in trouble in mid-flight by the shipped daemon, both firmwares (A3, A4, A6, A9)."""

import asyncio

import pytest

from edge.messages.facts import (
    GuardStopped,
    RemoteIdBack,
    RemoteIdLost,
    RemoteIdMeasured,
)
from edge.messages.geo import distance_m
from sim.scenario import load_scenario
from sim.trouble.tables import Gale, NoFly, Pad
from tests.scenarios.machines.drones import beside, day, fly, height_m, of, until
from tests.scenarios.machines.test_drones import fine

BOTH = ("ardupilot", "px4")
pytestmark = pytest.mark.soak
ALOFT_M = 3.0


def is_far_out(drone, away_m=250.0):
    return height_m(drone) > 30.0 and drone.away_m > away_m


def seconds_inside(track, middle, radius_m, from_s):
    return [
        second
        for second, (place, up_m) in enumerate(track)
        if second >= from_s and up_m > ALOFT_M and distance_m(place, middle) < radius_m
    ]


def at_nine(minute):
    return 60 * (minute + 2)  # days open at 08:58


@pytest.mark.parametrize("manner", BOTH)
@pytest.mark.parametrize("seed", range(1, 4))
def test_a3_a_zone_that_comes_up_round_it_is_left_by_the_shortest_way(manner, seed, tmp_path):
    """The same day twice: the second time there is a zone where it flies then."""
    _, seen, _ = fly(day(manner, orders=2), seed, folder=tmp_path / "free")
    (track,) = seen.tracks.values()
    home = track[0][0]
    minute = next(
        m for m in range(2, 60) if track[at_nine(m)][1] > 30.0
        and distance_m(home, track[at_nine(m)][0]) > 250.0
    )  # fmt: skip
    where = track[at_nine(minute)][0]
    north_m = (where.lat_deg - home.lat_deg) * 111_263
    east_m = (where.lon_deg - home.lon_deg) * 67_900
    zone = NoFly(at=f"09:{minute:02}", minutes=90, east_m=east_m, north_m=north_m + 40.0,
                 radius_m=130.0)  # fmt: skip
    result, seen, facts = fly(
        day(manner, orders=2, no_fly=(zone,)), seed, folder=tmp_path / "shut"
    )
    assert result.balanced
    assert result.facts_lost == result.facts_counted_twice == 0
    (track,) = seen.tracks.values()
    inside = seconds_inside(track, beside(home, east_m, north_m + 40.0), 130.0, at_nine(minute))
    assert inside, "it was not caught"
    assert inside[-1] - inside[0] <= 45, inside  # 130 m, a turn, and the news
    assert len(inside) == inside[-1] - inside[0] + 1  # never again
    assert "zone" in {stop.reason for stop in of(facts, GuardStopped)}
    (drone,) = seen.drones.values()
    assert drone.away_m < 5.0
    assert fine(result)


@pytest.mark.parametrize("manner", BOTH)
@pytest.mark.parametrize("occupied", [False, True])
def test_a6_it_lands_at_the_site_of_least_risk_and_at_another_if_that_is_occupied(
    manner, occupied, tmp_path
):
    """Home is too far for what is left; somebody stands on the roof."""
    pads = (
        Pad(name="roof", east_m=560.0, north_m=690.0, risk=1),
        Pad(name="field", east_m=650.0, north_m=600.0, risk=4),
    )
    told = {}

    async def script(drones):
        (drone,) = drones.values()
        plant = drone.autopilot.autopilot.plant
        home = drone.autopilot.autopilot.truth
        await until(drone, lambda it: is_far_out(it, 760.0))
        plant.machine.battery.left_frac = 0.27
        told["home"] = home
        while True:
            truth = drone.autopilot.autopilot.truth
            near = distance_m(truth, told["roof"]) < 6.0
            plant.below_m = 1.8 if occupied and near else 0.0
            await asyncio.sleep(0.1)

    async def placed(drones):
        (drone,) = drones.values()
        told["roof"] = beside(drone.autopilot.autopilot.truth, 560.0, 690.0)
        told["field"] = beside(drone.autopilot.autopilot.truth, 650.0, 600.0)
        await script(drones)

    result, seen, facts = fly(
        day(manner, orders=3, pad=pads, limit_h=0.6), script=placed, folder=tmp_path
    )
    assert any(stop.reason == "energy" for stop in of(facts, GuardStopped))
    (drone,) = seen.drones.values()
    body = drone.autopilot.autopilot.plant.machine.body
    assert (body.up_m, body.crashed) == (0.0, False)
    (track,) = seen.tracks.values()
    end = track[-1][0]
    assert distance_m(end, told["field" if occupied else "roof"]) < 4.0
    nearest_m = min(distance_m(place, told["roof"]) for place, _ in track)
    assert nearest_m < 6.0
    if occupied:
        low = [up_m for place, up_m in track if distance_m(place, told["roof"]) < 4.0]
        assert min(low) > 5.0
    reserve_j = 200_000
    assert drone.autopilot.autopilot.plant.machine.battery.left_frac * 1_200_000 > reserve_j
    assert result.facts_lost == result.facts_counted_twice == 0


@pytest.mark.parametrize("manner", BOTH)
@pytest.mark.parametrize(
    ("rain_mm_h", "ends"), [(0.9, "goes on"), (1.1, "returns"), (1.4, "lands")]
)
def test_a4_in_flight_it_goes_on_returns_or_lands_by_rule(manner, rain_mm_h, ends, tmp_path):
    gale = Gale(at="09:06", minutes=25, rain_mm_h=rain_mm_h)
    pad = Pad(name="field", east_m=540.0, north_m=640.0, risk=4)
    scenario = day(manner, orders=3, gale=(gale,), pad=(pad,), limit_h=1.2)
    result, seen, facts = fly(scenario, folder=tmp_path)
    stops = [stop for stop in of(facts, GuardStopped) if stop.reason == "weather"]
    (track,) = seen.tracks.values()
    (drone,) = seen.drones.values()
    assert result.facts_lost == result.facts_counted_twice == 0
    assert not drone.autopilot.autopilot.plant.machine.body.crashed
    if ends == "goes on":
        assert not stops
        assert fine(result)
        assert result.outcomes == {"DELIVERED": 3}
    elif ends == "returns":
        assert "it must return" in stops[0].why
        assert fine(result)
        assert result.outcomes == {"DELIVERED": 2, "RETURNED": 1}
        assert drone.away_m < 5.0
    else:
        assert "it must land" in stops[0].why
        middle = beside(track[0][0], pad.east_m, pad.north_m)
        assert distance_m(track[-1][0], middle) < 4.0
        assert track[-1][1] == 0.0


@pytest.mark.parametrize("manner", BOTH)
def test_a9_remote_id_that_is_lost_in_flight_is_reported_and_so_is_its_return(manner, tmp_path):
    async def script(drones):
        (drone,) = drones.values()
        await until(drone, is_far_out)
        drone.autopilot.autopilot.plant.says_who = False
        await asyncio.sleep(40.0)
        drone.autopilot.autopilot.plant.says_who = True

    result, _, facts = fly(day(manner, orders=1), script=script, folder=tmp_path)
    assert fine(result)
    assert result.outcomes == {"DELIVERED": 1}
    (lost,), (back,) = of(facts, RemoteIdLost), of(facts, RemoteIdBack)
    assert lost.place is not None
    assert 39.0 <= back.silent_s <= 42.0
    (measured,) = of(facts, RemoteIdMeasured)
    assert 37 <= measured.late <= 42


def test_a9_in_a_whole_day_it_is_a_second_old_at_most_in_999_of_1000_seconds(tmp_path):
    result, _, facts = fly(load_scenario("drone_day"), folder=tmp_path)
    assert fine(result)
    flights = of(facts, RemoteIdMeasured)
    seconds, late = sum(f.seconds for f in flights), sum(f.late for f in flights)
    assert len(flights) >= 10
    assert seconds > 1000
    assert late <= seconds / 1000, (late, seconds)
