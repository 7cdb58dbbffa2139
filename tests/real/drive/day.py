"""One day, played: two vehicles drive the same cut at the same time, one behind a gpsd."""

import asyncio
import json
import sqlite3
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    closing,
    contextmanager,
)
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from edge.messages.broker.wire import read_fact
from edge.messages.facts import Arrived, BackAtStation, DayClosed, FactEvent
from edge.messages.geo import Place
from station.books.audit import Books, read_books
from station.books.lanes import unpack_batch
from station.store.ledger import held_facts
from tests.real.drive.driver import Driver
from tests.real.drive.listener import Listener
from tests.real.drive.recorded import Cut, Receiver, Recording
from tests.real.drive.sites import BY_GPSD, BY_SERIAL, SIZE, Sites, Vehicle, build
from tests.real.gpsd import Gpsd
from tests.real.kills.books import facts_on_board
from tests.real.kills.driving.page import Page
from tests.real.mosquitto.broker import Mosquitto
from tests.real.programs import PROGRAMS, running

SETTLES_WITHIN_S = 60.0

Reported = list[tuple[datetime, Place]]


@dataclass(frozen=True, slots=True)
class Driven:
    """What one vehicle made of the drive."""

    receiver: Receiver
    live: Reported
    track: Reported
    sealed_on_board: list[bytes]
    sealed_in_ledger: list[bytes]

    @property
    def events(self) -> list[FactEvent]:
        """What happened, in order."""
        return [read_fact(sealed) for sealed in self.sealed_on_board]

    @property
    def arrived(self) -> list[str]:
        """Who told each arrival, in order; the station is the last."""
        facts = [event.data for event in self.events]
        return [fact.by for fact in facts if isinstance(fact, Arrived | BackAtStation)]

    @property
    def closed(self) -> FactEvent:
        """The end of the day, of which there is one."""
        (closed,) = [event for event in self.events if isinstance(event.data, DayClosed)]
        return closed


@dataclass(frozen=True, slots=True)
class Told:
    """What is left of the day."""

    recording: Recording
    cut: Cut
    by_name: dict[str, Driven]
    books: Books
    verified: dict[str, object]


async def play(folder: Path, shared: Path, cut: Cut) -> Told:
    """Play a cut of the recorded drive as a day of two vehicles."""
    recording = Recording(shared)
    async with AsyncExitStack() as stack:
        broker = stack.enter_context(Mosquitto(folder))
        plugs = stack.enter_context(_opened_to_all())
        receivers = {name: Receiver(plugs / name, recording, cut) for name in SIZE}
        for receiver in receivers.values():
            receiver.plug()
            stack.callback(receiver.unplug)
        gpsd = Gpsd(receivers[BY_GPSD].path)
        stack.push_async_callback(gpsd.kill)
        gnss = {
            BY_GPSD: f'source = "gpsd"\nport = {gpsd.port}',
            BY_SERIAL: f'source = "nmea"\nbaud = 38400\ndevice = "{plugs / BY_SERIAL}"',
        }
        sites = build(folder, recording, cut, gnss, broker.port)
        listener = Listener(broker.port)
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(listener.run(), name="listener")
            await listener.connected.wait()
            await _hand_out(sites)
            await gpsd.start()
            async with running("doorstep-station", *_serve(sites), log=folder / "station.log"):
                await _drive(sites, receivers, cut)
                since = {vehicle: len(lives) for vehicle, lives in listener.lives.items()}
                await _send_the_rest(sites, listener, since)
            listening.cancel()
    verified = await _station(sites, "verify", "--json")
    return _read(recording, cut, sites, receivers, listener, json.loads(verified))


async def _hand_out(sites: Sites) -> None:
    """Do a dispatcher's morning."""
    day = ("--day", str(sites.day))
    await _station(sites, "import", *day, str(sites.sheet))
    await _station(sites, "assign", *day, "--iterations", "200")
    await _station(sites, "dispatch", *day)


async def _drive(sites: Sites, receivers: dict[str, Receiver], cut: Cut) -> None:
    """Drive the day to its end, and the recording too."""
    async with AsyncExitStack() as stack:
        drivers = []
        for vehicle in sites.vehicles:
            await stack.enter_async_context(_daemon(vehicle))
            page = await stack.enter_async_context(Page(vehicle.page_port))
            drivers.append(Driver(page, receivers[vehicle.name], cut))
        await asyncio.gather(*(driver.offered() for driver in drivers))
        async with asyncio.TaskGroup() as tasks:
            for vehicle, driver in zip(sites.vehicles, drivers, strict=True):
                tasks.create_task(receivers[vehicle.name].run(), name=f"{vehicle.name} speaks")
                tasks.create_task(driver.work(), name=f"{vehicle.name} is driven")


async def _send_the_rest(sites: Sites, listener: Listener, since: dict[str, int]) -> None:
    """Switch the vehicles on again, as the next morning: what is on board goes out."""
    async with AsyncExitStack() as stack:
        for vehicle in sites.vehicles:
            await stack.enter_async_context(_daemon(vehicle))
        async with asyncio.timeout(SETTLES_WITHIN_S):
            for vehicle in sites.vehicles:
                await listener.nothing_waits(vehicle.name, 2, since.get(vehicle.name, 0))


def _read(
    recording: Recording,
    cut: Cut,
    sites: Sites,
    receivers: dict[str, Receiver],
    listener: Listener,
    verified: dict[str, object],
) -> Told:
    """Read the ledger and what is on board, now that everybody has ended."""
    by_name, written = {}, {}
    with closing(sqlite3.connect(sites.station_db)) as db:
        for vehicle in sites.vehicles:
            epoch, on_board = facts_on_board(vehicle.store)
            written[vehicle.name, epoch] = len(on_board)
            by_name[vehicle.name] = Driven(
                receiver=receivers[vehicle.name],
                live=[
                    (live.utc, live.place)
                    for live in listener.lives[vehicle.name]
                    if live.place is not None
                ],
                track=_track(db, vehicle),
                sealed_on_board=[sealed for _, sealed in on_board],
                sealed_in_ledger=[held.sealed for held in held_facts(db, vehicle.name)],
            )
        sent = {vehicle.route_id: vehicle.parcels for vehicle in sites.vehicles}
        books = read_books(db, written, sent)
    return Told(recording, cut, by_name, books, verified)


def _track(db: sqlite3.Connection, vehicle: Vehicle) -> Reported:
    """Return the positions of one route as the ledger holds them."""
    batches = [
        unpack_batch(packed, vehicle.name)
        for (packed,) in db.execute(
            "SELECT batch FROM track WHERE route = ? ORDER BY seq", (vehicle.route_id,)
        )
    ]
    return [
        (
            batch.from_utc + timedelta(milliseconds=point.t_ms),
            Place(lat_deg=point.lat_1e7 / 1e7, lon_deg=point.lon_1e7 / 1e7),
        )
        for batch in batches
        for point in batch.points
    ]


def _daemon(vehicle: Vehicle) -> AbstractAsyncContextManager[Process]:
    return running("doorstep-edge", "run", str(vehicle.toml), log=vehicle.folder / "log")


def _serve(sites: Sites) -> tuple[str, ...]:
    return ("serve", "--config", str(sites.station_toml))


async def _station(sites: Sites, command: str, *more: str) -> bytes:
    """Give the station one command; return what it said."""
    process = await asyncio.create_subprocess_exec(
        PROGRAMS / "doorstep-station",
        *(command, "--config", str(sites.station_toml), *more),
        stdout=PIPE,
        stderr=PIPE,
    )
    said, complaint = await process.communicate()
    assert process.returncode == 0, f"{command}: {said.decode()}{complaint.decode()}"
    return said


@contextmanager
def _opened_to_all() -> Iterator[Path]:
    """A folder for receivers: gpsd is no longer root when it opens its device again."""
    with tempfile.TemporaryDirectory(prefix="drive-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
