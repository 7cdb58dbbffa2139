"""The command line of doorstep-station: every command, option and word of help."""

import argparse
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

from station.assistance import terminal
from station.commands import (
    conditions,
    day,
    evidence,
    ingesting,
    offers,
    roads,
    running,
    setup,
)
from station.conditions.formats.auto import FILE_KINDS
from station.directing import command as directing
from station.roads.countries import COUNTRIES
from station.routes.assign import ITERATIONS
from station.stops.columns import ALIASES, IGNORED

Command = Callable[[argparse.Namespace], Awaitable[int]]
Parser = argparse.ArgumentParser

DESCRIPTION = """\
The station: from a spreadsheet of stops to a closed day.

A day:   import stops.xlsx   →  assign  →  dispatch  →  report
         offer VEHICLE FILE.json (while it drives), offers
Roads:   conditions import FILE (traffic, closures, weather, zones), show, clear
Always:  serve (ledger, console, broker), watch (a terminal), assist ROBOT,
         direct MACHINE hold|go-on|give-up|return|land|looked-after
At scale: ingest (any number of workers, into one PostgreSQL)
Proof:   verify, export, keys
Set up:  init FOLDER, enroll NAME, roads import FILE.osm.pbf

While `serve` runs, the other commands work through it.
Exit codes: 0 all well, 1 the answer is no (rejected rows, books that differ, evidence that
does not hold, stops without a vehicle, an order refused), 2 wrong usage, 74 a file or a link
fails, 78 the configuration has faults."""


def parser() -> Parser:
    """Return the whole command line."""
    whole = Parser(
        prog="doorstep-station",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_config(whole, Path("station.toml"))
    commands = _Commands(whole)
    _add_setup(commands)
    _add_roads(commands)
    _add_day(commands)
    _add_offers(commands)
    _add_conditions(commands)
    _add_running(commands)
    _add_evidence(commands)
    return whole


class _Commands:
    """Adds commands that all know --config, and --json and --day where it makes sense."""

    def __init__(self, whole: Parser, dest: str = "command") -> None:
        self._commands = whole.add_subparsers(required=True, metavar="COMMAND", dest=dest)

    def group(self, name: str, text: str) -> "_Commands":
        """Add a command that has commands of its own."""
        whole: Parser = self._commands.add_parser(
            name, help=text, description=f"{text[0].upper()}{text[1:]}."
        )
        return _Commands(whole, f"{name}_command")

    def add(
        self, name: str, run: Command, text: str, *, json: bool = True, days: str = ""
    ) -> Parser:
        command: Parser = self._commands.add_parser(
            name, help=text, description=f"{text[0].upper()}{text[1:]}."
        )
        command.set_defaults(run=run)
        _add_config(command, argparse.SUPPRESS)
        if json:
            command.add_argument(
                "--json", action="store_true", help="one JSON line, for machines"
            )
        if days:
            command.add_argument(
                "--day", type=_day, metavar="YYYY-MM-DD", help=f"default: {days}"
            )
        return command


def _add_config(command: Parser, default: Path | str) -> None:
    command.add_argument(
        "--config",
        type=Path,
        default=default,
        metavar="PATH",
        help="the station's configuration (default: ./station.toml)",
    )


def _add_setup(commands: _Commands) -> None:
    command = commands.add("init", setup.init, "make a station in a folder", json=False)
    command.add_argument("folder", type=Path, help="for station.toml, the key and the data")
    command.add_argument("--name", default="My station", help="as people call it")
    command.add_argument("--org", default="doorstep", help="first part of every topic")
    command.add_argument("--timezone", default="Europe/Berlin", help="of windows and shifts")
    command.add_argument("--lat", type=float, default=48.1372, help="of the station [deg]")
    command.add_argument("--lon", type=float, default=11.5756, help="of the station [deg]")

    command = commands.add(
        "enroll", setup.enroll, "take a vehicle into the fleet: its key, its files", json=False
    )
    setup.add_enroll_options(command)

    text = "write JSON Schemas, AsyncAPI and the table of messages into docs/wire/"
    command = commands.add("schema", setup.schema, text, json=False)
    command.add_argument("--check", action="store_true", help="only name stale files; exit 1")
    command.add_argument("--docs", type=Path, default=Path("docs/wire"), metavar="FOLDER")


def _add_roads(commands: _Commands) -> None:
    group = commands.group("roads", "make and look at the roads that vehicles carry")
    text = "make a road graph of an OpenStreetMap extract"
    command = group.add("import", roads.import_extract, text)
    command.add_argument("file", type=Path, metavar="FILE.osm.pbf")
    command.add_argument(
        "--out", type=Path, metavar="FILE.roads", help="default: named like the extract"
    )
    command.add_argument(
        "--country",
        metavar="CODE",
        help="whose limits and side of the road hold where no sign says it: "
        f"{', '.join(sorted(COUNTRIES))} (default: on the right, common limits)",
    )
    text = "make a robot's kerb map of an extract, and the road file that goes with it"
    command = group.add("pavements", roads.make_robots_map, text)
    command.add_argument("file", type=Path, metavar="FILE.osm.pbf")
    command.add_argument("--country", metavar="CODE", help="as for import")
    command.add_argument(
        "--out",
        type=Path,
        metavar="FILE.kerbs",
        help="default: named like the extract; FILE.pavements is written beside it",
    )
    command = group.add("show", roads.show, "check a road graph and say what it holds")
    command.add_argument("file", type=Path, metavar="FILE.roads")


def _add_day(commands: _Commands) -> None:
    text = "take over spreadsheets of stops, answered row by row; twice changes nothing"
    command = commands.add("import", day.import_files, text, days="today, for rows without one")
    command.add_argument("files", type=Path, nargs="+", metavar="FILE", help=".xlsx .csv …")
    command.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="HEADER=FIELD",
        help=f"correct a guess; fields: {', '.join((*ALIASES, IGNORED))}",
    )
    command.add_argument("--all", action="store_true", help="show every row with a complaint")

    commands.add("stops", day.list_stops, "list the stops of a day", days="today")
    text = "say where a stop is; its address is known from then on"
    command = commands.add("place", day.place_stop, text, days="today")
    command.add_argument("stop", help="id of the stop")
    command.add_argument("lat", type=float, help="latitude [deg]")
    command.add_argument("lon", type=float, help="longitude [deg]")

    text = "take stops out of a day and tell the vehicles that have them"
    command = commands.add("cancel", day.cancel_stops, text, days="today")
    command.add_argument("stops", nargs="+", metavar="STOP", help="id of a stop")
    command.add_argument("--reason", default="", help="for the driver")

    text = "make a route for each vehicle; nothing goes out yet"
    command = commands.add("assign", day.assign, text, days="today")
    command.add_argument("--seed", type=int, default=0, help="another seed, another search")
    command.add_argument(
        "--iterations",
        type=_positive,
        default=ITERATIONS,
        metavar="N",
        help=f"rounds of the search, reproducible (default: {ITERATIONS})",
    )
    command.add_argument("--seconds", type=float, help="end the search by time, too")
    command.add_argument(
        "--again",
        action="store_true",
        help="later revisions of dispatched routes that are not under way",
    )

    text = "send every vehicle its route; lists who has not acknowledged it"
    command = commands.add("dispatch", day.dispatch, text, days="today")
    command.add_argument("--status", action="store_true", help="send nothing, only ask")
    command.add_argument(
        "--wait", type=float, default=0.0, metavar="SECONDS", help="for the acknowledgements"
    )


def _add_offers(commands: _Commands) -> None:
    text = "offer an order to a vehicle that is under way; it accepts or declines"
    command = commands.add("offer", offers.make, text, days="today")
    command.add_argument("vehicle", help="as it was enrolled")
    command.add_argument("file", type=Path, metavar="FILE.json", help="stops and parcels")
    command.add_argument(
        "--answer-within",
        type=float,
        default=60.0,
        metavar="SECONDS",
        help="later the vehicle declines (default: 60)",
    )
    command.add_argument("--wait", action="store_true", help="for the answer")
    text = "list the offers of a day and what became of them"
    commands.add("offers", offers.show, text, days="today")


def _add_conditions(commands: _Commands) -> None:
    text = "traffic, closures, weather and zones for every vehicle"
    group = commands.group("conditions", text)
    text = "make a layer of each file and send it; replaces the layer of the same name"
    command = group.add("import", conditions.import_files, text)
    command.add_argument("files", type=Path, nargs="+", metavar="FILE")
    command.add_argument("--kind", choices=FILE_KINDS, default="auto")
    command.add_argument("--name", default="", help="of the layer (default: by kind and file)")
    command.add_argument(
        "--expires-in",
        type=conditions.span_s,
        metavar="SPAN",
        help="90s, 30m, 2h, 7d (default: by kind)",
    )
    group.add("show", conditions.show, "list the layers and which vehicle has them")
    command = group.add("clear", conditions.clear, "take a layer back from every vehicle")
    command.add_argument("name", help="of the layer")


def _add_running(commands: _Commands) -> None:
    text = "run the station: ledger, console, orders to the vehicles"
    command = commands.add("serve", running.serve, text, json=False)
    command.add_argument(
        "--broker",
        choices=("configured", "embedded"),
        default="configured",
        help="embedded: start one (mosquitto if installed) on the configured port",
    )
    command.add_argument("--log-level", default="INFO", choices=("DEBUG", "INFO", "WARNING"))
    text = "take what vehicles report into PostgreSQL, one of any number of workers"
    ingesting.add_options(commands.add("ingest", ingesting.ingest, text))
    text = "steer a robot that has called for help, line by line; silence lets it stand"
    command = commands.add("assist", terminal.assist, text, json=False)
    command.add_argument("vehicle", help="as it was enrolled")
    command.add_argument("--operator", required=True, metavar="NAME", help="who you are")
    command.add_argument(
        "--seconds", type=float, default=300.0, help="at most, up to 600 (default: 300)"
    )
    text = "decide about a drone or robot under way; it counts for two minutes"
    directing.add_options(commands.add("direct", directing.direct, text))
    text = "watch the fleet in a terminal, from the running station"
    commands.add("watch", running.watch, text, json=False)


def _add_evidence(commands: _Commands) -> None:
    last = "the last day with routes"
    command = commands.add("report", evidence.report, "the end-of-day report", days=last)
    command.add_argument("--html", action="store_true", help="one page with charts, to print")
    command.add_argument("--xlsx", action="store_true", help="a workbook to calculate on")
    command.add_argument(
        "--out", type=Path, metavar="FOLDER", help="write files there; all kinds if none named"
    )

    text = "check signatures, chains and photos with public keys only"
    command = commands.add("verify", evidence.verify, text)
    command.add_argument(
        "file", type=Path, nargs="?", help="exported evidence, else the ledger"
    )
    command.add_argument(
        "--keys", type=Path, metavar="FILE", help="public keys (default: station.toml's)"
    )
    text = "write a day's evidence into a zip that anybody can verify"
    command = commands.add("export", evidence.export, text, json=False, days=last)
    command.add_argument("--out", type=Path, metavar="FILE")
    commands.add("keys", evidence.keys, "show the public keys of the station and its vehicles")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day like 2026-11-23") from error


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)
