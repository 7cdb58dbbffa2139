"""station.db: one SQLite connection, one worker, transactions committed in groups.

The connection is exclusive (`locking_mode=EXCLUSIVE`), so a second process is refused and
SQLite's WAL-reset bug, which needs two connections, cannot happen. `synchronous=FULL` makes
a commit survive a power cut; since that costs an fsync, transactions that wait share one.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from edge.errors import StoreError
from station.store.tables import TABLES

T = TypeVar("T")

BUSY_TIMEOUT_S = 2.0  # a process that is just ending may still hold the file
GROUP_LIMIT = 256  # jobs in one commit, so that the first of them does not wait for ever


Connect = Callable[[Path, float], sqlite3.Connection]
"""Opens a file, waiting so many seconds for whoever still has it."""


def connect_file(path: Path, wait_s: float) -> sqlite3.Connection:
    """Open a file of this machine."""
    return sqlite3.connect(path, timeout=wait_s, isolation_level=None)


class DatabaseBusyError(StoreError):
    """Another process holds the database; the message names the cure."""


@dataclass(slots=True)
class _Job:
    run: Callable[[sqlite3.Connection], Any]
    writes: bool
    done: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


class Database:
    """The station's one durable file. Open it with `Database.open`."""

    def __init__(
        self, path: Path, connection: sqlite3.Connection, executor: ThreadPoolExecutor
    ) -> None:
        self.path = path
        self._connection = connection
        self._executor = executor
        self._waiting: list[_Job] = []
        self._running = False
        self._closed = False
        self._idle = asyncio.Event()
        self._idle.set()

    @classmethod
    async def open(
        cls,
        path: Path,
        *,
        tables: Mapping[str, tuple[str, ...]] = TABLES,
        connect: Connect = connect_file,
    ) -> "Database":
        """Open the file, creating what is missing of it; `connect` is the disk's way.

        Raises DatabaseBusyError if another process has it, StoreError if it is damaged or
        was written by a newer version.
        """
        executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="station.db")
        loop = asyncio.get_running_loop()
        try:
            connection = await loop.run_in_executor(executor, _connect, path, tables, connect)
        except BaseException:
            executor.shutdown(wait=False)
            raise
        return cls(path, connection, executor)

    async def transaction(self, run: Callable[[sqlite3.Connection], T]) -> T:
        """Run `run` on the worker and return its result once it is on the disk.

        It shares a commit with others that wait, but fails alone: what it raises undoes
        only its own writes and is raised here. Raises StoreError if the disk fails. A
        caller that is cancelled cannot know whether its writes were kept.
        """
        return await self._submit(run, writes=True)

    async def read(self, run: Callable[[sqlite3.Connection], T]) -> T:
        """Run `run` on the worker, seeing everything committed; writing in it is refused."""
        return await self._submit(run, writes=False)

    async def close(self) -> None:
        """Finish what waits and release the file."""
        if self._closed:
            return
        self._closed = True
        await self._idle.wait()
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._executor, self._connection.close)
        self._executor.shutdown(wait=False)

    async def _submit(self, run: Callable[[sqlite3.Connection], T], *, writes: bool) -> T:
        if self._closed:
            raise StoreError(f"{self.path} is closed")
        job = _Job(run, writes, asyncio.get_running_loop().create_future())
        self._waiting.append(job)
        self._start_group()
        result: T = await job.done
        return result

    def _start_group(self) -> None:
        if self._running:
            return
        wanted = [job for job in self._waiting if not job.done.cancelled()]
        group, self._waiting = wanted[:GROUP_LIMIT], wanted[GROUP_LIMIT:]
        if not group:
            self._idle.set()
            return
        self._running = True
        self._idle.clear()
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._executor, _run_group, self._connection, group)
        work.add_done_callback(lambda work: self._finish_group(group, work))

    def _finish_group(self, group: list[_Job], work: asyncio.Future[None]) -> None:
        self._running = False
        failed = asyncio.CancelledError() if work.cancelled() else work.exception()
        for job in group:
            error = failed or job.error
            if job.done.done():  # its caller was cancelled
                continue
            if error is not None:
                job.done.set_exception(error)
            else:
                job.done.set_result(job.result)
        self._start_group()


def _connect(
    path: Path, tables: Mapping[str, tuple[str, ...]], connect: Connect
) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = connect(path, BUSY_TIMEOUT_S)
    try:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        _create(connection, tables)
    except sqlite3.Error as error:
        connection.close()
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
            raise DatabaseBusyError(
                f"{path} is in use by another process, most likely `doorstep-station serve`: "
                "work through its console, or stop it first"
            ) from error
        raise StoreError(
            f"{path} cannot be opened as the station's database: {error}"
        ) from error
    except StoreError:
        connection.close()
        raise
    return connection


def _create(connection: sqlite3.Connection, tables: Mapping[str, tuple[str, ...]]) -> None:
    connection.executescript(
        "BEGIN IMMEDIATE;"
        "CREATE TABLE IF NOT EXISTS schema_version"
        " (room TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;"
        "COMMIT;"
    )
    found = dict(connection.execute("SELECT room, version FROM schema_version").fetchall())
    for room, scripts in tables.items():
        version = found.get(room, 0)
        if version > len(scripts):
            raise StoreError(
                f"the {room} tables have version {version}, this program knows "
                f"{len(scripts)}: install the newer version again"
            )
        for number, script in enumerate(scripts[version:], start=version + 1):
            mark = f"INSERT OR REPLACE INTO schema_version VALUES ('{room}', {number})"  # noqa: S608
            connection.executescript(f"BEGIN IMMEDIATE;\n{script};\n{mark};\nCOMMIT;")


def _run_group(connection: sqlite3.Connection, group: list[_Job]) -> None:
    """Run the jobs in one transaction. Raises StoreError if it could not be kept."""
    try:
        if not any(job.writes for job in group):
            _run_reads(connection, group)
            return
        connection.execute("BEGIN IMMEDIATE")
        for job in group:
            _run_job(connection, job)
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise StoreError(f"the station's database cannot be written: {error}") from error


def _run_reads(connection: sqlite3.Connection, group: list[_Job]) -> None:
    """Run jobs that only read: nobody else writes meanwhile, so no transaction is needed."""
    connection.execute("PRAGMA query_only=ON")
    for job in group:
        try:
            job.result = job.run(connection)
        except Exception as error:
            job.error = error
    connection.execute("PRAGMA query_only=OFF")


def _run_job(connection: sqlite3.Connection, job: _Job) -> None:
    connection.execute("SAVEPOINT job")
    try:
        if not job.writes:
            connection.execute("PRAGMA query_only=ON")
        job.result = job.run(connection)
    except Exception as error:
        job.error = error
        if not connection.in_transaction:  # SQLite gave up the whole of it: a full disk
            raise sqlite3.OperationalError(f"the transaction was undone: {error}") from error
        connection.execute("ROLLBACK TO job")
    finally:
        if not job.writes:
            connection.execute("PRAGMA query_only=OFF")
    connection.execute("RELEASE job")
