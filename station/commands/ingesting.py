"""The command `ingest`: a worker of the scale-out ledger, and what looks into its database."""

import argparse
import asyncio
import logging
import os
import signal
import socket
from contextlib import AbstractAsyncContextManager, suppress
from random import SystemRandom

import msgspec

from edge.clock import LoopClock
from edge.errors import ConfigError, DoorstepError
from edge.health.log import set_up_logging
from edge.health.systemd import Notifier
from edge.uplink.port import Connect
from station.commands import told
from station.commands.running import broker_password, connect_as
from station.config import StationConfig, load_config
from station.ingest.nats import nats_connector
from station.ingest.reading import read_books, read_status, verify_all
from station.ingest.schema import migrate
from station.ingest.section import EXAMPLE, IngestSection
from station.ingest.server import Connection, connected
from station.ingest.worker import Worker
from station.keys import load_keys, vehicle_keys

log = logging.getLogger(__name__)

FEEDS = 3  # of the watchdog in the time it allows
DESCRIPTION = f"""\
Take what vehicles report into PostgreSQL, until SIGTERM.

Start as many as there are cores for it, on any number of machines, all with the same
station.toml: they share the messages, and when one dies the others go on; nothing is lost and
nothing counted twice. The tables are made by the first. It takes the place of `serve` for
facts, tracks and photos: do not run both on one broker.

    [ingest]
    {EXAMPLE.split(",", maxsplit=1)[0]}
    password_file = "postgres.password"     # and no password in the address

Exit codes: 74 broker or database is away at the start, 78 something must be changed first."""
QUESTIONS = {
    "prepare": "only make or renew the tables",
    "status": "only say what the database holds",
    "books": "only work out the books of parcels and facts from the facts alone",
    "verify": "only check every signature, chain and photo",
}


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker has done since it started."""

    worker: str
    taking: bool
    """Connected to broker and database."""
    seconds: float
    facts: int
    facts_per_s: float
    """Since the last line."""
    resent: int
    refused: int
    shed: int
    commits: int
    acks: int

    @property
    def text(self) -> str:
        """One line for people."""
        state = "" if self.taking else " (not connected)"
        return (
            f"{self.worker}{state}: {self.facts:,} facts, {self.facts_per_s:,.0f}/s, "
            f"{self.resent:,} came again, {self.refused:,} set aside, {self.shed:,} let go, "
            f"{self.commits:,} commits, {self.acks:,} acknowledgements"
        )


def add_options(command: argparse.ArgumentParser) -> None:
    """Say what the command line may hold."""
    command.description = DESCRIPTION
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.add_argument(
        "--name", help="of this worker, each its own (default: host and process)"
    )
    ask = command.add_mutually_exclusive_group()
    for name, text in QUESTIONS.items():
        ask.add_argument(f"--{name}", dest="ask", action="store_const", const=name, help=text)
    command.add_argument(
        "--every",
        type=float,
        default=10.0,
        metavar="SECONDS",
        help="between two lines of progress (default: 10)",
    )
    command.add_argument("--log-level", default="INFO", choices=("DEBUG", "INFO", "WARNING"))


async def ingest(arguments: argparse.Namespace) -> int:
    """Run a worker until SIGTERM or SIGINT, or answer a question."""
    config = load_config(arguments.config)
    section = _section(config)
    if arguments.ask is None:
        return await _work(arguments, config, section)
    async with connected(section.database, section.password()) as connection:
        return await _answer(arguments, config, connection)


async def _answer(
    arguments: argparse.Namespace, config: StationConfig, connection: Connection
) -> int:
    """Answer from the database; 1 if the answer is no."""
    if arguments.ask == "verify":
        verified = await verify_all(connection, vehicle_keys(config))
        told.print_json(verified) if arguments.json else told.tell_verify(verified)
        return 0 if verified.ok else 1
    if arguments.ask == "books":
        books = await read_books(connection, {})
        told.print_json(books) if arguments.json else _tell_rows(books)
        return 0 if books.balanced else 1
    if arguments.ask == "prepare":
        await migrate(connection)
    status = await read_status(connection)
    told.print_json(status) if arguments.json else _tell_rows(status)
    return 0


async def _work(
    arguments: argparse.Namespace, config: StationConfig, section: IngestSection
) -> int:
    name = arguments.name or f"{socket.gethostname()[:24]}-{os.getpid()}"
    set_up_logging(arguments.log_level, f"ingest {name}")
    password = section.password()
    keys = load_keys(config)

    def open_database() -> AbstractAsyncContextManager[Connection]:
        return connected(section.database, password)

    # The first time whatever is wrong is told and ends it; later it tries again.
    async with open_database() as connection:
        came_from = await migrate(connection)
        log.info("database ready", extra={"tables_were": came_from})
    worker = Worker(
        org=config.station.org,
        group=section.group,
        key=keys.signing,
        keys=keys.vehicles,
        open_database=open_database,
        connect=_connect(config, section, f"ingest-{name}"),
        clock=LoopClock.started_now(),
        rng=SystemRandom(),
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, worker.stop)
    failed: BaseException | None = None
    try:
        async with asyncio.TaskGroup() as tasks:
            beside = (
                tasks.create_task(_tell_systemd(worker), name="systemd"),
                tasks.create_task(_tell(worker, name, arguments), name="progress"),
            )
            working = tasks.create_task(worker.run(), name="worker")
            await asyncio.wait((working,))
            for task in beside:
                task.cancel()
    except* DoorstepError as group:
        failed = group
        while isinstance(failed, BaseExceptionGroup):
            failed = failed.exceptions[0]
    if failed is not None:
        raise failed
    return 0


async def _tell(worker: Worker, name: str, arguments: argparse.Namespace) -> None:
    """Say how far it is, every so often and at the end."""
    loop = asyncio.get_running_loop()
    began_s = last_s = loop.time()
    facts = 0

    def tell() -> None:
        nonlocal last_s, facts
        now_s, totals = loop.time(), worker.totals
        progress = Progress(
            worker=name,
            taking=bool(worker.connected.value),
            seconds=round(now_s - began_s, 1),
            facts=totals.facts,
            facts_per_s=round((totals.facts - facts) / max(now_s - last_s, 0.001), 1),
            resent=totals.resent,
            refused=totals.refused,
            shed=worker.shed,
            commits=totals.commits,
            acks=totals.acks,
        )
        last_s, facts = now_s, totals.facts
        told.print_json(progress) if arguments.json else told.progress(progress.text)

    with suppress(BrokenPipeError):  # nobody reads it any more: no reason to stop
        try:
            while True:
                await asyncio.sleep(arguments.every)
                tell()
        finally:
            tell()


async def _tell_systemd(worker: Worker) -> None:
    """Say when it takes messages; feed the watchdog while its loop goes round."""
    notifier = Notifier.of(os.environ)
    await worker.connected.newer_than(0)
    notifier.ready("taking messages")
    if notifier.watchdog_s is None:
        return
    while True:
        notifier.alive()
        await asyncio.sleep(notifier.watchdog_s / FEEDS)


def _tell_rows(answer: msgspec.Struct) -> None:
    for name, value in msgspec.structs.asdict(answer).items():
        text = f"{value:,}" if isinstance(value, int) else str(value)
        print(f"{name.replace('_', ' '):<20} {text}")  # noqa: T201


def _section(config: StationConfig) -> IngestSection:
    if config.ingest is None:
        raise ConfigError(
            "station.toml has no [ingest]: say where PostgreSQL is, for example "
            f"[ingest] {EXAMPLE}"
        )
    return config.ingest


def _connect(config: StationConfig, section: IngestSection, name: str) -> Connect:
    """Return how to take a share of the messages, by MQTT 5 or by NATS itself."""
    broker = config.broker
    if section.nats is not None:
        return nats_connector(
            section.nats,
            name=name,
            username=broker.username,
            password=broker_password(broker),
        )
    if broker.protocol != "5":
        raise ConfigError(
            f"broker.protocol is {broker.protocol!r}, which shares no subscriptions: name an"
            " MQTT 5 broker, or the NATS cluster's own address as ingest.nats"
        )
    return connect_as(config, client_id=name)
