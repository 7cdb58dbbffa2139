"""The office: everything the commands, the console and the simulator ask of the station."""

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NoReturn

from msgspec.structs import replace

from edge.clock import Clock
from edge.errors import RefusedError
from edge.messages.geo import Place
from edge.streams import Latest
from station.config import StationConfig
from station.keys import StationKeys
from station.routes.assign import Limits, Progress, assign
from station.routes.dispatch import (
    DispatchAnswer,
    Sender,
    cancel_stops,
    dispatch_routes,
    standing,
)
from station.routes.fitting import NotAssigned
from station.routes.fleet import fleet_of, route_id_of
from station.routes.revise import AssignAnswer, in_figures, revisions
from station.stops.addresses import address_key
from station.stops.gather import gather
from station.stops.intake import read_orders, store_orders
from station.stops.orders import AddressState, ImportAnswer, Order
from station.stops.rows import Context
from station.store import day as books
from station.store import evidence
from station.store.database import Database


def silent(_line: str) -> None:
    """Progress that nobody watches."""


class Office:
    """The station's work of a day, on its one database."""

    def __init__(
        self, database: Database, config: StationConfig, keys: StationKeys, clock: Clock
    ) -> None:
        self._database = database
        self._config = config
        self._keys = keys
        self._clock = clock
        self.sent: Latest[int] = Latest()
        """Counts the orders put into outboxes; wakes who carries them to the broker."""

    @property
    def today(self) -> date:
        """The day at the station."""
        return self._config.today(self._clock.utc())

    async def import_stops(
        self,
        file: str,
        content: bytes,
        *,
        day: date | None = None,
        named: Mapping[str, str] | None = None,
    ) -> ImportAnswer:
        """Take over a spreadsheet; `day` is for rows without one, today if not given.

        `named` (header → field) corrects the guesses. Importing the same file again changes
        nothing. Raises SheetError or ColumnError if the file as a whole cannot be used.
        """
        context = Context(
            day=day or self.today,
            timezone=self._config.timezone,
            station=self._config.place,
            pin_secret=self._keys.pin_secret,
        )
        reading = await asyncio.to_thread(read_orders, file, content, context, named)
        keys = reading.address_keys
        known = await self._database.read(lambda db: books.known_places(db, keys))
        gathered = await asyncio.to_thread(gather, reading.drafts, known, self._keys.pin_secret)
        return await self._database.transaction(
            lambda db: store_orders(db, reading, gathered, context.day)
        )

    async def orders(self, day: date | None = None) -> list[Order]:
        """Return the stops of a day as they were imported."""
        return await self._database.read(lambda db: books.orders_of(db, day or self.today))

    async def place(self, stop_id: str, place: Place, *, day: date | None = None) -> Order:
        """Say where a stop is; its address is known from now on. Raises RefusedError."""
        on_day = day or self.today

        def run(db: sqlite3.Connection) -> Order:
            order = books.order_of(db, on_day, stop_id)
            if order is None:
                raise RefusedError(f"there is no stop {stop_id!r} on {on_day}")
            order = replace(order, place=place, state=AddressState.VERIFIED, why="")
            books.keep_order(db, order, "placed by a person")
            if address := address_key(order.address):
                books.learn_place(db, address, place, "placed by a person")
            return order

        return await self._database.transaction(run)

    async def cancel(
        self, stop_ids: Sequence[str], reason: str, *, day: date | None = None
    ) -> tuple[str, ...]:
        """Take stops out of a day; returns the vehicles that are told. Raises RefusedError."""
        on_day, sender = day or self.today, self._sender()
        told = await self._database.transaction(
            lambda db: cancel_stops(db, on_day, tuple(stop_ids), reason, sender)
        )
        self._wake(len(told))
        return told

    async def assign(
        self,
        *,
        day: date | None = None,
        limits: Limits | None = None,
        again: bool = False,
        progress: Progress = silent,
    ) -> AssignAnswer:
        """Make the routes of a day from its stops; nothing goes out yet.

        Routes that went out are only made anew with `again`, as a later revision, and never
        once their vehicle has begun to load. Raises RefusedError.
        """
        on_day = day or self.today
        orders, before, started = await self._database.read(
            lambda db: (
                books.orders_of(db, on_day),
                {kept.route.route_id: kept for kept in books.dispatched_routes_of(db, on_day)},
                evidence.started_routes(db),
            )
        )
        if before and not again:
            _refuse_to_assign_again(on_day, list(before))
        locked = frozenset(before) & started
        served = {stop.stop_id for name in locked for stop in before[name].route.stops}
        fleet = [
            vehicle
            for vehicle in fleet_of(self._config, on_day)
            if route_id_of(on_day, vehicle.name) not in locked
        ]
        free = [one for one in orders if one.assignable and one.stop_id not in served]
        progress(f"{len(free)} stops for {len(fleet)} vehicles")
        drafts, left = await asyncio.to_thread(
            assign,
            free,
            fleet,
            self._config.place,
            detour=self._config.travel.detour,
            speed_mps=self._config.travel.speed_mps,
            limits=limits or Limits(),
            progress=progress,
        )
        fresh, gone, kept = revisions(drafts, before, locked, on_day, self._config.place)

        def keep(db: sqlite3.Connection) -> None:
            now = books.dispatched_routes_of(db, on_day)
            if {one.hash for one in now} != {one.hash for one in before.values()}:
                raise RefusedError("routes went out while this ran: assign again")
            books.drop_drafts(db, on_day)
            for route in (*(route for route, _ in fresh), *gone):
                books.keep_route(db, on_day, route, self._clock.utc())

        await self._database.transaction(keep)
        return AssignAnswer(
            day=on_day,
            routes=tuple(in_figures(route, draft) for route, draft in fresh),
            kept=tuple(kept),
            withdrawn=tuple(route.route_id for route in gone),
            not_assigned=tuple(left),
            blocked=tuple(
                NotAssigned(
                    stop_id=order.stop_id,
                    name=order.name,
                    why=f"cancelled: {order.cancelled}" if order.cancelled else order.why,
                )
                for order in orders
                if not order.assignable
            ),
        )

    async def dispatch(self, *, day: date | None = None) -> DispatchAnswer:
        """Send every route that has not gone out as it is now. Raises RefusedError."""
        on_day, sender = day or self.today, self._sender()
        answer = await self._database.transaction(
            lambda db: dispatch_routes(db, on_day, sender)
        )
        self._wake(len(answer.sent))
        return answer

    async def standing(self, *, day: date | None = None) -> DispatchAnswer:
        """Return who has acknowledged which route, sending nothing."""
        on_day = day or self.today
        shown = await self._database.read(lambda db: standing(db, on_day))
        return DispatchAnswer(day=on_day, sent=(), standing=shown)

    def _sender(self) -> Sender:
        name = self._config.station.name
        return Sender(issuer=name, key=self._keys.signing, now_utc=self._clock.utc())

    def _wake(self, count: int) -> None:
        if count:
            self.sent.set((self.sent.value or 0) + count)


def _refuse_to_assign_again(day: date, route_ids: list[str]) -> NoReturn:
    raise RefusedError(
        f"the routes of {day} went out already ({', '.join(route_ids)}): "
        "`assign --again` makes later revisions of those that are not under way"
    )
