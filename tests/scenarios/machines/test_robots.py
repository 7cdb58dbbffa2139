"""Robots' days by the shipped daemon, guard and station, on both firmwares (S3-S5, S7).

A day of them takes a quarter of a minute of a processor, so all are in the soak; the same
machine, guard and controller are in `tests/edge/sidewalk/` in a fraction of that.
"""

import asyncio

import pytest
from msgspec.structs import replace

from edge.messages.facts import (
    CompartmentEmptied,
    CrossingTaken,
    DoorGivenUp,
    DrivePhaseEntered,
    LidIntended,
    MachineDirected,
    MachineTampered,
    ParcelEnded,
)
from edge.messages.parcels import Outcome
from sim.scenario import Group, load_scenario
from station.directing.desk import DirectRequest
from tests.scenarios.machines.drones import Seen, fly, of, until

BOTH = ("ardupilot", "px4")
OVER_ROADS = 2  # a seed whose ways lead over roads; in the town of seed 1 they turn a corner
pytestmark = pytest.mark.soak


def day(*manners, orders=2, away_frac=0.0):
    """Return a short day with one robot of each manner, that begins at nine."""
    scenario = load_scenario("robot_day")
    groups = tuple(
        Group(
            name=f"{manner}-{number}",
            kind="robot",
            capacity_kg=20.0,
            capacity_l=60.0,
            shift_start="09:00",
            shift_end="14:00",
            manner=manner,
        )
        for number, manner in enumerate(manners, 1)
    )
    return replace(
        scenario,
        day=replace(scenario.day, opens="08:58", limit_h=2.0),
        town=replace(scenario.town, avenues=3, streets=3),
        group=groups,
        orders=replace(scenario.orders, stops=orders),
        customers=replace(scenario.customers, away_frac=away_frac),
    )


def fine(result):
    return (
        result.balanced
        and not result.problems
        and not result.findings
        and result.facts_lost == result.facts_counted_twice == 0
    )


def when(happens, does):
    """Return a script that does something once, as soon as something happens to a robot."""

    async def script(robots):
        for robot in robots.values():
            await until(robot, happens, 0.2)
            await does(robot)

    return script


async def kill(robot):
    robot.board.machine.kill(2.0)


@pytest.mark.parametrize("manner", BOTH)
def test_s5_parcels_are_brought_to_doors_on_both_firmwares_and_the_books_balance(
    manner, tmp_path
):
    result, seen, facts = fly(day(manner), OVER_ROADS, folder=tmp_path)
    assert fine(result)
    assert result.outcomes == {"DELIVERED": 2}
    (robot,) = seen.drones.values()
    assert len(of(facts, LidIntended)) == len(of(facts, CompartmentEmptied)) == 2
    assert not of(facts, DoorGivenUp)
    assert of(facts, CrossingTaken)
    assert all(ended.pin_verified for ended in of(facts, ParcelEnded))
    assert len(robot.at_lid.taken) == 2
    assert robot.away_m < 5.0
    assert not robot.loader.refusals
    assert robot.box.lid_frac == 0.0


def test_s5_nobody_comes_and_the_parcels_come_back(tmp_path):
    result, seen, facts = fly(day("ardupilot", orders=1, away_frac=1.0), folder=tmp_path)
    assert fine(result)
    assert result.outcomes == {"RETURNED": 1}
    (robot,) = seen.drones.values()
    assert [fact.on_board for fact in of(facts, DoorGivenUp)] == [True]
    assert not of(facts, LidIntended)
    assert robot.away_m < 5.0


@pytest.mark.parametrize(
    "at",
    [
        lambda robot: robot.away_m > 25.0,
        lambda robot: robot.box.lid_frac > 0.3,
        lambda robot: any(robot.box.doors),
    ],
    ids=["driving", "opening", "taking"],
)
def test_s5_a_daemon_that_dies_asks_its_devices_and_goes_on(at, tmp_path):
    result, seen, facts = fly(
        day("ardupilot", orders=1), script=when(at, kill), folder=tmp_path
    )
    assert fine(result)
    assert sum(result.outcomes.values()) == 1
    assert "syncing" in [fact.phase for fact in of(facts, DrivePhaseEntered)]
    (robot,) = seen.drones.values()
    taken = len(robot.at_lid.taken)
    assert len(of(facts, CompartmentEmptied)) == taken
    assert result.outcomes.get("DELIVERED", 0) == taken
    assert robot.box.lid_frac == 0.0
    assert robot.away_m < 5.0


class Dispatcher(Seen):
    """Lifts a robot, and decides about it at the station."""

    def __init__(self, _script):
        super().__init__(self.lift)
        self.became = []

    async def lift(self, robots):
        (robot,) = robots.values()
        await until(robot, lambda robot: robot.away_m > 25.0, 0.2)
        robot.box.is_lifted = True
        await asyncio.sleep(5.0)
        await self.decide(robot, "looked_after")
        robot.box.is_lifted = False
        await asyncio.sleep(10.0)
        await self.decide(robot, "go_on")
        await self.decide(robot, "looked_after")

    async def decide(self, robot, wish):
        office, _ = await self.house.opened()
        request = DirectRequest(vehicle=robot.name, wish=wish, by="bob", why="seen")
        sent = await office.directing.direct(request)
        while sent.state == "waiting":
            await asyncio.sleep(1.0)
            sent = await office.directing.became(sent)
        self.became.append((wish, sent.state, sent.reason))


def test_s7_once_a_person_has_looked_the_lifted_robot_brings_its_parcel(tmp_path):
    result, seen, facts = fly(day("px4", orders=1), folder=tmp_path, hands=Dispatcher)
    assert fine(result)
    early, other, looked = seen.became
    assert early[:2] == ("looked_after", "refused")
    assert "it was lifted" in early[2]
    assert other[:2] == ("go_on", "refused")
    assert looked == ("looked_after", "done", "")
    assert [fact.by for fact in of(facts, MachineDirected)] == ["bob"]
    (ended,) = of(facts, ParcelEnded)
    assert ended.outcome is Outcome.DELIVERED


def test_s7_a_robot_that_is_lifted_stays_where_it_is(tmp_path):
    sounded_ms = []

    async def lift(robot):
        robot.box.is_lifted = True
        await asyncio.sleep(5.0)
        robot.box.is_lifted = False
        for _ in range(4):
            sounded_ms.append(robot.lid.controller.siren.until_ms)
            await asyncio.sleep(30.0)
        sounded_ms.append(robot.lid.controller.now_ms)

    lifted = day("px4", orders=1)
    lifted = replace(lifted, day=replace(lifted.day, limit_h=0.5))
    script = when(lambda robot: robot.away_m > 25.0, lift)
    result, seen, facts = fly(lifted, script=script, folder=tmp_path)
    assert result.problems  # the day does not end: nobody has looked after it
    (told,) = of(facts, MachineTampered)
    assert told.what == "it was lifted"
    assert told.place is not None
    until_ms, *later_ms, now_ms = sounded_ms
    assert until_ms < now_ms - 60_000
    assert set(later_ms) == {until_ms}, "nobody lifts it any more: it sounds no second time"
    (robot,) = seen.drones.values()
    last = seen.tracks[robot.name][-60:]
    assert len({place for place, _ in last}) == 1
