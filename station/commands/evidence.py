"""The commands that look back: report, verify, export, keys."""

import argparse
import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from edge.errors import RefusedError
from edge.messages.broker.wire import to_json
from station.commands import told
from station.commands.offices import office_of
from station.config import load_config
from station.evidence.bundle import verify_bundle
from station.evidence.public_keys import PublicKeys, load_public_keys, public_keys
from station.keys import load_keys
from station.report.page import report_page
from station.report.words import DayReport
from station.report.workbook import report_workbook

WRITERS: Mapping[str, Callable[[DayReport], bytes]] = {
    "html": lambda day_report: report_page(day_report).encode(),
    "json": lambda day_report: to_json(day_report) + b"\n",
    "xlsx": report_workbook,
}


async def report(arguments: argparse.Namespace) -> int:
    """Report a day; 1 if its books do not balance."""
    async with office_of(load_config(arguments.config)) as office:
        day_report = await office.report(day=arguments.day)
    kinds = {kind for kind in WRITERS if getattr(arguments, kind)}
    to_files = bool(kinds - {"json"}) or arguments.out is not None
    if to_files:
        folder = arguments.out or Path()
        for path in await asyncio.to_thread(_write, day_report, kinds, folder):
            told.progress(str(path))
    if arguments.json and not to_files:
        told.print_json(day_report)
    else:
        told.tell_report(day_report)
    return 0 if day_report.balanced else 1


async def verify(arguments: argparse.Namespace) -> int:
    """Check the ledger, or exported evidence; 1 if something does not hold."""
    if arguments.file is None:
        async with office_of(load_config(arguments.config)) as office:
            answer = await office.verify()
    else:
        content = await asyncio.to_thread(_read, arguments.file)
        answer = await asyncio.to_thread(verify_bundle, content, _keys(arguments))
    if arguments.json:
        told.print_json(answer)
    else:
        told.tell_verify(answer)
    return 0 if answer.ok else 1


async def export(arguments: argparse.Namespace) -> int:
    """Write a day's evidence as a zip."""
    async with office_of(load_config(arguments.config)) as office:
        content = await office.export(day=arguments.day)
    path = arguments.out or Path(f"evidence-{arguments.day or 'day'}.zip")
    await asyncio.to_thread(path.write_bytes, content)
    told.progress(
        f"{path}: {len(content):,} bytes; check it with `verify {path} --keys keys.json`"
    )
    return 0


async def keys(arguments: argparse.Namespace) -> int:
    """Show the public keys; reading station.toml names every fault in it."""
    known = _own_keys(arguments.config)
    if arguments.json:
        told.print_json(known)
    else:
        rows = [("station", key) for key in known.station]
        rows += [(name, key) for name, each in known.vehicles.items() for key in each]
        for name, key in rows:
            print(f"{name:<20} {key}")  # noqa: T201
    return 0


def _keys(arguments: argparse.Namespace) -> PublicKeys:
    if arguments.keys is not None:
        return load_public_keys(arguments.keys)
    return _own_keys(arguments.config)


def _own_keys(config_path: Path) -> PublicKeys:
    config = load_config(config_path)
    return public_keys(config, load_keys(config).signing.public)


def _write(day_report: DayReport, kinds: set[str], folder: Path) -> list[Path]:
    """Write the kinds that are wanted, all if none is named; return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for kind, content in WRITERS.items():
        if not kinds or kind in kinds:
            path = folder / f"report-{day_report.day}.{kind}"
            path.write_bytes(content(day_report))
            paths.append(path)
    return paths


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RefusedError(f"{path}: {error.strerror}") from error
