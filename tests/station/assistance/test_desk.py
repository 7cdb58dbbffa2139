"""The console's side of helping: one session a robot, over the station's connection (S6)."""

import asyncio
import json
from random import Random

import pytest

from edge.clock import LoopClock
from edge.errors import RefusedError
from edge.messages.broker import catalog
from edge.messages.geo import Place
from sim.broker import SimBroker
from station.assistance.desk import HelpDesk
from station.console.helping import ask
from station.remote.answers import BadRequestError
from tests.station.assistance.test_helping import MORNING, ROBOT, STATION, World

HERE = Place(lat_deg=48.1, lon_deg=11.5)
KNOWN = {"bot-1": {ROBOT.public.key_id: ROBOT.public}}


def post(desk, name, **fields):
    return json.loads(ask(desk, name, json.dumps(fields).encode()))


class Robot(World):
    """The robot of a World, at a broker."""

    async def live(self, connect, clock):
        up = catalog.topic("demo", "bot-1", "helped")
        async with connect((catalog.topic("demo", "bot-1", "help"),), None) as link:
            listening = asyncio.ensure_future(self.listen(link, clock))
            try:
                while True:
                    self.now_s = clock.now_s()
                    if self.lease.held is None:
                        self.operator = ""
                    await link.publish(up, self.answer(), qos=0)
                    await asyncio.sleep(0.4)
            finally:
                listening.cancel()

    async def listen(self, link, clock):
        async for _, payload in link.messages():
            self.now_s = clock.now_s()
            self.take(payload)


async def hear(link, desk):
    async for topic, payload in link.messages():
        desk.hear(topic.split("/")[3], payload)


async def held(desk, session, lasts_s, **fields):
    for _ in range(round(lasts_s / 0.4)):
        told = post(desk, "say", session=session, here=True, **fields)
        await asyncio.sleep(0.4)
    return told


async def use(desk, robot):
    """Do what a person does with the panel."""
    session = post(desk, "begin", vehicle="bot-1", operator=" ada ")["session"]
    told = await held(desk, session, 4.0)
    assert (told["state"], told["operator"], told["phase"]) == ("helping", "ada", "assisted")
    with pytest.raises(RefusedError, match="ada helps it already"):
        post(desk, "begin", vehicle="bot-1", operator="bob")
    with pytest.raises(RefusedError, match="not known"):
        post(desk, "say", session=session, here=True, goal={"lat_deg": 48.1, "lon_deg": 11.5})
    post(desk, "say", session=session, here=True, wish="stand")
    await held(desk, session, 1.0)
    assert robot.steered_s, "it was told to stand"
    post(desk, "say", session=session, wish="back")
    await asyncio.sleep(2.0)
    assert post(desk, "say", session=session)["why"] == "given back"
    again = post(desk, "begin", vehicle="bot-1", operator="bob")["session"]
    await held(desk, again, 4.0)
    await asyncio.sleep(6.0)  # the page is closed
    assert post(desk, "say", session=again)["why"].startswith("not heard")
    with pytest.raises(RefusedError, match="over"):
        post(desk, "say", session=session)


def test_s6_the_panel_begins_holds_and_ends_a_session(simulate):
    async def main():
        clock = LoopClock(asyncio.get_running_loop(), MORNING, "simulated")
        broker, robot = SimBroker(Random(1)), Robot()
        desk = HelpDesk("demo", STATION, KNOWN, clock)
        with pytest.raises(RefusedError, match="no connection"):
            post(desk, "begin", vehicle="bot-1", operator="ada")
        heard = catalog.filters("demo", "up", recorded=False)
        async with broker.connector("station")(heard, None) as link:
            living = [
                asyncio.ensure_future(one)
                for one in (
                    desk.run(link),
                    hear(link, desk),
                    robot.live(broker.connector("bot-1"), clock),
                )
            ]
            await asyncio.sleep(0.1)
            await use(desk, robot)
            for one in living:
                one.cancel()
            await asyncio.gather(*living, return_exceptions=True)
        assert not desk.connected

    simulate(main)


def test_what_is_wrong_is_said():
    desk = HelpDesk("demo", STATION, KNOWN, None)
    with pytest.raises(RefusedError, match="bot-9"):
        post(desk, "begin", vehicle="bot-9", operator="ada")
    desk.connected = True
    with pytest.raises(RefusedError, match="who helps"):
        post(desk, "begin", vehicle="bot-1", operator=" ")
    with pytest.raises(RefusedError, match="over"):
        post(desk, "say", session="x")
    for body in (b"", b"[]", b'{"session": 3}', b'{"session": "a", "speed_mps": 9}'):
        with pytest.raises(BadRequestError):
            ask(desk, "say", body)
    with pytest.raises(KeyError):
        ask(desk, "fly", b"{}")
    with pytest.raises(RefusedError, match="helps no robots"):
        ask(None, "begin", b"{}")
