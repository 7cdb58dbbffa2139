"""The commands that set things up: init, enroll, schema."""

import argparse

from station.commands import told
from station.schema import files
from station.setup.enroll import Enrolment
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
