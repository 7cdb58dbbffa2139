"""Somebody helps a robot from the console in Chromium: the button is a dead man's (S6)."""

import asyncio
import shutil
from random import Random

import pytest
from playwright.async_api import async_playwright

from edge.clock import LoopClock
from edge.messages.broker import catalog
from edge.messages.broker.wire import to_json
from edge.messages.geo import Place, distance_m
from edge.messages.state import Live, Status
from edge.uplink.port import Will
from sim.broker import NetworkFaults, SimBroker
from station.config import ConsoleSection, StationConfig, StationSection, VehicleSection
from station.keys import StationKeys, vehicle_keys
from station.serve import Station
from station.store.database import Database
from tests.edge.driver.page.phone import ARGUMENTS, CHROMIUM
from tests.edge.uplink.peers import STATION_KEY
from tests.edge.uplink.vehicle import KEY, until
from tests.real.browser.console import Console
from tests.real.mosquitto.test_assist import HERE, ORG, Robot

pytestmark = [
    pytest.mark.real,
    pytest.mark.browser,
    pytest.mark.soak,
    pytest.mark.timeout(120),
    pytest.mark.xdist_group("chromium"),
    pytest.mark.skipif(shutil.which(CHROMIUM) is None, reason="chromium is not installed"),
]


class Standing:
    """As much of a vehicle as a robot's line needs."""

    def __init__(self):
        self.clock = LoopClock.started_now()


async def connected(robot, broker, clock):
    """Be the robot's end of the broker: presence, place, and its line."""
    status = catalog.topic(ORG, "bot-1", "status")
    gone = Will(status, to_json(Status(vehicle="bot-1", state="offline")))
    heard = catalog.filters(ORG, "down", "bot-1")
    async with broker.connector("bot-1")(heard, gone) as link, asyncio.TaskGroup() as tasks:
        online = Status(vehicle="bot-1", state="online")
        await link.publish(status, to_json(online), qos=1, retained=True)
        tasks.create_task(robot.line.run(link, catalog.topic(ORG, "bot-1", "helped")))
        tasks.create_task(show(link, clock))
        async for topic, payload in link.messages():
            if topic.endswith("down/help"):
                robot.line.offer(payload)


async def show(link, clock):
    while True:
        live = Live(
            vehicle="bot-1", utc=clock.utc(), time_source="gnss", fix="gnss", place=HERE
        )
        await link.publish(catalog.topic(ORG, "bot-1", "live"), to_json(live), qos=0)
        await asyncio.sleep(1.0)


def a_station(folder, broker, database):
    section = StationSection(
        name="Depot", org=ORG, timezone="UTC", lat_deg=HERE.lat_deg, lon_deg=HERE.lon_deg,
        data_folder=str(folder), signing_key_file="",
    )  # fmt: skip
    robot = VehicleSection(name="bot-1", kind="robot", public_key=KEY.public.to_hex())
    config = StationConfig(station=section, vehicle=(robot,))
    keys = StationKeys(STATION_KEY, vehicle_keys(config), b"p" * 32)
    return Station(
        config, keys, database, clock=LoopClock.started_now(),
        connect=broker.connector("station", NetworkFaults(delay_s=0.005)), rng=Random(5),
        console=ConsoleSection(port=0),
    )  # fmt: skip


async def steer(page, robot):
    """Take it over, say where to, hold, let go, and give it back."""
    console = Console(page)
    await page.locator("[data-vehicle=bot-1]").first.click()
    await page.fill("#help-operator", "ada")
    await console.press("Take over")
    await console.shows("#help-state", r"assisted")
    box = await page.locator("#map").bounding_box()
    await page.mouse.click(box["x"] + box["width"] / 2 + 60, box["y"] + box["height"] / 2 - 40)
    assert not robot.steered, "a place alone moves nothing"
    button = await page.locator("#help-hold").bounding_box()
    await page.mouse.move(button["x"] + 50, button["y"] + 20)
    await page.mouse.down()
    await until(lambda: robot.steered and robot.steered[-1] is not None, within_s=10.0)
    await page.mouse.up()
    await until(lambda: robot.steered[-1] is None, within_s=10.0)
    count = len(robot.beats)
    await until(lambda: len(robot.beats) > count + 1, within_s=5.0)
    assert robot.steered[-1] is None, "it stands while nobody holds the button"
    await console.press("Give it back")
    await console.shows("#help-state", r"Over: given back")
    return console


async def test_s6_it_moves_only_while_the_button_is_held(tmp_path):
    broker, robot = SimBroker(Random(3)), Robot(Standing())
    database = await Database.open(tmp_path / "station.db")
    station = a_station(tmp_path, broker, database)
    async with async_playwright() as playwright, asyncio.TaskGroup() as tasks:
        living = [
            tasks.create_task(station.run()),
            tasks.create_task(connected(robot, broker, station.office._clock)),
        ]
        await station.ready.wait()
        browser = await playwright.chromium.launch(
            executable_path=shutil.which(CHROMIUM), args=[*ARGUMENTS]
        )
        page = await browser.new_page(viewport={"width": 1300, "height": 800})
        await page.goto(station.console_url)
        console = await steer(page, robot)
        assert not console.troubles
        # The page closes in the midst of it: nobody says anything any more.
        await page.fill("#help-operator", "ada")
        await console.press("Take over")
        await console.shows("#help-state", r"assisted")
        await page.close()
        await until(lambda: robot.lease.held is None, within_s=10.0)
        assert robot.lease.ended.startswith("not heard")
        await browser.close()
        for task in living:
            task.cancel()
    await database.close()
    goals = [one for one in robot.steered if one is not None]
    assert goals
    assert 0.1 < distance_m(HERE, goals[0]) < 30.0
    assert isinstance(goals[0], Place)
