"""A robot with everything in it: board, autopilot, controller, lookout, and people round it."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec.structs import replace

from edge.config import (
    AutopilotRates,
    AutopilotSection,
    Config,
    GnssSection,
    LookoutSection,
    McuSection,
    SidewalkSection,
)
from edge.messages.geo import Place
from edge.messages.parcels import ParcelId
from edge.roads.graph import RoadGraph
from edge.uplink.port import Connect
from sim.chance import chance
from sim.devices.autopilot.build import Setup, build
from sim.devices.autopilot.cable import OnCable
from sim.devices.autopilot.pilot.sensors import SensorFaults
from sim.devices.lid import LidOnCable
from sim.devices.lookout import Lookout
from sim.people.at_lid import AtLid
from sim.people.customer import Customers
from sim.people.loader import Loader
from sim.people.tailgate import Tailgate
from sim.scenario import Scenario
from sim.vehicles.board import Board
from sim.vehicles.config import Keys
from sim.vehicles.equipped import GROUND_M, SET_BY_HAND, Uncrewed, set_by_hand
from sim.vehicles.machines.body import Machine
from sim.vehicles.machines.strongbox import Strongbox
from sim.wire import Cable, Ports

AUTOPILOT_PORT, LID_PORT, LOOKOUT_PORT = (
    f"/dev/serial/by-id/usb-simulated-{name}" for name in ("autopilot", "lid", "lookout")
)
COMPARTMENTS = 8
RTK = SensorFaults(drift_m=0.04, noise_m=0.01, accuracy_m=0.1)
"""Without corrections no robot keeps to a pavement of two metres."""
WALKS_MPS = 1.2  # what its planner reckons with where it knows no roads
SET_ON_A_ROVER = SET_BY_HAND | {"FS_ACTION": 2.0, "WP_RADIUS": 0.5, "NAV_ACC_RAD": 0.5}


def robot_config(config: Config, pavements: Path | None, kerbs: Path | None) -> Config:
    """Return a robot's vehicle.toml, from that of a van at the same station."""
    roads = str(pavements) if pavements is not None else config.planner.roads
    return replace(
        config,
        vehicle=replace(config.vehicle, kind="robot"),
        gnss=GnssSection(source="autopilot"),
        autopilot=AutopilotSection(
            link=f"serial:{AUTOPILOT_PORT}", rates=AutopilotRates(motion_hz=10.0)
        ),
        mcu=McuSection(link=f"serial:{LID_PORT}"),
        lookout=LookoutSection(link=f"serial:{LOOKOUT_PORT}"),
        sidewalk=SidewalkSection(
            compartments=COMPARTMENTS, kerbs=str(kerbs) if kerbs is not None else None
        ),
        planner=replace(config.planner, speed_mps=WALKS_MPS, roads=roads),
    )


class Robot(Uncrewed):
    """Everything of one robot's day."""

    def __init__(
        self,
        scenario: Scenario,
        name: str,
        *,
        seed: int,
        config: Config,
        keys: Keys,
        parked: Place,
        weights_kg: Mapping[ParcelId, float],
        pins: Mapping[ParcelId, str],
        connect: Connect,
        folder: Path,
        tailgate: Tailgate,
        sever: Callable[[], None] = lambda: None,
    ) -> None:
        """Put it before the station at `parked`."""
        super().__init__(scenario, name, parked)
        clock = self._new_clock()
        setup = Setup(
            kind="rover",
            manner=self._group.manner,
            home=(parked.lat_deg, parked.lon_deg, GROUND_M),
            faults=RTK,
            seed=chance(seed, name, "autopilot").randrange(2**31),
        )
        autopilot = build(setup, now_s=self._loop.time(), utc=self._utc())
        set_by_hand(autopilot, SET_ON_A_ROVER)
        ports = Ports()
        cables = {
            port: Cable(chance(seed, name, port), scenario.cable)
            for port in (AUTOPILOT_PORT, LID_PORT, LOOKOUT_PORT)
        }
        for port, cable in cables.items():
            ports.attach(port, cable)
        self.cable = cables[AUTOPILOT_PORT]
        self.autopilot = OnCable(autopilot, self.cable, clock=clock)
        self.box = Strongbox(COMPARTMENTS)
        self.lid = LidOnCable(self.box, cables[LID_PORT], clock=clock)
        roads = config.planner.roads
        self.lookout = Lookout(
            cables[LOOKOUT_PORT],
            lambda: autopilot.truth,
            chance(seed, name, "lookout"),
            graph=RoadGraph.open(Path(roads)) if roads is not None else None,
        )
        self.board = Board(
            config,
            key=keys.own,
            seed=seed,
            ports=ports,
            connect=connect,
            folder=folder,
            new_clock=self._new_clock,
            sever=sever,
        )
        self.at_lid = AtLid(
            self.board.cab, self.lid, self.lookout, Customers(seed, scenario.customers, pins)
        )
        self.loader = Loader(
            f"loader-{name}",
            self.board.cab,
            Trunk(self.box, autopilot.plant.machine, weights_kg),
            chance(seed, name, "loader"),
            self._is_away,
            tailgate,
        )

    async def run(self) -> None:
        """Live through the day, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.board.machine.run(), name=f"{self.name} board")
            tasks.create_task(self.autopilot.run(), name=f"{self.name} autopilot")
            tasks.create_task(self.lid.run(), name=f"{self.name} lid")
            tasks.create_task(self.lookout.run(), name=f"{self.name} lookout")
            tasks.create_task(self.at_lid.run(), name=f"{self.name} customers")
            tasks.create_task(self._work(self.loader.work), name=f"{self.name} loader")


class Trunk:
    """The compartments as whoever loads them sees them."""

    def __init__(
        self, box: Strongbox, machine: Machine, weights_kg: Mapping[ParcelId, float]
    ) -> None:
        self._box = box
        self._machine = machine
        self._weights_kg = weights_kg

    def put_in(self, parcel_id: ParcelId, number: int) -> None:
        """Put a parcel into the compartment that the route's list gives it."""
        self._box.put_in(parcel_id, number)
        self._machine.payload_kg += self._weights_kg.get(parcel_id, 0.5)

    def take_out(self, parcel_id: ParcelId) -> bool:
        """Take a parcel out; tell whether it was there."""
        if not self._box.take_out(parcel_id):
            return False
        weight_kg = self._weights_kg.get(parcel_id, 0.5)
        self._machine.payload_kg = max(0.0, self._machine.payload_kg - weight_kg)
        return True

    def refresh(self) -> None:
        """Charge it."""
        self._machine.battery.renew()
