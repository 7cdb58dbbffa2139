"""A person decides about a drone or robot under way: hold, go on, come back, looked after."""

import sqlite3
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from edge.clock import Clock
from edge.errors import RefusedError
from edge.messages.commands import DirectMachine, Wish
from station.routes.dispatch import Sender
from station.store import evidence
from station.store.database import Database

COUNTS_FOR = timedelta(minutes=2)
"""A decision is about how things stand now; one that comes later is not carried out."""
MACHINES = ("drone", "robot")


class Direction(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One decision, and what became of it."""

    vehicle: str
    wish: Wish
    by: str
    seq: int
    sent_utc: datetime
    expires_utc: datetime
    state: Literal["waiting", "done", "refused", "unanswered"] = "waiting"
    reason: str = ""


class DirectRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to tell whom."""

    vehicle: str
    wish: Wish
    by: Annotated[str, Meta(min_length=1, max_length=64)]
    why: Annotated[str, Meta(max_length=200)] = ""


class DirectingDesk:
    """What commands and console ask about machines under way."""

    def __init__(
        self,
        database: Database,
        kinds: Mapping[str, str],
        clock: Clock,
        *,
        sender: Callable[[], Sender],
        wake: Callable[[int], None],
    ) -> None:
        """`kinds` are the fleet's vehicles, with their kind."""
        self._database = database
        self._kinds = kinds
        self._clock = clock
        self._sender = sender
        self._wake = wake

    async def direct(self, request: DirectRequest) -> Direction:
        """Send a decision. Raises RefusedError, and then nothing goes out."""
        kind = self._kinds.get(request.vehicle)
        if kind is None:
            raise RefusedError(f"there is no vehicle {request.vehicle!r} in this fleet")
        if kind not in MACHINES:
            raise RefusedError(f"{request.vehicle} is a {kind}: call who drives it")
        order = DirectMachine(wish=request.wish, by=request.by, why=request.why)
        sender, sent_utc = self._sender(), self._clock.utc()

        def send(db: sqlite3.Connection) -> int:
            expires_utc = sent_utc + COUNTS_FOR
            return sender.send(db, request.vehicle, "command", order, expires_utc)[1]

        seq = await self._database.transaction(send)
        self._wake(1)
        return Direction(
            vehicle=request.vehicle,
            wish=request.wish,
            by=request.by,
            seq=seq,
            sent_utc=sent_utc,
            expires_utc=sent_utc + COUNTS_FOR,
        )

    async def became(self, sent: Direction) -> Direction:
        """Return what has become of a decision."""
        now_utc = self._clock.utc()

        def look(db: sqlite3.Connection) -> Direction:
            refused = evidence.refusals_of(db, sent.vehicle, sent.sent_utc)
            if sent.seq in refused:
                return replace(sent, state="refused", reason=refused[sent.seq].reason)
            if sent.seq in evidence.directions_of(db, sent.vehicle, sent.sent_utc):
                return replace(sent, state="done")
            return replace(
                sent, state="unanswered" if now_utc > sent.expires_utc else "waiting"
            )

        return await self._database.read(look)
