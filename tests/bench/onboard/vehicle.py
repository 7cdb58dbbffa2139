"""A van around the shipped daemon as its own process: receiver, broker, station, phone."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
import tty
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from edge.driver.server import Address
from edge.messages.commands import Command, RouteOffer
from edge.messages.geo import Place
from edge.messages.parcels import Parcel
from edge.messages.routes import Route, Stop, TimeWindow
from edge.uplink.mqtt import connector
from sim.devices.receiver import with_fix
from sim.world import Truth
from tests.edge.driver.client import Client
from tests.edge.uplink.peers import STATION_KEY, Station
from tests.real.mosquitto.broker import Mosquitto, free_port

ROOT = Path(__file__).parents[3]
DEPOT = Place(lat_deg=48.1372, lon_deg=11.5756)
VAN, ORG = "van-1", "acme"
PATIENCE_S = 60.0
SPEED_MPS = 8.0
M_PER_LAT_DEG = 111_200

CONFIG = """\
[vehicle]
name = "{van}"
org = "{org}"
[keys]
signing_key_file = "van.key"
station_keys = ["{station_key}"]
[store]
folder = "store"
[broker]
host = "127.0.0.1"
port = {broker}
[gnss]
source = "nmea"
device = "{receiver}"
[driver_page]
port = {page}
"""


class Van:
    """Files, peers and the process; made by `van`."""

    def __init__(self, folder: Path, broker: Mosquitto, master: int, receiver: str) -> None:
        self.folder = folder
        self.every_s = 1.0
        """How often the receiver speaks."""
        self.station = Station(
            connector("127.0.0.1", broker.port, client_id="station"), Random(1)
        )
        self.process: Process | None = None
        self.phone: Client
        self._master = master
        self._page = free_port()
        self._notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notices.setblocking(False)
        self._notices.bind(str(folder / "notify"))
        (folder / "store").mkdir()
        key = folder / "van.key"
        key.write_text("00" * 32)
        key.chmod(0o600)
        text = CONFIG.format(
            van=VAN,
            org=ORG,
            station_key=STATION_KEY.public.to_hex(),
            broker=broker.port,
            receiver=receiver,
            page=self._page,
        )
        (folder / "vehicle.toml").write_text(text)

    async def start(self) -> tuple[float, float]:
        """Start the daemon; return [s] until it was ready and until its first publish."""
        loop, station = asyncio.get_running_loop(), self.station
        heard = len(station.statuses)
        with (self.folder / "log").open("ab") as log:
            began_s = time.monotonic()
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "edge", "run", str(self.folder / "vehicle.toml")),
                stdin=DEVNULL,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env={**os.environ, "NOTIFY_SOCKET": str(self.folder / "notify")},
            )
        async with asyncio.timeout(PATIENCE_S):
            while not (await loop.sock_recv(self._notices, 4096)).startswith(b"READY=1"):
                continue
            ready_s = time.monotonic() - began_s
        # The broker says the last will of a killed life first.
        await until(lambda: any(one.state == "online" for one in station.statuses[heard:]))
        return ready_s, time.monotonic() - began_s

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End the process, by SIGKILL if it does not go."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
        try:
            async with asyncio.timeout(10.0):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
        self.process = None

    async def speak(self) -> None:
        """Be the receiver of a van that drives north, for ever."""
        lat_deg = DEPOT.lat_deg
        while True:
            truth = Truth(lat_deg, DEPOT.lon_deg, SPEED_MPS, 0.0)
            said = with_fix(datetime.now(UTC), lat_deg, DEPOT.lon_deg, truth, 1.0)
            with contextlib.suppress(BlockingIOError):  # nobody reads
                os.write(self._master, said)
            lat_deg += SPEED_MPS * self.every_s / M_PER_LAT_DEG
            await asyncio.sleep(self.every_s)

    @asynccontextmanager
    async def phone_on(self) -> AsyncIterator[Client]:
        """Have a phone that shows the driver's page."""
        await until(self._serves)
        async with Client(Address("127.0.0.1", self._page, None)) as phone:
            await phone.start()
            events = await phone.events()
            watching = asyncio.create_task(_watch(events), name="phone")
            try:
                yield phone
            finally:
                watching.cancel()
                await asyncio.wait([watching])
                events.answer.close()

    async def take_out(self, phone: Client, stops: int, served: int) -> None:
        """Send a route, load all of it, and serve the first stops."""
        route = route_of(stops)
        self.station.order(STATION_KEY.seal(_offer(route)))
        await self._until(phone, lambda view: view["phase"] == "offered" and view["stops"])
        await phone.act("start_loading")
        for parcel in route.parcels:
            scan = f"scan-{parcel.parcel_id}"
            await phone.act("scan_parcel", parcel_id=parcel.parcel_id, action_id=scan)
        await phone.act("finish_loading")
        for number in range(served):
            view = await self._until(phone, lambda view: view["phase"] == "underway")
            stop = view["stop"]
            at = {"stop_id": stop["stop_id"]}
            await phone.act("arrive", action_id=f"arrive-{number}", **at)
            parcels = [parcel["parcel_id"] for parcel in stop["parcels"]]
            given = {"parcel_ids": parcels, "recipient": "M. Example", **at}
            await phone.act("hand_over", action_id=f"hand-over-{number}", **given)
        await self._until(phone, lambda view: view["phase"] == "underway")

    async def _until(self, phone, holds):
        async with asyncio.timeout(PATIENCE_S):
            while True:
                _, view, _ = await phone.get("/view")
                if holds(view):
                    return view
                await asyncio.sleep(0.05)

    def _serves(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self._page), 1.0).close()
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Let go of the socket."""
        self._notices.close()


async def until(true: Callable[[], bool], every_s: float = 0.005) -> None:
    """Wait for a condition. Raises TimeoutError when it does not come."""
    async with asyncio.timeout(PATIENCE_S):
        while not true():  # noqa: ASYNC110 -- nothing tells
            await asyncio.sleep(every_s)


@asynccontextmanager
async def van(folder: Path) -> AsyncIterator[Van]:
    """Have a van with everything around its daemon; nothing of it is left behind."""
    async with AsyncExitStack() as stack:
        broker = stack.enter_context(Mosquitto(folder))
        master, slave = os.openpty()
        stack.callback(os.close, master)
        stack.callback(os.close, slave)
        tty.setraw(slave)
        os.set_blocking(master, False)
        one = Van(folder, broker, master, os.ttyname(slave))
        stack.callback(one.close)
        around = [
            asyncio.create_task(one.station.run(), name="station"),
            asyncio.create_task(one.speak(), name="receiver"),
        ]
        stack.push_async_callback(_end, around)
        stack.push_async_callback(one.stop)
        async with asyncio.timeout(PATIENCE_S):
            await one.station.connected.wait()
        yield one


def route_of(stops: int) -> Route:
    """Return a day on a grid north of the station; every third stop has a window."""
    now = datetime.now(UTC).replace(microsecond=0)
    ids = [f"S{number:04d}" for number in range(stops)]
    window = TimeWindow(opens_utc=now, closes_utc=now + timedelta(hours=6))
    return Route(
        route_id="R1",
        revision=1,
        vehicle=VAN,
        station=DEPOT,
        departs_utc=now,
        returns_by_utc=now + timedelta(hours=14),
        stops=tuple(
            Stop(
                stop_id=one,
                place=Place(
                    lat_deg=DEPOT.lat_deg + 0.001 * (number // 12 + 1),
                    lon_deg=DEPOT.lon_deg + 0.0015 * (number % 12),
                ),
                parcels=(f"P{one}",),
                windows=(window,) if number % 3 == 0 else (),
                name=f"Customer {number}",
                address=f"{number} Example Street, 80331 Munich",
                notes="ring twice",
            )
            for number, one in enumerate(ids)
        ),
        parcels=tuple(Parcel(parcel_id=f"P{one}") for one in ids),
    )


def _offer(route: Route) -> Command:
    now = datetime.now(UTC)
    return Command(
        vehicle=VAN,
        epoch="c1",
        seq=1,
        issuer="dispatch",
        issued_utc=now,
        expires_utc=now + timedelta(hours=12),
        order=RouteOffer(route=route),
        key_id=STATION_KEY.key_id,
    )


async def _watch(events) -> None:
    while True:
        async for _ in events.answer.content.iter_any():
            pass
        await asyncio.sleep(1.0)


async def _end(tasks: list["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
