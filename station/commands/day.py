"""The commands of a day: import, stops, place, cancel, assign, dispatch."""

import argparse
import asyncio
from pathlib import Path

from edge.errors import RefusedError
from edge.messages.geo import Place
from station.commands import told
from station.commands.offices import AnyOffice, office_of
from station.config import load_config
from station.remote.answers import Told
from station.routes.assign import Limits
from station.routes.dispatch import DispatchAnswer

ASK_EVERY_S = 1.0


async def import_files(arguments: argparse.Namespace) -> int:
    """Import each file; 1 if a row was rejected."""
    named = dict(_pair(text) for text in arguments.column)
    rejected = 0
    async with office_of(load_config(arguments.config)) as office:
        for path in arguments.files:
            answer = await office.import_stops(
                path.name, await _content(path), day=arguments.day, named=named
            )
            rejected += answer.rejected
            if arguments.json:
                told.print_json(answer)
            else:
                told.tell_import(answer, everything=arguments.all)
    return 1 if rejected else 0


async def list_stops(arguments: argparse.Namespace) -> int:
    """List the stops of a day."""
    config = load_config(arguments.config)
    async with office_of(config) as office:
        orders = await office.orders(arguments.day)
    if arguments.json:
        told.print_json(orders)
    else:
        told.tell_orders(orders, config.timezone)
    return 0


async def place_stop(arguments: argparse.Namespace) -> int:
    """Say where a stop is."""
    place = Place(lat_deg=arguments.lat, lon_deg=arguments.lon)
    async with office_of(load_config(arguments.config)) as office:
        order = await office.place(arguments.stop, place, day=arguments.day)
    told.tell_json_or(arguments.json, order, f"{order.stop_id} is VERIFIED")
    return 0


async def cancel_stops(arguments: argparse.Namespace) -> int:
    """Take stops out of a day."""
    async with office_of(load_config(arguments.config)) as office:
        vehicles = await office.cancel(arguments.stops, arguments.reason, day=arguments.day)
    who = ", ".join(vehicles) or "nobody, for no vehicle has them"
    told.tell_json_or(arguments.json, Told(vehicles), f"cancelled; told: {who}")
    return 0


async def assign(arguments: argparse.Namespace) -> int:
    """Make the routes of a day; 1 if a stop found no vehicle."""
    config = load_config(arguments.config)
    limits = Limits(
        seed=arguments.seed, iterations=arguments.iterations, seconds=arguments.seconds
    )
    async with office_of(config) as office:
        answer = await office.assign(
            day=arguments.day, limits=limits, again=arguments.again, progress=told.progress
        )
    if arguments.json:
        told.print_json(answer)
    else:
        told.tell_assign(answer, config.timezone)
    return 1 if answer.not_assigned else 0


async def dispatch(arguments: argparse.Namespace) -> int:
    """Send routes, or only ask who has them; 1 if somebody waited for has not."""
    config = load_config(arguments.config)
    async with office_of(config) as office:
        if arguments.status:
            answer = await office.standing(day=arguments.day)
        else:
            answer = await office.dispatch(day=arguments.day)
        answer = await _wait(office, answer, arguments.wait)
    if arguments.json:
        told.print_json(answer)
    else:
        told.tell_dispatch(answer, config.timezone)
    return 1 if arguments.wait and answer.waiting_for else 0


async def _wait(office: AnyOffice, answer: DispatchAnswer, wait_s: float) -> DispatchAnswer:
    """Ask until every vehicle has acknowledged its route, or the time is over."""
    sent = answer.sent
    loop = asyncio.get_running_loop()
    until_s = loop.time() + wait_s
    while answer.waiting_for and loop.time() < until_s:
        await asyncio.sleep(ASK_EVERY_S)
        answer = await office.standing(day=answer.day)
    return DispatchAnswer(day=answer.day, sent=sent, standing=answer.standing)


def _pair(text: str) -> tuple[str, str]:
    header, equals, name = text.rpartition("=")
    if not equals:
        raise RefusedError(f"--column {text!r}: write HEADER=FIELD")
    return header, name


async def _content(path: Path) -> bytes:
    try:
        return await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        raise RefusedError(f"{path}: {error.strerror}") from error
