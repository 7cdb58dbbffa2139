"""The commands that stay: serve and watch."""

import argparse
import asyncio
import logging
import os
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from random import SystemRandom

from msgspec.structs import replace

from edge.clock import LoopClock
from edge.errors import ConfigError, DoorstepError
from edge.health.log import set_up_logging
from edge.health.systemd import Notifier
from edge.uplink.mqtt import Tls, connector
from edge.uplink.port import Connect
from station.broker import embedded_broker
from station.config import BrokerSection, StationConfig, load_config
from station.ingest.follow import OpenDatabase
from station.ingest.server import connected
from station.keys import load_keys
from station.store.database import Database

log = logging.getLogger(__name__)

CLIENT_ID = "station"
FEEDS = 3  # of the watchdog in the time it allows


async def serve(arguments: argparse.Namespace) -> int:
    """Run the station until SIGTERM or SIGINT."""
    from station.serve import Station  # the other commands start faster without it

    config = load_config(arguments.config)
    keys = load_keys(config)
    set_up_logging(arguments.log_level, f"station {config.station.name}")
    running = asyncio.current_task()
    assert running is not None, "not in a task"
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)
    failed: BaseException | None = None
    try:
        async with AsyncExitStack() as stack:
            database = await Database.open(config.database_path)
            stack.push_async_callback(database.close)
            if arguments.broker == "embedded":
                folder = config.data_folder / "broker"
                address = await stack.enter_async_context(
                    embedded_broker(folder, config.broker.port)
                )
                broker = replace(
                    config.broker,
                    host=address.host,
                    port=address.port,
                    protocol=address.protocol,
                )
                config = replace(config, broker=broker)
            station = Station(
                config,
                keys,
                database,
                clock=LoopClock.started_now(),
                connect=connect_as(config),
                rng=SystemRandom(),
                console=config.console,
                ingested=_ingested(config),
            )
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(station.run(), name="station")
                tasks.create_task(_tell_systemd(station.ready, database), name="systemd")
    except* asyncio.CancelledError:
        log.info("stopped")
    except* DoorstepError as group:
        failed = group
        while isinstance(failed, BaseExceptionGroup):
            failed = failed.exceptions[0]
    if failed is not None:
        raise failed
    return 0


def _ingested(config: StationConfig) -> OpenDatabase | None:
    """Return how to open what ingest workers fill, if there are any. Raises ConfigError."""
    section = config.ingest
    if section is None:
        return None
    password = section.password()
    return lambda: connected(section.database, password)


async def _tell_systemd(ready: asyncio.Event, database: Database) -> None:
    """Say when the station is ready; feed the watchdog while its database answers."""
    notifier = Notifier.of(os.environ)
    await ready.wait()
    notifier.ready("serving")
    if notifier.watchdog_s is None:
        return
    while True:
        await database.read(lambda db: db.execute("SELECT 1").fetchone())
        notifier.alive()
        await asyncio.sleep(notifier.watchdog_s / FEEDS)


async def watch(arguments: argparse.Namespace) -> int:
    """Watch the fleet until Ctrl-C."""
    from station.watch import run_watch  # rich's live view, which nothing else needs

    await run_watch(load_config(arguments.config))
    return 0


def connect_as(config: StationConfig, client_id: str = CLIENT_ID) -> Connect:
    """Return how to connect to the configured broker.

    Raises ConfigError if the password cannot be read.
    """
    broker = config.broker
    names = (broker.ca_file, broker.certificate_file, broker.key_file)
    tls = Tls(*(None if name is None else Path(name) for name in names))
    return connector(
        broker.host,
        broker.port,
        client_id=client_id,
        protocol=broker.protocol,
        username=broker.username,
        password=broker_password(broker),
        timeout_s=broker.timeout_s,
        keepalive_s=broker.keepalive_s,
        tls=tls if any(names) else None,
    )


def broker_password(broker: BrokerSection) -> str | None:
    """Read the broker's password, if there is one. Raises ConfigError."""
    if broker.password_file is None:
        return None
    try:
        return Path(broker.password_file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"broker.password_file: {error}") from error
