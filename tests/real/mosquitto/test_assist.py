"""`doorstep-station assist` as a process, over a real mosquitto, to a robot's own line (S6)."""

import asyncio
import subprocess
import sys

import pytest

from edge.assistance.lease import Helped, Lease
from edge.assistance.line import HelpLine, Stand
from edge.messages.facts import AssistanceRefused
from edge.messages.geo import Place, distance_m
from edge.messages.machines.pavement import HelperBeat, HelperSteers
from tests.edge.uplink.peers import STATION_KEY
from tests.edge.uplink.vehicle import KEY, Vehicle, until
from tests.real.drive.sites import FLEET_TOML, ORG, STATION_TOML
from tests.real.ways_in import way_in

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("mosquitto")]

HERE = Place(lat_deg=48.1, lon_deg=11.5)


def station_of(folder, port):
    """Write a station that knows one robot."""
    (folder / "station.key").write_text((b"s" * 32).hex() + "\n")
    (folder / "station.key").chmod(0o600)
    head = STATION_TOML.format(org=ORG, lat_deg=48.1, lon_deg=11.5, broker=port, console=8080)
    robot = FLEET_TOML.format(
        name="bot-1", kind="robot", capacity_kg=20, capacity_l=60,
        public_key=KEY.public.to_hex(),
    )  # fmt: skip
    (folder / "station.toml").write_text(head + robot)
    return folder / "station.toml"


class Robot:
    """Goes at once where it is steered, and stands when nobody helps."""

    def __init__(self, vehicle):
        self.beats, self.steered, self.refused = [], [], []
        self.place, self.operator = HERE, ""
        self.lease = Lease("bot-1", [STATION_KEY.public], "e.1")
        self.line = HelpLine(
            self.lease, "bot-1", key=KEY, clock=vehicle.clock,
            stand=self.stand, hear=self.hear, record=self.record,
        )  # fmt: skip

    def stand(self):
        if self.lease.held is None:
            self.operator = ""
        phase = "assisted" if self.operator else "stopped"
        return Stand(phase, Helped(self.operator), place=self.place, speed_mps=0.0)

    def hear(self, word):
        if isinstance(word, HelperSteers):
            self.place = word.place or self.place
            self.steered.append(word.place)
        elif isinstance(word, HelperBeat):
            self.operator = word.operator if word.left_s > 0 else ""
            self.beats.append(word)

    async def record(self, fact):
        self.refused.append(fact)


async def assisting(config, operator):
    command = (sys.executable, "-m", "station", "--config", str(config), "assist", "bot-1")
    return await asyncio.create_subprocess_exec(
        *command, "--operator", operator, "--seconds", "60",
        stdin=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


async def test_s6_two_people_over_a_real_broker_one_steers_and_gives_back(broker, tmp_path):
    config = station_of(tmp_path, broker.port)
    vehicle = Vehicle(tmp_path / "store", way_in(broker, "bot-1"), name="bot-1", source="host")
    await vehicle.open()  # by a clock that nobody vouches for, and which is not the station's
    robot = Robot(vehicle)
    vehicle.uplink.attend(robot.line)
    running = [
        asyncio.ensure_future(vehicle.uplink.run()),
        asyncio.ensure_future(robot.line.tell()),
    ]
    try:
        await until(lambda: vehicle.uplink.online)
        ada = await assisting(config, "ada")
        await until(lambda: len(robot.beats) >= 2, within_s=20.0)
        bob = await assisting(config, "bob")
        ada.stdin.write(b"move 3 4 0.8\n")
        await until(lambda: len(robot.steered) >= 2)
        _, said = await bob.communicate()
        assert bob.returncode == 1
        assert b"Over: ada helps it already." in said
        ada.stdin.write(b"back\n")
        _, said = await ada.communicate()
        assert ada.returncode == 0, said.decode()
        assert b"Over: given back." in said
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await vehicle.close()
    assert distance_m(HERE, robot.steered[0]) == pytest.approx(5.0, abs=0.01)
    assert robot.beats[-1].left_s == 0.0
    assert {one.operator for one in robot.beats} == {"ada"}
    assert all(isinstance(one, AssistanceRefused) for one in robot.refused)
