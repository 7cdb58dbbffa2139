"""doorstep-edge: run | check | status | verify; the only file that knows the devices."""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
from functools import partial
from pathlib import Path
from random import Random, SystemRandom

from edge.clock import LoopClock, TimeSource
from edge.config import SidewalkSection
from edge.config.settings import Settings, load_settings
from edge.config.toml_file import FaultyFileError
from edge.daemon import Daemon
from edge.daemon.telling import VERSION
from edge.errors import ConfigError, DoorstepError
from edge.evidence import verify_store
from edge.health.log import set_up_logging
from edge.health.status import read_status
from edge.health.systemd import Notifier
from edge.record.recorder import Recorder
from edge.record.shelf import FOLDER, Shelf
from edge.roads.stored.kerbs import read_kerbs
from edge.uplink.mqtt import connector_of
from firmware_bridge.bridge import run_bridge
from firmware_bridge.links import open_link

EXIT_CONFIG = 78  # EX_CONFIG of sysexits.h: systemd does not restart it
NTP_MARK = Path("/run/systemd/timesync/synchronized")

log = logging.getLogger("edge")


def main() -> None:
    """Run the command line."""
    arguments = _parser().parse_args()
    try:
        sys.exit(arguments.run(arguments))
    except FaultyFileError as error:
        print(error, file=sys.stderr)
        count = len(error.faults)
        print(f"{count} fault{'s' if count > 1 else ''}: nothing was started.", file=sys.stderr)
        sys.exit(EXIT_CONFIG)
    except ConfigError as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_CONFIG)
    except DoorstepError as error:
        print(error, file=sys.stderr)
        sys.exit(1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="doorstep-edge", description="The daemon in the vehicle, and looks at it."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, text in (
        ("run", _run, "drive the day: until stopped (systemd starts this)"),
        ("check", _check, "read vehicle.toml and name everything wrong with it, at once"),
        ("status", _status, "show what the running daemon is doing"),
        (
            "verify",
            _verify,
            "check signatures and chain of the facts on board (daemon stopped)",
        ),
    ):
        command = commands.add_parser(name, help=text, description=text.capitalize() + ".")
        command.add_argument("file", type=Path, help="vehicle.toml")
        if name != "run":
            command.add_argument(
                "--json", action="store_true", help="one JSON line, for machines"
            )
        else:
            command.add_argument(
                "--log-level",
                default="INFO",
                choices=("DEBUG", "INFO", "WARNING"),
                metavar="LEVEL",
            )
        command.set_defaults(run=run)
    return parser


def _check(arguments: argparse.Namespace) -> int:
    try:
        settings = load_settings(arguments.file)
    except FaultyFileError as error:
        if not arguments.json:
            raise
        rows = [
            {f: getattr(fault, f) for f in ("file", "line", "key", "value", "what", "cure")}
            for fault in error.faults
        ]
        print(json.dumps({"ok": False, "faults": rows}))
        return EXIT_CONFIG
    vehicle = settings.config.vehicle
    fence = _fence(settings)
    if arguments.json:
        told = {"ok": True, "faults": [], "vehicle": vehicle.name}
        print(json.dumps(told | ({"fence": fence} if fence else {})))
    else:
        print(f"{arguments.file}: good, {vehicle.kind} {vehicle.name} of {vehicle.org},")
        print(f"  signs with key {settings.key.key_id}")
        if fence:
            print(f"  fence: {fence}")
    return 0


def _fence(settings: Settings) -> str:
    """Return where a robot may be; empty for others. Raises KerbFileError."""
    sidewalk = settings.config.sidewalk or SidewalkSection()
    if settings.config.vehicle.kind != "robot":
        return ""
    circle = f"{sidewalk.range_m:.0f} m round the station"
    if sidewalk.kerbs is None:
        return f"{circle}, kerbs or not: there is no kerb map (sidewalk.kerbs)"
    kerbs = read_kerbs(settings.folder / sidewalk.kerbs)
    return f"{circle}, and {len(kerbs.rings):,} rings of {sidewalk.kerbs}"


def _status(arguments: argparse.Namespace) -> int:
    settings = load_settings(arguments.file)
    status = read_status(_runtime_folder(settings))
    if arguments.json:
        print(json.dumps(status))
    else:
        for key, value in status.items():
            if isinstance(value, dict):
                _print_rows(key, value)
            else:
                print(f"{key:>14}  {value}")
    return 0


def _print_rows(name: str, rows: dict[str, object]) -> None:
    """Print one part of the vehicle, lists a line each."""
    print(f"{name:>14}:")
    for key, value in rows.items():
        if not isinstance(value, list):
            print(f"{key:>18}  {value}")
        for line in value if isinstance(value, list) else ():
            print(f"{key:>18}  {line}")


def _verify(arguments: argparse.Namespace) -> int:
    settings = load_settings(arguments.file)
    checked, faults = verify_store(settings.folder / settings.config.store.folder, settings.key)
    if arguments.json:
        rows = [{"epoch": f.epoch, "seq": f.seq, "what": f.what} for f in faults]
        print(json.dumps({"facts": checked, "faults": rows}))
    else:
        print(f"{checked} facts checked, {len(faults)} faults")
        for fault in faults:
            print(f"  number {fault.seq} of {fault.epoch}: {fault.what}")
    return 1 if faults else 0


def _run(arguments: argparse.Namespace) -> int:
    settings = load_settings(arguments.file)
    set_up_logging(arguments.log_level, settings.config.vehicle.name)
    source: TimeSource = "ntp" if NTP_MARK.exists() else "host"
    asyncio.run(_serve(settings, source))
    return 0


async def _serve(settings: Settings, source: TimeSource) -> None:
    """Run the daemon until SIGTERM or SIGINT."""
    config = settings.config
    clock = LoopClock.started_now(source)
    rng = Random(SystemRandom().getrandbits(256))  # noqa: S311 (its state can be written down)
    shelf = Shelf(
        settings.folder / config.store.folder / FOLDER,
        days=config.record.days_of(config.vehicle.kind),
        max_mb=config.record.max_mb,
    )
    loop = asyncio.get_running_loop()
    recorder = Recorder(shelf, lambda: (loop.time(), 0))
    recorder.begin(config, settings.folder, clock, rng, key=settings.key, version=VERSION)
    daemon = Daemon(
        config,
        folder=settings.folder,
        key=settings.key,
        clock=clock,
        rng=rng,
        devices=partial(
            run_bridge,
            config,
            clock=clock,
            rng=rng,
            open_link=recorder.opening(open_link),
            link_key=settings.link_key,
        ),
        connect=recorder.connecting(
            connector_of(config.broker, settings.folder, client_id=config.vehicle.name)
        ),
        notifier=Notifier.of(os.environ),
        status_folder=_runtime_folder(settings),
        at_desk=recorder.at_desk,
        searching=recorder.searching(config),
    )
    running = asyncio.current_task()
    assert running is not None, "not in a task"
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)
    try:
        await daemon.run()
    except asyncio.CancelledError:
        log.info("stopped")
    finally:
        recorder.end("stopped")


def _runtime_folder(settings: Settings) -> Path:
    runtime = os.environ.get("RUNTIME_DIRECTORY")
    return Path(runtime) if runtime else settings.folder / settings.config.store.folder


if __name__ == "__main__":
    main()
