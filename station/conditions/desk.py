"""The office's desk for conditions: import, show, clear, and offer to whoever lacks some."""

import asyncio
import re
import sqlite3
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import PurePath

from edge.clock import Clock
from edge.errors import RefusedError
from edge.streams import Latest
from station.conditions import sending
from station.conditions.formats.auto import FILE_KINDS, FORMATS, read_conditions
from station.conditions.formats.reading import Found
from station.conditions.words import ConditionsAnswer, ConditionsImported
from station.routes.dispatch import Sender
from station.store import conditions as books
from station.store.database import Database

LONGEST = timedelta(days=400)
MAX_NAME = 64
HAZARD = "hazard"


class ConditionsDesk:
    """What commands and console ask about conditions."""

    def __init__(
        self,
        database: Database,
        vehicles: Sequence[str],
        clock: Clock,
        *,
        sender: Callable[[], Sender],
        wake: Callable[[int], None],
    ) -> None:
        self._database = database
        self._vehicles = tuple(vehicles)
        self._clock = clock
        self._sender = sender
        self._wake = wake
        self.behind: Latest[bool] = Latest()
        """Set when somebody has to be offered more later."""

    async def import_file(
        self,
        file: str,
        content: bytes,
        *,
        kind: str = "auto",
        name: str = "",
        expires_in_s: float | None = None,
    ) -> ConditionsImported:
        """Make a layer of a file and send it to every vehicle.

        Raises RefusedError, with every fault of the file, and then nothing was changed.
        """
        if kind not in FILE_KINDS:
            raise RefusedError(f"--kind {kind!r}: there are {', '.join(FILE_KINDS)}")
        expires_in = None if expires_in_s is None else timedelta(seconds=expires_in_s)
        if expires_in is not None and not timedelta(0) < expires_in <= LONGEST:
            raise RefusedError(f"--expires-in: from 1 s to {LONGEST.days} days")
        known, found = await asyncio.to_thread(
            read_conditions, PurePath(file).name, content, kind, self._clock.utc(), expires_in
        )
        layer = name or default_name(FORMATS[known].prefix, file)
        imported, behind = await self._database.transaction(
            lambda db: sending.take_file(
                db,
                name=layer,
                kind=known,
                file=PurePath(file).name,
                found=found,
                vehicles=self._vehicles,
                sender=self._sender(),
            )
        )
        self._offered(len(imported.told), behind=behind)
        return imported

    async def warn(self, name: str, found: Found) -> None:
        """Send every vehicle a layer that no file says; one that is known already is left.

        Raises RefusedError if there are too many layers.
        """

        def keep(db: sqlite3.Connection) -> tuple[int, bool]:
            if books.last_version(db, name):
                return 0, False
            told, behind = sending.take_file(
                db,
                name=name,
                kind=HAZARD,
                file="",
                found=found,
                vehicles=self._vehicles,
                sender=self._sender(),
            )
            return len(told.told), behind

        count, behind = await self._database.transaction(keep)
        self._offered(count, behind=behind)

    async def show(self) -> ConditionsAnswer:
        """Return every layer and who has it."""
        return await self._database.read(
            lambda db: sending.standing(db, self._vehicles, self._clock.utc())
        )

    async def clear(self, name: str) -> ConditionsAnswer:
        """Take a layer back everywhere. Raises RefusedError if there is none."""
        offered = await self._database.transaction(
            lambda db: sending.clear(db, name, self._vehicles, self._sender())
        )
        self._offered(len(offered.sent), behind=offered.behind)
        return await self.show()

    async def offer(self) -> bool:
        """Send what some vehicle lacks and may be sent; tell whether more is to come."""
        offered = await self._database.transaction(
            lambda db: sending.offer(db, self._vehicles, self._sender())
        )
        self._wake(len(offered.sent))
        return offered.behind

    async def drop_expired(self) -> int:
        """Forget what has expired; return how many layers."""
        return await self._database.transaction(
            lambda db: books.drop_expired(db, self._clock.utc())
        )

    def _offered(self, count: int, *, behind: bool) -> None:
        self._wake(count)
        if behind:
            self.behind.set(True)


def default_name(prefix: str, file: str) -> str:
    """Return a layer's name made of its file's, so that the next one replaces it."""
    stem = re.sub(r"[^a-z0-9_-]+", "-", PurePath(file).stem.lower()).strip("-")
    return f"{prefix}:{stem or 'file'}"[:MAX_NAME]
