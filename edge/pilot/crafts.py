"""Every kind of machine that the pilot can move, by name. A new kind is one line here."""

import logging
from collections.abc import Callable
from pathlib import Path

from edge.config import Config, FlightSection, SidewalkSection
from edge.guard.kerbs import grid_of
from edge.pilot.craft import Craft
from edge.pilot.drones.drone import DroneCraft
from edge.pilot.robots.robot import RobotCraft
from edge.roads.graph import RoadGraph
from edge.roads.stored.kerbs import last_good
from edge.vehicles.kind import VehicleKind

log = logging.getLogger(__name__)


def _drone(config: Config, kind: VehicleKind, _folder: Path) -> Craft:
    return DroneCraft(kind, config.flight or FlightSection())


def _robot(config: Config, kind: VehicleKind, folder: Path) -> Craft:
    roads = config.planner.roads
    graph = RoadGraph.open(folder / roads) if roads is not None else None
    section = config.sidewalk or SidewalkSection()
    grid = None
    if section.kerbs is not None:
        kerbs = last_good(folder / section.kerbs, folder / config.store.folder)
        grid = grid_of(kerbs.rings)
    else:
        log.warning("no kerb map: the fence is a circle", extra={"range_m": section.range_m})
    return RobotCraft(kind, section, graph, grid)


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
