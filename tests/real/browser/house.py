"""A station and two vans as a newcomer sets them up: real commands, real processes."""

import asyncio
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from edge.messages.geo import Place
from tests.real.browser.rolling import RollingReceiver
from tests.real.kills.driving.receiver import Receiver, plugged_in
from tests.real.kills.processes.sites import quiet_port
from tests.real.mosquitto.broker import Mosquitto
from tests.real.programs import PROGRAMS, running

HOME = Place(lat_deg=48.1180, lon_deg=11.5320)
CAPACITY_KG = {"van-1": 20, "van-2": 60}
"""With the weights of the sheet: who carries what is not left to the search."""
UP_WITHIN_S = 30.0
LOOK_EVERY_S = 0.1


class Van:
    """One van: its daemon's files, and the receiver that moves it."""

    def __init__(self, name: str, folder: Path, page_port: int, receiver: Receiver) -> None:
        self.name = name
        self.toml = folder / name / f"{name}.toml"
        self.page_port = page_port
        self.receiver = receiver
        self._speaking: asyncio.Task[None] | None = None

    def speak(self) -> None:
        """Let the receiver speak, and the van drive."""
        self._speaking = asyncio.create_task(self.receiver.run(), name=f"{self.name} receiver")

    async def hush(self) -> None:
        """Let the receiver fall silent."""
        if self._speaking is not None:
            self._speaking.cancel()
            await asyncio.wait([self._speaking])


@dataclass(frozen=True, slots=True)
class House:
    """What runs, and what of it can be asked."""

    folder: Path
    station_toml: Path
    console_port: int
    vans: dict[str, Van]

    @property
    def console_url(self) -> str:
        """Address of the console."""
        return f"http://127.0.0.1:{self.console_port}/"

    @property
    def data(self) -> Path:
        """Folder of the station's durable files."""
        return self.station_toml.parent / "data"

    async def command(self, *arguments: str, config: Path | None = None) -> tuple[int, str]:
        """Run `doorstep-station`; return its exit code and what it said."""
        where = ("--config", str(config or self.station_toml))
        return await station(arguments[0], *where, *arguments[1:], cwd=self.folder)


async def station(*arguments: str, cwd: Path) -> tuple[int, str]:
    """Run `doorstep-station` in a folder; return its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        PROGRAMS / "doorstep-station", *arguments, stdout=PIPE, stderr=PIPE, cwd=cwd
    )
    said, complaint = await process.communicate()
    assert process.returncode in (0, 1), f"{arguments}: {said.decode()}{complaint.decode()}"
    return process.returncode, said.decode()


async def set_up(folder: Path, broker_port: int, receivers: dict[str, Receiver]) -> House:
    """Make the station and take both vans into its fleet."""
    rng, home = Random(), folder / "station"
    where = ("--lat", str(HOME.lat_deg), "--lon", str(HOME.lon_deg), "--timezone", _morning())
    await station("init", str(home), "--name", "Depot North", *where, cwd=folder)
    toml, console_port = home / "station.toml", quiet_port(rng)
    _amend(toml, "port = 1883", f"port = {broker_port}")
    _amend(toml, "port = 8090", f"port = {console_port}")
    house = House(folder, toml, console_port, {})
    for name, capacity_kg in CAPACITY_KG.items():
        van = Van(name, folder, quiet_port(rng), receivers[name])
        options = ("--capacity-kg", str(capacity_kg), "--shift", "00:00-23:59")
        device = ("--nmea", str(_device(folder, name)), "--out", str(van.toml.parent))
        code, said = await house.command("enroll", name, *options, *device)
        assert code == 0, said
        _amend(van.toml, "port = 8080", f"port = {van.page_port}")
        house.vans[name] = van
    return house


@asynccontextmanager
async def a_house(folder: Path) -> AsyncIterator[House]:
    """Have the station and both daemons run; they must end in order at the end."""
    async with AsyncExitStack() as stack:
        broker = stack.enter_context(Mosquitto(folder))
        receivers = {
            name: _rolling(stack.enter_context(plugged_in(_device(folder, name), HOME)))
            for name in CAPACITY_KG
        }
        house = await set_up(folder, broker.port, receivers)
        for van in house.vans.values():
            van.speak()
            stack.push_async_callback(van.hush)
        log = folder / "station.log"
        serve = ("serve", "--config", str(house.station_toml))
        await stack.enter_async_context(running("doorstep-station", *serve, log=log))
        for van in house.vans.values():
            log = folder / f"{van.name}.log"
            await stack.enter_async_context(
                running("doorstep-edge", "run", str(van.toml), log=log)
            )
        for port in (house.console_port, *(van.page_port for van in house.vans.values())):
            await _listens(port)
        yield house


def _rolling(receiver: Receiver) -> Receiver:
    return RollingReceiver(receiver._master, receiver.place)


def _device(folder: Path, name: str) -> Path:
    return folder / f"{name}.receiver"


def _morning() -> str:
    """Return a time zone in which the day is young, so that no shift ends while we look."""
    east_h = max(9 - datetime.now(UTC).hour, -12)
    return f"Etc/GMT{-east_h:+d}"


def _amend(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert text.count(old) == 1, f"{file} has {old!r} {text.count(old)} times"
    file.write_text(text.replace(old, new))


async def _listens(port: int) -> None:
    async with asyncio.timeout(UP_WITHIN_S):
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(LOOK_EVERY_S)
