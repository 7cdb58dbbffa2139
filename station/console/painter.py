"""Keeps the console's board true: after commits, positions, alarms and the office's work."""

import asyncio
import sqlite3
from datetime import date, datetime, timedelta
from math import cos, hypot, radians

import msgspec

from edge.clock import Clock
from edge.messages.broker.wire import to_json
from edge.messages.geo import Place
from edge.messages.state import TrackBatch
from station.books.intake import Taken
from station.books.lanes import LaneError, unpack_batch
from station.config import StationConfig
from station.console import picture, rows
from station.console.board import Board, Kind
from station.console.picture import RoutePicture, StopPicture
from station.console.rows import RouteRows, VehicleRow
from station.console.speed import Speed
from station.fleet.presence import Heard, Presence
from station.store import day as books
from station.store.alarms import shown_alarms
from station.store.database import Database
from station.store.day import KeptRoute

REFRESH_S = 0.25  # real seconds
TRAIL_STEP_M = 25.0  # closer points would not be told apart
TRAIL_H = 16.0  # of driving shown when the console starts
METRES_PER_DEG = 111_195.0

Painted = tuple[RoutePicture, list[StopPicture], RouteRows]
Put = tuple[Kind, str, bytes]
"""(kind, key, JSON) for the board."""


class StationPicture(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the frame of the page shows."""

    name: str
    timezone: str
    day: date
    place: Place
    connected: bool = False
    """The broker can be reached."""
    speed: float | None = None
    """None: the clock is the real one."""
    tiles: str = ""
    tiles_credit: str = ""


class LivePicture(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One vehicle as the live lane tells it."""

    place: Place | None = None
    heading_deg: float | None = None
    speed_mps: float | None = None
    accuracy_m: float | None = None
    doubtful: str = ""
    utc: datetime | None = None
    phase: str = ""
    backlog: int = 0
    """What waits on board for the ledger."""
    state: str = ""
    """online, offline, asleep; empty if nothing was heard."""


class Painter:
    """The shell that reads; `station.console.picture` says how it looks."""

    def __init__(
        self,
        config: StationConfig,
        database: Database,
        presence: Presence,
        clock: Clock,
        *,
        name: str,
        speed: Speed | None,
    ) -> None:
        self.board = Board(name)
        self.connected = False
        self._config = config
        self._database = database
        self._presence = presence
        self._clock = clock
        self._speed = speed
        self._day: date | None = None
        self._kept: dict[str, KeptRoute] = {}
        self._painted: dict[str, Painted] = {}
        self._rows: dict[str, VehicleRow] = {}
        self._last_point: dict[str, tuple[float, float]] = {}
        self._dirty_routes: set[str] = set()
        self._dirty_live: set[str] = set(presence.vehicles)
        self._repaint = True
        self._alarms = True
        self._dirty = asyncio.Event()
        self._dirty.set()

    def committed(self, taken: Taken) -> None:
        """Show what the ledger took in."""
        for event in taken.events:
            self._dirty_routes.add(event.route)
        self._alarms |= taken.alarmed
        for batch in taken.tracks:
            self._extend(batch)
        if taken.events or taken.alarmed or taken.tracks:
            self._dirty.set()

    def heard(self, vehicle: str) -> None:
        """Show what the live lane told of a vehicle."""
        self._dirty_live.add(vehicle)
        self._dirty.set()

    def alarmed(self) -> None:
        """Show that an alarm came, went or was acknowledged."""
        self._alarms = True
        self._dirty.set()

    def framed(self) -> None:
        """Show a change of the frame of the page."""
        self._dirty.set()

    def reached(self, *, connected: bool) -> None:
        """Show that the broker came or went."""
        self.connected = connected
        self._dirty.set()

    def worked(self) -> None:
        """Show what the office made of the day's stops and routes."""
        self._repaint = True
        self._dirty.set()

    async def run(self) -> None:
        """Repaint what changed, some times a second, for ever."""
        self._load_trails(await self._database.read(self._read_trails))
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            await self.paint()
            await asyncio.sleep(REFRESH_S * (self._speed.speed if self._speed else 1.0))

    async def paint(self) -> None:
        """Repaint what changed."""
        today = self._config.today(self._clock.utc())
        repaint = self._repaint or today != self._day or not self._known(self._dirty_routes)
        alarms, live = self._alarms, self._dirty_live
        routes, self._dirty_routes = self._dirty_routes, set()
        self._repaint, self._alarms, self._dirty_live = False, False, set()
        if repaint:
            puts = await self._database.read(self._read_day)
            self._day = today
            for kind in ("stops", "routes"):
                self.board.keep_only(kind, {put[1] for put in puts if put[0] == kind})
        elif routes:
            puts = await self._database.read(lambda db: self._read_routes(db, routes))
        else:
            puts = []
        for put in puts:
            self.board.put(*put)
        if alarms or repaint:
            shown = await self._database.read(shown_alarms)
            self.board.put("alarms", "alarms", to_json(shown))
        for name in live:
            self.board.put("live", name, to_json(_live_picture(self._presence.vehicles[name])))
        self._put_station()
        self.board.told()

    def _known(self, routes: set[str]) -> bool:
        return all(route in self._kept or not route for route in routes)

    def _put_station(self) -> None:
        station = StationPicture(
            name=self._config.station.name,
            timezone=self._config.station.timezone,
            day=self._day or self._config.today(self._clock.utc()),
            place=self._config.place,
            connected=self.connected,
            speed=self._speed.speed if self._speed else None,
            tiles=self._config.console.tiles,
            tiles_credit=self._config.console.tiles_credit,
        )
        self.board.put("station", "station", to_json(station))

    def _read_day(self, db: sqlite3.Connection) -> list[Put]:
        """Read and paint the whole day, in the database's worker."""
        today = self._config.today(self._clock.utc())
        day = books.last_day_with_routes(db, today) or today
        if books.orders_of(db, today):
            day = today
        self._kept = {kept.route.route_id: kept for kept in books.routes_of(db, day)}
        self._painted = {}
        self._rows = rows.read_vehicles(db)
        puts = [put for kept in self._kept.values() for put in self._paint(db, kept)]
        routed = {stop.stop_id for kept in self._kept.values() for stop in kept.route.stops}
        puts += [
            ("stops", order.stop_id, to_json(picture.paint_order(order)))
            for order in books.orders_of(db, day)
            if order.stop_id not in routed
        ]
        return puts + self._paint_vehicles()

    def _read_routes(self, db: sqlite3.Connection, routes: set[str]) -> list[Put]:
        """Read and paint what may have changed, in the database's worker."""
        self._rows = rows.read_vehicles(db)
        wanted = [self._kept[route_id] for route_id in sorted(routes) if route_id in self._kept]
        puts = [put for kept in wanted for put in self._paint(db, kept)]
        return puts + self._paint_vehicles()

    def _paint(self, db: sqlite3.Connection, kept: KeptRoute) -> list[Put]:
        told = rows.read_route(db, kept)
        vehicle = self._rows.get(kept.route.vehicle, VehicleRow())
        route, stops = picture.paint_route(kept, told, vehicle)
        self._painted[kept.route.route_id] = (route, stops, told)
        puts: list[Put] = [("stops", stop.id, to_json(stop)) for stop in stops]
        return [*puts, ("routes", route.id, to_json(route))]

    def _paint_vehicles(self) -> list[Put]:
        puts: list[Put] = []
        of_vehicle = {painted[0].vehicle: painted for painted in self._painted.values()}
        for number, vehicle in enumerate(self._config.vehicle):
            shown = picture.paint_vehicle(
                vehicle.name,
                number,
                vehicle.kind,
                self._rows.get(vehicle.name, VehicleRow()),
                of_vehicle.get(vehicle.name),
            )
            puts.append(("vehicles", vehicle.name, to_json(shown)))
        total = rows.sum_books([told.books for _, _, told in self._painted.values()])
        return [*puts, ("books", "books", to_json(total))]

    def _read_trails(self, db: sqlite3.Connection) -> list[TrackBatch]:
        since_utc = self._clock.utc() - timedelta(hours=TRAIL_H)
        rows = db.execute(
            "SELECT s.vehicle, t.batch FROM track t JOIN stream s ON s.id = t.stream"
            " WHERE t.from_utc >= ? AND t.points > 0 ORDER BY t.from_utc",
            (since_utc.isoformat(),),
        )
        batches = []
        for vehicle, packed in rows:
            try:
                batches.append(unpack_batch(bytes(packed), vehicle))
            except LaneError:
                continue
        return batches

    def _load_trails(self, batches: list[TrackBatch]) -> None:
        for batch in batches:
            self._extend(batch)

    def _extend(self, batch: TrackBatch) -> None:
        """Append a batch to its vehicle's trail, leaving out what would not be seen."""
        from_ms = int(batch.from_utc.timestamp() * 1000)
        last = self._last_point.get(batch.vehicle)
        points = []
        for point in batch.points:
            here = (point.lat_1e7 / 1e7, point.lon_1e7 / 1e7)
            if last is None or _apart_m(last, here) >= TRAIL_STEP_M:
                points.append((from_ms + point.t_ms, *here))
                last = here
        if last is not None:
            self._last_point[batch.vehicle] = last
        self.board.extend_trail(batch.vehicle, points)


def _apart_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the distance of near points, on a flat map."""
    north = other[0] - one[0]
    east = (other[1] - one[1]) * cos(radians(one[0]))
    return METRES_PER_DEG * hypot(north, east)


def _live_picture(heard: Heard) -> LivePicture:
    state = heard.status.state if heard.status is not None else ""
    live = heard.live
    if live is None:
        return LivePicture(state=state)
    backlog = live.backlog
    return LivePicture(
        place=live.place,
        heading_deg=live.heading_deg,
        speed_mps=live.speed_mps,
        accuracy_m=live.accuracy_m,
        doubtful=live.doubtful,
        utc=live.utc,
        phase=live.phase,
        backlog=backlog.facts + backlog.track + backlog.proof if backlog else 0,
        state=state,
    )
