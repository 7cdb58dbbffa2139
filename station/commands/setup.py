"""The commands that set things up: init, enroll, schema."""

import argparse
from pathlib import Path

from station.commands import told
from station.schema import files
from station.setup.enroll import HOLDS, Enrolment
from station.setup.enroll import enroll as enroll_vehicle
from station.setup.found import CONFIG_FILE, found_station


async def init(arguments: argparse.Namespace) -> int:
    """Make a station in a folder."""
    found_station(
        arguments.folder,
        name=arguments.name,
        org=arguments.org,
        timezone=arguments.timezone,
        lat_deg=arguments.lat,
        lon_deg=arguments.lon,
    )
    path = arguments.folder / CONFIG_FILE
    told.progress(
        f"{path}: a station; go on with `doorstep-station --config {path} enroll NAME`"
    )
    return 0


def add_enroll_options(command: argparse.ArgumentParser) -> None:
    """Add what `enroll` may be told."""
    usual, kinds = Enrolment(name=""), tuple(HOLDS)
    held = ", ".join(f"{kind} {kg:g} kg, {litres:g} l" for kind, (kg, litres) in HOLDS.items())
    command.add_argument("name", help="letters, digits, - and _; with TLS its common name")
    command.add_argument("--kind", choices=kinds, default="van")
    command.add_argument("--capacity-kg", type=float, metavar="KG", help=f"default: {held}")
    command.add_argument("--capacity-l", type=float, metavar="LITRES")
    command.add_argument("--shift", default="08:00-18:00", metavar="HH:MM-HH:MM")
    command.add_argument("--broker-host", metavar="HOST", help="as the vehicle reaches it")
    command.add_argument("--nmea", metavar="DEVICE", help="a serial receiver instead of gpsd")
    command.add_argument("--baud", type=int, default=usual.baud)
    for name, whose in (
        ("autopilot", "drones, robots: ArduPilot or PX4"),
        ("mcu", "robots: the controller of lid and locks"),
        ("lookout", "robots: what sees people and takes codes"),
    ):
        link = getattr(usual, name)
        command.add_argument(
            f"--{name}", metavar="LINK", default=link, help=f"{whose} (default: {link})"
        )
    command.add_argument(
        "--out", type=Path, metavar="FOLDER", help="default: vehicles/NAME beside station.toml"
    )


async def enroll(arguments: argparse.Namespace) -> int:
    """Add a vehicle."""
    start, _, end = arguments.shift.partition("-")
    wanted = Enrolment(
        name=arguments.name,
        kind=arguments.kind,
        capacity_kg=arguments.capacity_kg,
        capacity_l=arguments.capacity_l,
        shift_start=start,
        shift_end=end,
        broker_host=arguments.broker_host,
        nmea_device=arguments.nmea,
        baud=arguments.baud,
        autopilot=arguments.autopilot,
        mcu=arguments.mcu,
        lookout=arguments.lookout,
    )
    folder = arguments.out or arguments.config.parent / "vehicles" / arguments.name
    path = enroll_vehicle(arguments.config, wanted, folder)
    told.progress(f"{path}: copy its folder to the vehicle; {arguments.config} knows it now")
    return 0


async def schema(arguments: argparse.Namespace) -> int:
    """Write docs/wire of the messages, or check that they are current."""
    if arguments.check:
        stale = list(files.stale(arguments.docs))
        for name in stale:
            told.progress(f"{arguments.docs / name}: not what edge/messages says")
        if stale:
            told.progress("write them anew: make schema")
        return 1 if stale else 0
    for name in files.write(arguments.docs):
        told.progress(f"{arguments.docs / name}: written")
    return 0
