"""The commands of conditions: import, show, clear."""

import argparse
import asyncio
import re
from pathlib import Path

from edge.errors import RefusedError
from station.commands import told
from station.commands.offices import office_of
from station.config import load_config

UNITS_S = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}


async def import_files(arguments: argparse.Namespace) -> int:
    """Make a layer of each file and send it to every vehicle."""
    async with office_of(load_config(arguments.config)) as office:
        for path in arguments.files:
            answer = await office.conditions.import_file(
                path.name,
                await _content(path),
                kind=arguments.kind,
                name=arguments.name,
                expires_in_s=arguments.expires_in,
            )
            if arguments.json:
                told.print_json(answer)
            else:
                told.tell_conditions_import(answer)
    return 0


async def show(arguments: argparse.Namespace) -> int:
    """List the layers and who has them."""
    config = load_config(arguments.config)
    async with office_of(config) as office:
        answer = await office.conditions.show()
    if arguments.json:
        told.print_json(answer)
    else:
        told.tell_conditions(answer, config.timezone)
    return 0


async def clear(arguments: argparse.Namespace) -> int:
    """Take a layer back from every vehicle."""
    config = load_config(arguments.config)
    async with office_of(config) as office:
        answer = await office.conditions.clear(arguments.name)
    if arguments.json:
        told.print_json(answer)
    else:
        told.tell_conditions(answer, config.timezone)
    return 0


def span_s(text: str) -> float:
    """Return the seconds of `90s`, `30m`, `2h` or `7d`."""
    found = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)(s|m|min|h|d)", text.strip())
    if found is None or float(found[1]) <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a span like 90s, 30m, 2h or 7d")
    return float(found[1]) * UNITS_S[found[2]]


async def _content(path: Path) -> bytes:
    try:
        return await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        raise RefusedError(f"{path}: {error.strerror}") from error
