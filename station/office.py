"""The office: everything the commands, the console and the simulator ask of the station."""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from edge.clock import Clock
from edge.errors import RefusedError
from edge.messages.facts import FactEvent
from edge.messages.geo import Place
from edge.messages.routes import Route
from edge.streams import Latest
from station.conditions.desk import ConditionsDesk
from station.config import StationConfig
from station.directing.desk import DirectingDesk
from station.evidence.bundle import make_bundle
from station.evidence.collect import (
    collect_facts,
    collect_media,
    verify_database,
)
from station.evidence.verify import VerifyAnswer, readable
from station.keys import StationKeys
from station.offers.desk import OfferDesk
from station.report.day import day_report
from station.report.words import DayReport
from station.routes.assign import Limits
from station.routes.dispatch import (
    DispatchAnswer,
    Sender,
    cancel_stops,
    dispatch_routes,
    standing,
)
from station.routes.planning import assign_day
from station.routes.progress import Progress
from station.routes.revise import AssignAnswer
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
        vehicles = [vehicle.name for vehicle in config.vehicle]
        self.conditions = ConditionsDesk(
            database, vehicles, clock, sender=self._sender, wake=self._wake
        )
        self.offers = OfferDesk(
            database,
            clock,
            today=lambda: self.today,
            sender=self._sender,
            wake=self._wake,
        )

        kinds = {vehicle.name: vehicle.kind for vehicle in config.vehicle}
        self.directing = DirectingDesk(
            database, kinds, clock, sender=self._sender, wake=self._wake
        )

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
        return await assign_day(
            self._database,
            self._config,
            day or self.today,
            limits=limits or Limits(),
            again=again,
            progress=progress,
            now_utc=self._clock.utc(),
            secret=self._keys.pin_secret,
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

    async def report(self, *, day: date | None = None) -> DayReport:
        """Return the report of a day from its facts; of the last day with routes by default.

        Raises RefusedError if nothing was dispatched on that day.
        """
        on_day = day or await self._last_day()
        routes, missing = await self._database.read(
            lambda db: (
                [kept.route for kept in books.dispatched_routes_of(db, on_day)],
                evidence.gaps_of(db),
            )
        )
        sent = [route for route in routes if route.stops]
        if not sent:
            raise RefusedError(f"no route of {on_day} went out, so there is nothing to report")
        facts = await collect_facts(self._database, *self._of_day(on_day, sent))
        return await asyncio.to_thread(
            lambda: day_report(
                readable(facts),
                sent,
                station=self._config.station.name,
                org=self._config.station.org,
                day=on_day,
                timezone=self._config.station.timezone,
                made_utc=self._clock.utc(),
                detour=self._config.travel.detour,
                missing=missing,
            )
        )

    async def verify(self) -> VerifyAnswer:
        """Check every signature, chain and photo of the ledger with public keys only."""
        return await verify_database(self._database, self._keys.vehicles)

    async def export(self, *, day: date | None = None) -> bytes:
        """Return a day's evidence as a zip for third parties; see `verify_bundle`."""
        on_day = day or await self._last_day()
        kept = await self._database.read(lambda db: books.dispatched_routes_of(db, on_day))
        routes = [one.route for one in kept]
        facts = await collect_facts(self._database, *self._of_day(on_day, routes))
        media = await collect_media(self._database, facts)
        return await asyncio.to_thread(
            lambda: make_bundle(
                facts,
                media,
                station=self._config.station.name,
                org=self._config.station.org,
                about=str(on_day),
                made_utc=self._clock.utc(),
                key=self._keys.signing,
            )
        )

    async def _last_day(self) -> date:
        """Return the newest day with routes that has begun, else today."""
        today = self.today
        last = await self._database.read(lambda db: books.last_day_with_routes(db, today))
        return last or today

    def _of_day(
        self, day: date, routes: Sequence[Route]
    ) -> tuple[datetime, Callable[[FactEvent], bool]]:
        """Return since when a day's facts can have come, and which belong to it.

        A fact belongs by its route whatever its clock said, without one by its time.
        """
        names = {route.route_id for route in routes}
        config = self._config
        began_utc = min(
            (route.departs_utc for route in routes), default=config.instant(day, "00:00")
        )
        since_utc = min(config.instant(day, "00:00"), began_utc) - timedelta(days=1)

        def belongs(event: FactEvent) -> bool:
            if event.route:
                return event.route in names
            return config.today(event.time) == day

        return since_utc, belongs

    def _sender(self) -> Sender:
        name = self._config.station.name
        return Sender(issuer=name, key=self._keys.signing, now_utc=self._clock.utc())

    def _wake(self, count: int) -> None:
        if count:
            self.sent.set((self.sent.value or 0) + count)
