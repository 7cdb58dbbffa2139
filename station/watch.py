"""The fleet in a terminal: asks the running station's console and draws with rich."""

import asyncio
import sys
from datetime import date, datetime
from zoneinfo import ZoneInfo

import aiohttp
import msgspec
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from edge.errors import LinkError
from edge.messages.broker.wire import UndecodableError, from_json
from station.config import StationConfig
from station.console.picture import VehiclePicture
from station.console.rows import BooksPicture
from station.keys import console_token
from station.store.alarms import Alarm

EVERY_S = 1.0
ANSWER_S = 10.0
QUIET_S = 20.0
KINDS = "station,vehicles,live,books,alarms"
ALARMS_SHOWN = 8

PHASES = {
    "idle": ("idle", "dim"),
    "offered": ("has its route", "dim"),
    "loading": ("loading", "yellow"),
    "underway": ("under way", "cyan"),
    "at_stop": ("at a stop", "bold cyan"),
    "returning": ("driving back", "cyan"),
    "debriefing": ("unloading", "yellow"),
    "closed": ("day closed", "green"),
}


class _Station(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    timezone: str
    day: date
    connected: bool = False
    speed: float | None = None


class _Live(msgspec.Struct, frozen=True, kw_only=True):
    utc: datetime | None = None
    backlog: int = 0
    speed_mps: float | None = None
    state: str = ""


class _State(msgspec.Struct, frozen=True, kw_only=True):
    now_utc: datetime
    station: dict[str, _Station]
    vehicles: dict[str, VehiclePicture] = {}
    live: dict[str, _Live] = {}
    books: dict[str, BooksPicture] = {}
    alarms: dict[str, list[Alarm]] = {}


async def run_watch(
    config: StationConfig, *, once: bool = False, as_json: bool = False
) -> None:
    """Draw the fleet every second until cancelled, or `once`, or `as_json` line by line.

    Raises LinkError if `once` and no station answers.
    """
    host = f"[{config.console.host}]" if ":" in config.console.host else config.console.host
    address = f"http://{host}:{config.console.port}"
    headers = {"Authorization": f"Bearer {console_token(config.data_folder)}"}
    timeout = aiohttp.ClientTimeout(ANSWER_S)
    async with aiohttp.ClientSession(headers=headers, timeout=timeout) as session:
        if once:
            body = await _fetch(session, address)
            _write(body if as_json else None, from_json(body, _State))
        elif as_json:
            while True:
                _write(await _fetch(session, address), None)
                await asyncio.sleep(EVERY_S)
        else:
            await _follow(session, address)


async def _follow(session: aiohttp.ClientSession, address: str) -> None:
    drawn: RenderableType = Text(f"asking {address} …", style="dim")
    with Live(drawn, console=Console(), screen=True, auto_refresh=False) as live:
        while True:
            try:
                drawn = draw(from_json(await _fetch(session, address), _State))
                live.update(drawn, refresh=True)
            except (LinkError, UndecodableError) as error:
                lost = Text(f" {error}: trying again ", style="white on red")
                live.update(Group(lost, drawn), refresh=True)
            await asyncio.sleep(EVERY_S)


async def _fetch(session: aiohttp.ClientSession, address: str) -> bytes:
    try:
        async with session.get(f"{address}/api/state", params={"kinds": KINDS}) as response:
            if response.status != 200:
                raise LinkError(f"the console at {address} answers {response.status}")
            return await response.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise LinkError(
            f"no station answers at {address} (is `doorstep-station serve` running?): "
            f"{error or type(error).__name__}"
        ) from error


def _write(line: bytes | None, state: _State | None) -> None:
    if line is not None:
        sys.stdout.write(line.decode() + "\n")
        sys.stdout.flush()
    elif state is not None:
        Console().print(draw(state))


def draw(state: _State) -> RenderableType:
    """Return the whole picture."""
    station = next(iter(state.station.values()))
    zone = ZoneInfo(station.timezone)
    books = state.books.get("books", BooksPicture())
    return Group(
        _head(station, state.now_utc.astimezone(zone)),
        _books(books),
        _vehicles(state, zone, station.speed or 1.0),
        _alarms(state.alarms.get("alarms", []), zone),
    )


def _head(station: _Station, now: datetime) -> RenderableType:
    line = Text.assemble((f" {station.name} ", "bold reverse"), f"  {station.day:%A %d %B}  ")
    line.append(f"{now:%H:%M:%S}", style="bold")
    if station.speed is not None:
        line.append(f"  {station.speed:g} ×", style="magenta")
    connected = ("  ● connected", "green") if station.connected else ("  ● no broker", "red")
    line.append(*connected)
    return line


def _books(books: BooksPicture) -> RenderableType:
    told = Text("  ")
    for count, words, style in (
        (books.expected, "parcels", "bold"),
        (books.delivered, "delivered", "green"),
        (books.on_board, "on board", "cyan"),
        (books.returned, "returned", "magenta"),
        (books.failed, "failed", "red"),
        (books.waiting, "waiting", "dim"),
    ):
        told.append(f"{count:,} {words}   ", style=style)
    return told


def _vehicles(state: _State, zone: ZoneInfo, speed: float) -> RenderableType:
    table = Table(expand=True, box=None, header_style="dim", padding=(0, 1))
    for name in ("vehicle", "", "stops", "", "next", "late", "km/h", "heard", "to send"):
        table.add_column(
            name, justify="right" if name in ("late", "km/h", "to send") else "left"
        )
    for vehicle in sorted(state.vehicles.values(), key=lambda vehicle: vehicle.number):
        live = state.live.get(vehicle.name, _Live())
        words, style = PHASES.get(vehicle.phase, (vehicle.phase, ""))
        handled = vehicle.done + vehicle.failed
        moving = live.speed_mps is not None and vehicle.phase in ("underway", "returning")
        table.add_row(
            Text(vehicle.name, style="bold"),
            Text(words, style=style),
            f"{handled}/{vehicle.total}" if vehicle.total else "",
            ProgressBar(total=max(vehicle.total, 1), completed=handled, width=18),
            f"{vehicle.next_utc.astimezone(zone):%H:%M}" if vehicle.next_utc else "",
            Text(str(vehicle.late), style="yellow") if vehicle.late else "",
            f"{(live.speed_mps or 0.0) * 3.6:.0f}" if moving else "",
            _heard(live, state.now_utc, speed),
            f"{live.backlog}" if live.backlog else "",
        )
    return Panel(table, title="vehicles", title_align="left", border_style="dim")


def _heard(live: _Live, now_utc: datetime, speed: float) -> Text:
    if live.state == "offline":
        return Text("no link", style="red")
    if live.utc is None:
        return Text("never", style="dim")
    age_s = max(0.0, (now_utc - live.utc).total_seconds() / max(speed, 1.0))
    if age_s < QUIET_S:
        return Text("live", style="green")
    return Text(f"{age_s:.0f} s ago" if age_s < 120 else f"{age_s / 60:.0f} min ago", "yellow")


def _alarms(alarms: list[Alarm], zone: ZoneInfo) -> RenderableType:
    if not alarms:
        return Text("  no alarms", style="dim")
    lines = Text()
    for alarm in alarms[:ALARMS_SHOWN]:
        style = "dim" if alarm.cleared_utc or alarm.seen_utc else "yellow"
        lines.append(f"{alarm.raised_utc.astimezone(zone):%H:%M} ", style="dim")
        lines.append(f"{alarm.vehicle} {alarm.text}\n", style=style)
    if len(alarms) > ALARMS_SHOWN:
        lines.append(f"and {len(alarms) - ALARMS_SHOWN} more", style="dim")
    return Panel(lines, title=f"alarms {len(alarms)}", title_align="left", border_style="dim")
