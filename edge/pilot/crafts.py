"""Every kind of machine that the pilot can move, by name. A new kind is one line here."""

from collections.abc import Callable
from pathlib import Path

from edge.config import Config, FlightSection, SidewalkSection
from edge.pilot.craft import Craft
from edge.pilot.drones.drone import DroneCraft
from edge.pilot.robots.robot import RobotCraft
from edge.roads.graph import RoadGraph
from edge.vehicles.kind import VehicleKind


def _drone(config: Config, kind: VehicleKind, _folder: Path) -> Craft:
    return DroneCraft(kind, config.flight or FlightSection())


def _robot(config: Config, kind: VehicleKind, folder: Path) -> Craft:
    roads = config.planner.roads
    graph = RoadGraph.open(folder / roads) if roads is not None else None
    return RobotCraft(kind, config.sidewalk or SidewalkSection(), graph)


CRAFTS: dict[str, Callable[[Config, VehicleKind, Path], Craft]] = {
    "drone": _drone,
    "robot": _robot,
}


def craft_of(config: Config, kind: VehicleKind, folder: Path) -> Craft | None:
    """Return what moves a vehicle of this kind; None: a driver does.

    `folder` is where vehicle.toml is: its road file is beside it.
    """
    make = CRAFTS.get(kind.name)
    return None if make is None else make(config, kind, folder)
