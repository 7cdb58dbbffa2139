"""A person steers a robot through the broker in its day, and the broker dies meanwhile (S6)."""

import asyncio
import math

import pytest
from msgspec.structs import replace

import sim.run
from edge.errors import LinkError
from edge.messages.facts import (
    AssistanceBegan,
    AssistanceEnded,
    AssistanceRefused,
    AssistanceSteered,
    HelpWanted,
)
from sim.broker import SimBroker
from sim.depot.office import ORG
from sim.vehicles.config import vehicle_key
from station.assistance.helping import Helping
from station.assistance.voice import Voice
from tests.scenarios.machines.drones import beside, fly, of, until
from tests.scenarios.machines.test_robots import day

pytestmark = pytest.mark.soak
SEED = 1
STOPS_WITHIN_S = 2.0 + 1.0  # the beats, and a brake from 0.8 m/s


class Known(SimBroker):
    """The day's broker, known to the test."""

    def __init__(self, *given, **more):
        super().__init__(*given, **more)
        Known.now = self


def a_voice(robot, operator, clock, number):
    helping = Helping(
        robot.name,
        operator,
        session=f"{number:016x}",
        lasts_s=120.0,
        key=vehicle_key(SEED, "station"),
        keys=[vehicle_key(SEED, robot.name).public],
        now_s=clock.now_s(),
    )
    return Voice(helping, ORG, clock)


async def reach(voice, state):
    while voice.helping.state not in (state, "over"):  # noqa: ASYNC110 (it tells nobody)
        await asyncio.sleep(0.1)


def test_s6_when_the_broker_dies_in_the_midst_of_steering_it_stands_within_two_seconds(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(sim.run, "SimBroker", Known)
    speeds, told = [], {}

    async def help_it(robot):
        loop, broker = asyncio.get_running_loop(), Known.now
        clock = robot._new_clock()
        voice, second = a_voice(robot, "ada", clock, 1), a_voice(robot, "bob", clock, 2)
        talk = [
            asyncio.ensure_future(
                one.converse(broker.connector(one.helping.operator), ORG, lambda: None)
            )
            for one in (voice, second)
        ]
        await reach(voice, "helping")
        assert voice.helping.state == "helping", voice.helping.why
        await reach(second, "helping")
        told["second"] = second.helping.why
        truth = robot.autopilot.autopilot.truth
        place = voice.helping.newest.place
        back = math.radians(truth.heading_deg + 180.0)
        there = beside(place, 12.0 * math.sin(back), 12.0 * math.cos(back))
        voice.hold(60.0)
        voice.steer(there, 0.8)
        await asyncio.sleep(6.0)
        told["steered"] = robot.autopilot.autopilot.truth.speed_mps
        told["refused"] = voice.helping.refused
        broker.stop()
        cut_s = loop.time()
        while loop.time() < cut_s + 12.0:
            speeds.append((loop.time() - cut_s, robot.autopilot.autopilot.truth.speed_mps))
            await asyncio.sleep(0.1)
        broker.start()
        await talk[1]  # it was over before
        with pytest.raises(LinkError):
            await talk[0]

    async def script(robots):
        (robot,) = robots.values()
        await until(robot, lambda one: one.away_m > 25.0, 0.2)
        await help_it(robot)

    helped = replace(day("ardupilot", orders=1))
    helped = replace(helped, day=replace(helped.day, limit_h=0.3))
    _, _, facts = fly(helped, SEED, script=script, folder=tmp_path)
    assert not told["refused"]
    assert told["steered"] > 0.3, "it moved"
    assert "ada helps it already" in told["second"]
    moving_s = [at_s for at_s, speed_mps in speeds if speed_mps > 0.05]
    assert max(moving_s) <= STOPS_WITHIN_S
    assert min(moving_s) < 0.5
    (began,), (ended,) = of(facts, AssistanceBegan), of(facts, AssistanceEnded)
    assert began.operator == ended.operator == "ada"
    assert "not heard" in ended.why
    (steered,) = of(facts, AssistanceSteered)
    assert (steered.operator, steered.speed_mps) == ("ada", 0.8)
    assert of(facts, HelpWanted), "it goes on by nobody's word but a person's"
    assert [fact.operator for fact in of(facts, AssistanceRefused)] in ([], ["bob"])
