"""Days on which a van brings parcels to machines: custody goes on, whoever is killed."""

import asyncio

import pytest
from msgspec.structs import replace

from edge.clock import LoopClock
from edge.messages.broker.wire import read_fact
from edge.messages.facts import ParcelEnded, ParcelLoaded
from edge.messages.parcels import Outcome
from sim.depot.office import station_config, station_keys
from sim.depot.tally import facts_on_board
from sim.depot.work import work_in_town
from sim.run import run_scenario
from sim.scenario import DeadZone, load_scenario
from station.console.rows import read_route, sum_books
from station.office import Office
from station.store.database import Database
from station.store.day import dispatched_routes_of


class Hands:
    """Kills a machine's daemon once, as soon as a parcel has come on board from another."""

    def __init__(self, victim=None):
        self.victim = victim
        self.killed = 0
        self.names = ()

    def __call__(self, vehicles, _house):
        self.names = tuple(vehicles)
        if self.victim is None:
            return {}
        return {"hands": self.act(vehicles[self.victim])}

    async def act(self, vehicle):
        views, version = vehicle.board.cab.views, 0
        while not self.killed:
            version, view = await views.newer_than(version)
            if any(parcel.loaded and parcel.code for parcel in view.parcels):
                vehicle.board.machine.kill(2.0)
                self.killed += 1
        await asyncio.Event().wait()


def lived(scenario, folder, hands):
    """Run the day; return its result and every vehicle's parcel facts."""
    result = run_scenario(scenario, 1, folder=folder, meddle=hands)
    facts = {}
    for name in hands.names:
        store = sorted((folder / name).glob("disk-*"))[-1] / "store"
        _, sealed = facts_on_board(store)
        facts[name] = [read_fact(fact).data for _, fact in sealed]
    return result, facts


def taken_over(facts, taker):
    return {
        fact.parcel_id: fact.from_vehicle
        for fact in facts[taker]
        if isinstance(fact, ParcelLoaded) and fact.from_vehicle
    }


def ends(facts, vehicle):
    return {f.parcel_id: f for f in facts[vehicle] if isinstance(f, ParcelEnded)}


def carried_to_customers(facts, taker):
    """Assert that all it took over went the whole way, as both sides say; return how many."""
    took, last = taken_over(facts, taker), ends(facts, taker)
    for parcel, giver in took.items():
        gave = ends(facts, giver)[parcel]
        assert (gave.outcome, gave.to_vehicle) == (Outcome.HANDED_OVER, taker)
        assert (last[parcel].outcome, last[parcel].custody) == (Outcome.DELIVERED, "customer")
    return len(took)


def good(result):
    assert result.balanced, result.problems
    assert not result.findings
    assert result.facts_lost == result.facts_counted_twice == 0
    assert sum(result.outcomes.values()) == result.parcels
    assert "HANDED_OVER" not in result.outcomes


def test_l1_a_van_brings_a_drone_its_parcel_and_a_kill_between_the_two_words_costs_nothing(
    tmp_path,
):
    whole = load_scenario("mixed_fleet")
    van, _, swift, _ = whole.groups
    short = replace(
        whole,
        day=replace(whole.day, opens="08:59", limit_h=0.6),
        town=replace(whole.town, avenues=4, streets=4),
        group=(van, replace(swift, shift_start="09:05", meets_m=(200.0, 200.0), reach_m=160.0)),
        orders=replace(whole.orders, stops=3, window_frac=0.0),
        dead_zone=(DeadZone(vehicle="van-1", at="09:03", minutes=8.0),),
    )
    hands = Hands("swift-1")
    result, facts = lived(short, tmp_path, hands)
    good(result)
    assert hands.killed == 1
    assert carried_to_customers(facts, "swift-1") == 1


@pytest.mark.soak
def test_l1_a_mixed_day_ends_balanced_with_hand_overs_to_a_robot_and_a_drone(tmp_path):
    result, facts = lived(load_scenario("mixed_fleet"), tmp_path, Hands())
    good(result)
    assert carried_to_customers(facts, "trundle-1") >= 2
    assert carried_to_customers(facts, "swift-1") >= 1
    assert not taken_over(facts, "eagle-1")
    report, verified, shown = told(tmp_path)
    assert (report.balanced, report.complete) == (True, True)
    assert report.outcomes == result.outcomes
    assert verified.ok
    assert shown.expected == result.parcels == sum(result.outcomes.values())
    assert shown.waiting == shown.on_board == 0


def told(folder):
    """Return what the shipped station's report, verification and console say of the day."""

    async def ask(scenario, seed):
        loop = asyncio.get_running_loop()
        (station,) = folder.rglob("station.db")
        work = work_in_town(scenario, seed, folder)
        config = station_config(scenario, seed, work, station.parent)
        database = await Database.open(station)
        clock = LoopClock(loop, scenario.opens, "simulated")
        office = Office(database, config, station_keys(seed, config), clock)
        report, verified = await office.report(day=work.day), await office.verify()
        shown = await database.read(
            lambda db: sum_books(
                [read_route(db, kept).books for kept in dispatched_routes_of(db, work.day)]
            )
        )
        await database.close()
        return report, verified, shown

    return asyncio.run(ask(load_scenario("mixed_fleet"), 1))
