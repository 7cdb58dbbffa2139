"""A drone with everything in it: the board, the autopilot on its cable, whoever loads it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from edge.config import (
    AutopilotSection,
    Config,
    FlightSection,
    GnssSection,
    GroundHeights,
    LandingSite,
)
from edge.messages.geo import Place, metres_per_degree
from edge.messages.parcels import ParcelId
from edge.uplink.port import Connect
from sim.chance import chance
from sim.devices.autopilot.build import Setup, build
from sim.devices.autopilot.cable import OnCable
from sim.devices.autopilot.pilot.payload import Payload
from sim.people.loader import Loader
from sim.people.tailgate import Tailgate
from sim.scenario import Scenario
from sim.trouble.tables import Gale, Pad
from sim.vehicles.board import Board
from sim.vehicles.config import Keys
from sim.vehicles.equipped import GROUND_M, SET_BY_HAND, Uncrewed, set_by_hand
from sim.vehicles.machines.quadcopter import Quadcopter
from sim.wire import Cable, Ports

AUTOPILOT_PORT = "/dev/serial/by-id/usb-simulated-autopilot"


def drone_config(config: Config, station: Place, pads: Sequence[Pad]) -> Config:
    """Return a drone's vehicle.toml, from that of a van at the same station."""
    north_m, east_m = metres_per_degree(station.lat_deg)
    return replace(
        config,
        vehicle=replace(config.vehicle, kind="drone"),
        gnss=GnssSection(source="autopilot"),
        autopilot=AutopilotSection(link=f"serial:{AUTOPILOT_PORT}"),
        flight=FlightSection(
            ground=GroundHeights(station_m=GROUND_M, lowest_m=GROUND_M, highest_m=GROUND_M),
            site=tuple(
                LandingSite(
                    site_id=pad.name,
                    lat_deg=station.lat_deg + pad.north_m / north_m,
                    lon_deg=station.lon_deg + pad.east_m / east_m,
                    risk=pad.risk,
                )
                for pad in pads
            ),
        ),
        planner=replace(config.planner, roads=None, travel_table=None),
    )


class Drone(Uncrewed):
    """Everything of one drone's day."""

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
        connect: Connect,
        folder: Path,
        tailgate: Tailgate,
        sever: Callable[[], None] = lambda: None,
    ) -> None:
        """Put it on its pad at `parked`; `weights_kg` is what the parcels really weigh."""
        super().__init__(scenario, name, parked)
        sky = scenario.sky
        setup = Setup(
            manner=self._group.manner,
            home=(parked.lat_deg, parked.lon_deg, GROUND_M),
            wind_mps=sky.wind_mps,
            wind_from_deg=sky.wind_from_deg,
            seed=chance(seed, name, "autopilot").randrange(2**31),
        )
        autopilot = build(setup, now_s=self._loop.time(), utc=self._utc())
        set_by_hand(autopilot, SET_BY_HAND)
        self.cable = Cable(chance(seed, name, "cable"), scenario.cable)
        self.autopilot = OnCable(autopilot, self.cable, clock=self._new_clock())
        self.hook = Hook(autopilot.plant.machine, self._payload, weights_kg)  # type: ignore[arg-type]
        ports = Ports()
        ports.attach(AUTOPILOT_PORT, self.cable)
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
        self.loader = Loader(
            f"loader-{name}",
            self.board.cab,
            self.hook,
            chance(seed, name, "loader"),
            self._is_away,
            tailgate,
        )

    async def run(self) -> None:
        """Live through the day, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.board.machine.run(), name=f"{self.name} board")
            tasks.create_task(self.autopilot.run(), name=f"{self.name} autopilot")
            tasks.create_task(self._work(self.loader.work), name=f"{self.name} loader")
            for gale in self._scenario.gale:
                tasks.create_task(self._blow(gale), name=f"{self.name} gale")

    async def _blow(self, gale: Gale) -> None:
        """Let the wind be another for a while."""
        wind, usual_mps = self.autopilot.autopilot.plant.wind, self._scenario.sky.wind_mps
        await self._until(self._scenario.after_s(gale.at))
        wind.speed_mps = gale.wind_mps if gale.wind_mps is not None else usual_mps
        await asyncio.sleep(gale.minutes * 60)
        wind.speed_mps = usual_mps

    def _payload(self) -> Payload | None:
        controller = self.autopilot.autopilot.controller
        return controller.craft.payload if controller is not None else None


class Hook:
    """Where the one parcel hangs; whatever the gripper lets go is gone."""

    def __init__(
        self,
        machine: Quadcopter,
        payload: Callable[[], Payload | None],
        weights_kg: Mapping[ParcelId, float],
    ) -> None:
        self._machine = machine
        self._payload = payload
        self._weights_kg = weights_kg
        self._hung: ParcelId | None = None

    @property
    def hung(self) -> ParcelId | None:
        """The parcel that hangs there now."""
        return self._hung if self._machine.payload_kg > 0.0 else None

    def put_in(self, parcel_id: ParcelId, _number: int) -> None:
        """Hang a parcel under it and close the gripper."""
        payload = self._payload()
        assert self.hung is None, f"{self.hung} hangs there, and {parcel_id} does not fit"
        if payload is not None:
            payload.grip(release=False)
        self._hung = parcel_id
        self._machine.payload_kg = max(0.05, self._weights_kg.get(parcel_id, 0.5))

    def take_out(self, parcel_id: ParcelId) -> bool:
        """Take the parcel off; tell whether it was there."""
        if self.hung != parcel_id:
            return False
        self._hung, self._machine.payload_kg = None, 0.0
        return True

    def refresh(self) -> None:
        """Put a full battery in."""
        self._machine.battery.renew()
