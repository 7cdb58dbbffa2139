"""Routes → sealed, numbered orders in each vehicle's outbox; and who has taken them over."""

import hashlib
import sqlite3
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from edge.errors import RefusedError
from edge.handover.proof import SigningKey
from edge.messages.broker.catalog import MAX_PAYLOAD_B
from edge.messages.commands import CancelStops, Command, Order, RouteOffer
from edge.messages.parcels import StopId
from edge.messages.routes import RouteId
from station.store import day as books
from station.store import evidence
from station.store.day import CommandName, KeptRoute


class SentOrder(Struct, frozen=True, kw_only=True):
    """One order that went into a vehicle's outbox just now."""

    vehicle: str
    route_id: RouteId
    revision: int
    seq: int
    size: int
    """Bytes on the wire."""


class RouteStanding(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far one vehicle's route has come."""

    vehicle: str
    route_id: RouteId
    revision: int
    route_hash: str
    state: Literal["not sent", "waiting", "accepted", "refused", "withdrawn"]
    why: str = ""
    sent_utc: datetime | None = None
    accepted_utc: datetime | None = None


class DispatchAnswer(Struct, frozen=True, kw_only=True):
    """What went out, and who has acknowledged what."""

    day: date
    sent: tuple[SentOrder, ...]
    standing: tuple[RouteStanding, ...]

    @property
    def waiting_for(self) -> tuple[str, ...]:
        """The vehicles that have not acknowledged their route by its hash."""
        done = ("accepted", "withdrawn")
        return tuple(one.vehicle for one in self.standing if one.state not in done)

    @property
    def summary(self) -> str:
        """One line for people."""
        accepted = sum(one.state == "accepted" for one in self.standing)
        who = f"; not yet: {', '.join(self.waiting_for)}" if self.waiting_for else ""
        return (
            f"{self.day}: {len(self.sent)} orders sent, "
            f"{accepted} of {len(self.standing)} routes acknowledged{who}"
        )


@dataclass(frozen=True, slots=True)
class Sender:
    """Seals orders and puts them into the outbox, inside a transaction."""

    issuer: str
    key: SigningKey
    now_utc: datetime

    def send(
        self,
        db: sqlite3.Connection,
        vehicle: str,
        name: CommandName,
        order: Order,
        expires_utc: datetime,
    ) -> tuple[str, int, int]:
        """Return (epoch, number, size) of the new order.

        Raises RefusedError if it is larger than a broker takes.
        """
        stream = books.begin_down_stream(db, vehicle, self._epoch(vehicle))
        command = Command(
            vehicle=vehicle,
            epoch=stream.epoch,
            seq=stream.last + 1,
            issuer=self.issuer,
            issued_utc=self.now_utc,
            expires_utc=expires_utc,
            order=order,
            key_id=self.key.key_id,
        )
        sealed = self.key.seal(command)
        if len(sealed) > MAX_PAYLOAD_B:
            raise RefusedError(
                f"the order to {vehicle} has {len(sealed):,} bytes, a broker takes "
                f"{MAX_PAYLOAD_B:,}: give it fewer stops or shorter notes"
            )
        seq = books.append_command(
            db, stream, name, sealed, issued_utc=self.now_utc, expires_utc=expires_utc
        )
        return stream.epoch, seq, len(sealed)

    def _epoch(self, vehicle: str) -> str:
        """Return the name of a stream that begins now; another database begins another."""
        named = f"{self.key.key_id}/{vehicle}/{self.now_utc.isoformat()}"
        return hashlib.sha256(named.encode()).hexdigest()[:16]


def dispatch_routes(db: sqlite3.Connection, day: date, sender: Sender) -> DispatchAnswer:
    """Send every route of a day that has not gone out as it is now.

    Raises RefusedError, and then sends none of them.
    """
    sent = []
    for kept in books.routes_of(db, day):
        if kept.dispatched_utc is not None:
            continue
        route = kept.route
        if route.returns_by_utc <= sender.now_utc:
            raise RefusedError(
                f"the shift of {route.vehicle} on {day} ended at "
                f"{route.returns_by_utc:%Y-%m-%d %H:%M} UTC: assign the stops to another day"
            )
        epoch, seq, size = _send_route(db, kept, sender)
        books.mark_dispatched(db, route, sender.now_utc, epoch, seq)
        sent.append(
            SentOrder(
                vehicle=route.vehicle,
                route_id=route.route_id,
                revision=route.revision,
                seq=seq,
                size=size,
            )
        )
    return DispatchAnswer(day=day, sent=tuple(sent), standing=standing(db, day))


def cancel_stops(
    db: sqlite3.Connection, day: date, stop_ids: tuple[StopId, ...], reason: str, sender: Sender
) -> tuple[str, ...]:
    """Take stops out of a day; tell the vehicles that have them. Returns those vehicles.

    Raises RefusedError if a stop is not known, and then cancels none.
    """
    for stop_id in stop_ids:
        order = books.order_of(db, day, stop_id)
        if order is None:
            raise RefusedError(f"there is no stop {stop_id!r} on {day}")
        books.cancel_order(db, order, reason or "cancelled")
    told = []
    for kept in books.dispatched_routes_of(db, day):
        wanted = (stop.stop_id for stop in kept.route.stops)
        gone = tuple(stop_id for stop_id in wanted if stop_id in stop_ids)
        if gone:
            cancel = CancelStops(route_id=kept.route.route_id, stop_ids=gone, reason=reason)
            expires_utc = kept.route.returns_by_utc
            sender.send(db, kept.route.vehicle, "command", cancel, expires_utc)
            told.append(kept.route.vehicle)
    return tuple(told)


def standing(db: sqlite3.Connection, day: date) -> tuple[RouteStanding, ...]:
    """Return how far each vehicle's newest route has come."""
    return tuple(_standing(db, kept) for kept in books.routes_of(db, day))


def _send_route(
    db: sqlite3.Connection, kept: KeptRoute, sender: Sender
) -> tuple[str, int, int]:
    route = kept.route
    if route.stops:
        offer = RouteOffer(route=route)
        return sender.send(db, route.vehicle, "route", offer, route.returns_by_utc)
    before = books.dispatched_routes_of(db, kept.day)
    order = CancelStops(
        route_id=route.route_id,
        stop_ids=tuple(
            stop.stop_id
            for old in before
            if old.route.route_id == route.route_id
            for stop in old.route.stops
        ),
        reason="assigned to other vehicles",
    )
    return sender.send(db, route.vehicle, "command", order, route.returns_by_utc)


def _standing(db: sqlite3.Connection, kept: KeptRoute) -> RouteStanding:
    state: Literal["not sent", "waiting", "accepted", "refused", "withdrawn"] = "waiting"
    why, accepted_utc = "", None
    accepted = evidence.accepted_route(db, kept.route.route_id)
    if kept.dispatched_utc is None:
        state = "not sent"
    elif not kept.route.stops:
        state = "withdrawn"
    elif accepted is not None and accepted[1] == kept.hash:
        state, accepted_utc = "accepted", accepted[2]
    else:
        refused = evidence.refusals_of(db, kept.route.vehicle, kept.dispatched_utc)
        if kept.sent_seq in refused:
            state, why = "refused", refused[kept.sent_seq].reason
        elif accepted is not None and accepted[0] == kept.route.revision:
            why = f"it took over something else: hash {accepted[1][:16]}"
    return RouteStanding(
        vehicle=kept.route.vehicle,
        route_id=kept.route.route_id,
        revision=kept.route.revision,
        route_hash=kept.hash,
        state=state,
        why=why,
        sent_utc=kept.dispatched_utc,
        accepted_utc=accepted_utc,
    )
