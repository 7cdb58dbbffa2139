"""`doorstep-station assist`: a person steers a robot from a terminal, line by line."""

import argparse
import asyncio
import sys
from dataclasses import dataclass

from edge.clock import LoopClock
from edge.errors import LinkError, RefusedError
from edge.messages.geo import Place, metres_per_degree
from edge.messages.machines.assistance import HelpAnswer
from station.assistance.desk import voice_of
from station.assistance.helping import Helping, check_near, known
from station.assistance.voice import Voice
from station.commands import told
from station.commands.running import connect_as
from station.config import load_config
from station.keys import load_keys

HOLD_S = 10.0  # each line holds the button for so long
SPEED_MPS = 0.5
USAGE = (
    f"Each line holds the button for {HOLD_S:.0f} s; then the robot stands, and it is over.\n"
    "  move EAST NORTH [SPEED]   metres from where it is, straight; speed in m/s, at most 1\n"
    "  go LAT LON [SPEED]        straight to a place\n"
    "  stop                      stand, and stay in charge\n"
    "  back                      give it back: it goes on by itself\n"
    "  (an empty line)           hold the button"
)


@dataclass(frozen=True, slots=True)
class Go:
    """What a line asks for."""

    place: Place
    speed_mps: float


def read_line(line: str, here: Place | None) -> Go | str:
    """Return where to go, or `hold`, `stop`, `back`. Raises RefusedError that says how."""
    verb, *rest = line.split() or ["hold"]
    if verb in ("hold", "stop", "back") and not rest:
        return verb
    try:
        numbers = [float(one) for one in rest]
    except ValueError:
        numbers = []
    if verb not in ("move", "go") or len(numbers) not in (2, 3):
        raise RefusedError(f"{line.strip()[:60]!r} is no order here.\n{USAGE}")
    speed_mps = numbers[2] if len(numbers) == 3 else SPEED_MPS
    if not 0 < speed_mps <= 1.0:
        raise RefusedError(f"a speed of {speed_mps:g} m/s: give one up to 1")
    here = known(here)
    if verb == "move":
        north, east = metres_per_degree(here.lat_deg)
        numbers[:2] = (here.lat_deg + numbers[1] / north, here.lon_deg + numbers[0] / east)
    lat_deg, lon_deg = numbers[:2]
    if not (-90 <= lat_deg <= 90 and -180 <= lon_deg <= 180):
        raise RefusedError(f"{lat_deg:g}, {lon_deg:g} is no place on Earth")
    there = Place(lat_deg=lat_deg, lon_deg=lon_deg)
    check_near(here, there)
    return Go(there, speed_mps)


async def assist(arguments: argparse.Namespace) -> int:
    """Help a robot until it is given back or the time is over; 1 if it was not let in."""
    config = load_config(arguments.config)
    clock = LoopClock.started_now()
    keys, org = load_keys(config), config.station.org
    known = keys.vehicles.get(arguments.vehicle)
    if known is None:
        raise RefusedError(f"there is no vehicle {arguments.vehicle!r} in station.toml")
    voice = voice_of(
        org,
        keys.signing,
        arguments.vehicle,
        known.values(),
        arguments.operator,
        arguments.seconds,
        clock,
    )
    helping = voice.helping
    connect = connect_as(config, f"helper-{helping.session}")
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    try:
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(lines), sys.stdin
        )
    except ValueError as error:
        raise RefusedError("steering is typed: give a terminal or a pipe, no file") from error
    lost: BaseException | None = None
    try:
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(_obey(lines, voice), name="typed")
            showing = tasks.create_task(_show(helping), name="shown")
            await voice.converse(
                connect, config.station.org, lambda: told.progress("connected")
            )
            reading.cancel()
            showing.cancel()
    except* LinkError as group:
        lost = group.exceptions[0]
    finally:
        transport.close()
    if lost is not None:
        raise LinkError(f"{lost}: whatever helped, the robot stands within two seconds")
    told.progress(f"Over: {helping.why}.")
    return 0 if helping.newest is not None and helping.newest.session == helping.session else 1


async def _obey(lines: asyncio.StreamReader, voice: Voice) -> None:
    """Do what is typed; the end of input is letting go of the button."""
    told.progress(USAGE)
    voice.hold(HOLD_S)
    while line := await lines.readline():
        try:
            order = read_line(line.decode(errors="replace"), voice.helping.here)
        except RefusedError as error:
            told.progress(str(error))
            continue
        voice.hold(HOLD_S)
        if isinstance(order, Go):
            voice.steer(order.place, order.speed_mps)
        elif order == "stop":
            voice.stand()
        elif order == "back":
            voice.give_back()


async def _show(helping: Helping) -> None:
    """Say what has changed, some times a second."""
    said = ""
    while True:
        line = f"{helping.state}: {_stands(helping.newest)}"
        if helping.refused:
            line += f"; it does not go there: {helping.refused}"
        if line != said:
            told.progress(line)
        said = line
        await asyncio.sleep(0.5)


def _stands(answer: HelpAnswer | None) -> str:
    if answer is None:
        return "the robot has not answered yet"
    speed = "" if answer.speed_mps is None else f", {answer.speed_mps:.1f} m/s"
    return f"it is {answer.phase.replace('_', ' ')}{speed}, {answer.left_s:.0f} s left"
