"""One SQLite file with one connection on one worker thread: opening, transactions, full disks.

One connection in `locking_mode=EXCLUSIVE` keeps clear of SQLite's WAL-reset corruption bug
(3.7.0 to 3.51.2, which needs two connections) and lets no second daemon in.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, TypeVar

from edge.errors import StoreError
from edge.store.ballast import BALLAST_B, Ballast
from edge.store.disk import HOST, Disk

log = logging.getLogger(__name__)

T = TypeVar("T")

CHECKPOINT_PAGES = 1000
JOURNAL_LIMIT_B = 4 * 1024 * 1024
LOCK_WAIT_S = 1.0
BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class BrokenError(Exception):
    """The file is no database any more."""


class Database:
    """A durable file; every method that waits runs in the one worker thread."""

    def __init__(
        self,
        path: Path,
        schema: str,
        version: int,
        synchronous: str,
        ballast_b: int,
        disk: Disk,
    ) -> None:
        self._path = path
        self._schema = schema
        self._version = version
        self._synchronous = synchronous
        self._disk = disk
        self._worker = ThreadPoolExecutor(1, thread_name_prefix=path.stem)
        self._connection: sqlite3.Connection
        self.set_aside = ""
        """Why a file that stood here before was put aside; empty if none was."""
        self.ballast = Ballast(path.with_name(path.name + ".ballast"), ballast_b, disk)
        self._failure = ""

    @classmethod
    async def open(
        cls,
        path: Path,
        schema: str,
        *,
        version: int = 1,
        synchronous: Literal["FULL", "NORMAL"] = "FULL",
        ballast_b: int = BALLAST_B,
        begin_anew: bool = True,
        disk: Disk = HOST,
    ) -> "Database":
        """Open or make the file; one that fails its check is renamed aside and begun anew.

        Raises StoreError when the file is in use, unreadable or of a newer version; without
        `begin_anew` when it fails its check too, and it stays where it is.
        """
        database = cls(path, schema, version, synchronous, ballast_b, disk)
        try:
            await database._in_worker(database._open, begin_anew)
        except StoreError:
            database._worker.shutdown(wait=False)
            raise
        return database

    @property
    def alarm(self) -> str:
        """What an operator must know now; empty when all is well."""
        if self._failure:
            return self._failure
        return "the disk is full: the reserve is used up" if self.ballast.missing else ""

    async def transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in one transaction: all of it is durable, or nothing of it.

        On a full disk the ballast is given up and `work` runs a second time, so it may
        change nothing but the database. Raises StoreError.
        """
        return await self._in_worker(self._transact, work)

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work`, which only reads. Raises StoreError."""
        return await self._in_worker(self._read, work)

    def begin(self, work: Callable[[sqlite3.Connection], T]) -> "asyncio.Future[T]":
        """Start `transact` without waiting for it."""
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._worker, self._transact, work)

    async def tidy(self) -> None:
        """Give space that deletions freed back to the disk, and fill the reserve again."""
        await self._in_worker(self._tidy)

    async def close(self) -> None:
        """Write everything into the main file and let go of it."""
        await self._in_worker(self._close)
        self._worker.shutdown(wait=False)

    async def _in_worker(self, function: Callable[..., T], *arguments: object) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, function, *arguments)

    # Everything below runs in the worker.

    def _open(self, begin_anew: bool) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = self._connect_on_any_disk()
        except BrokenError as error:
            if not begin_anew:
                raise StoreError(f"{self._path}: {error}") from error
            self.set_aside = f"{error}; kept as {self._put_aside()}"
            log.exception("store put aside", extra={"file": str(self._path)})
            self._connection = self._connect_on_any_disk()
        except OSError as error:
            raise StoreError(f"{self._path}: {error}") from error
        self.ballast.restore()

    def _connect_on_any_disk(self) -> sqlite3.Connection:
        """Connect; SQLite needs some space even to open a file."""
        try:
            return self._connect()
        except StoreError:
            if not (self.ballast.disk_is_full() and self.ballast.release()):
                raise
        return self._connect()

    def _connect(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = None
        try:
            connection = self._disk.connect(self._path, LOCK_WAIT_S)
            self._set_up(connection)
        except sqlite3.Error as error:
            if connection is not None:
                connection.close()
            if _code(error) in BROKEN:
                raise BrokenError(str(error)) from error
            raise StoreError(f"{self._path}: {error}") from error
        except (BrokenError, StoreError):
            if connection is not None:
                connection.close()
            raise
        return connection

    def _set_up(self, connection: sqlite3.Connection) -> None:
        for setting in (
            "auto_vacuum=INCREMENTAL",
            "locking_mode=EXCLUSIVE",
            "journal_mode=WAL",
            f"synchronous={self._synchronous}",
            f"wal_autocheckpoint={CHECKPOINT_PAGES}",
            f"journal_size_limit={JOURNAL_LIMIT_B}",
            "cell_size_check=ON",
            "temp_store=MEMORY",
            "cache_size=-2000",
        ):
            connection.execute(f"PRAGMA {setting}").fetchall()
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise BrokenError(f"quick_check: {verdict}")
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found > self._version:
            raise StoreError(
                f"{self._path} has schema {found}, written by a newer version than this one"
                f" (schema {self._version}); install that version again"
            )
        if found == 0:
            connection.executescript(
                f"BEGIN IMMEDIATE; {self._schema} PRAGMA user_version={self._version}; COMMIT;"
            )

    def _put_aside(self) -> str:
        number = 1
        while (kept := self._path.with_name(f"{self._path.name}.bad-{number}")).exists():
            number += 1
        for suffix in ("", "-wal"):
            source = self._path.with_name(self._path.name + suffix)
            if source.exists():
                source.rename(kept.with_name(kept.name + suffix))
        return kept.name

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return self._attempt(work)
        except sqlite3.Error as error:
            if _code(error) != sqlite3.SQLITE_FULL or not self.ballast.release():
                raise self._failed(error) from error
        try:
            return self._attempt(work)
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def _attempt(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        self._failure = ""
        return result

    def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return work(self._connection)
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def _failed(self, error: sqlite3.Error) -> StoreError:
        self._failure = f"{self._path.name}: {error}"
        log.error("store failed", extra={"file": str(self._path), "why": str(error)})
        return StoreError(f"{self._path}: {error}")

    def _tidy(self) -> None:
        # As a script: `execute` steps once, which frees one page.
        self._read(lambda c: c.executescript("PRAGMA incremental_vacuum"))
        self._read(lambda c: c.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
        self.ballast.restore()

    def _close(self) -> None:
        self._connection.close()


def _code(error: sqlite3.Error) -> int:
    """Return the primary result code; 0 when SQLite gave none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
