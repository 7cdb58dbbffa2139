"""One exclusive file, transactions kept whole and committed together."""

import asyncio
import sqlite3
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from edge.errors import StoreError
from station.store.database import Database, DatabaseBusyError

TABLES = {"notes": ("CREATE TABLE note (text TEXT UNIQUE)",)}


def write(text: str):
    return lambda connection: connection.execute("INSERT INTO note VALUES (?)", (text,))


def texts(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT text FROM note ORDER BY text")]


async def test_what_was_committed_is_there_after_opening_again(tmp_path: Path):
    database = await Database.open(tmp_path / "deep" / "station.db", tables=TABLES)
    await database.transaction(write("kept"))
    await database.close()
    database = await Database.open(tmp_path / "deep" / "station.db", tables=TABLES)
    assert await database.read(texts) == ["kept"]
    await database.close()


async def test_a_failing_transaction_undoes_only_itself(tmp_path: Path):
    database = await Database.open(tmp_path / "station.db", tables=TABLES)

    def half(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO note VALUES ('half')")
        raise ValueError("changed my mind")

    results = await asyncio.gather(
        database.transaction(write("a")),
        database.transaction(half),
        database.transaction(write("b")),
        database.transaction(write("a")),
        return_exceptions=True,
    )
    assert isinstance(results[1], ValueError)
    assert isinstance(results[3], sqlite3.IntegrityError)
    assert await database.read(texts) == ["a", "b"]
    await database.close()


async def test_transactions_that_wait_share_a_commit(tmp_path: Path):
    database = await Database.open(tmp_path / "station.db", tables=TABLES)
    commits: list[str] = []

    def trace(connection: sqlite3.Connection) -> None:
        connection.set_trace_callback(
            lambda sql: commits.append(sql) if sql == "COMMIT" else None
        )

    await database.read(trace)
    commits.clear()
    await asyncio.gather(*(database.transaction(write(f"{n}")) for n in range(200)))
    assert len(await database.read(texts)) == 200
    assert len(commits) <= 4
    await database.close()


async def test_a_read_cannot_write(tmp_path: Path):
    database = await Database.open(tmp_path / "station.db", tables=TABLES)
    with pytest.raises(sqlite3.OperationalError):
        await database.read(write("smuggled"))
    await database.transaction(write("allowed"))
    assert await database.read(texts) == ["allowed"]
    await database.close()


async def test_a_cancelled_caller_blocks_nobody(tmp_path: Path):
    database = await Database.open(tmp_path / "station.db", tables=TABLES)
    tasks = [asyncio.ensure_future(database.transaction(write(f"{n}"))) for n in range(10)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    kept = await database.read(texts)
    assert {"1", "3", "5", "7", "9"} <= set(kept)
    await database.close()


async def test_a_full_disk_is_told_and_keeps_what_was_committed(tmp_path: Path):
    database = await Database.open(tmp_path / "station.db", tables=TABLES)
    await database.transaction(write("kept"))
    await database.read(lambda db: db.execute("PRAGMA max_page_count=40").fetchone())
    with pytest.raises(StoreError, match="full"):
        await database.transaction(write("x" * 400_000))
    results = await asyncio.gather(
        *(database.transaction(write(size * 300_000)) for size in "abc"), return_exceptions=True
    )
    assert all(isinstance(result, StoreError) for result in results)
    await database.transaction(write("small"))
    assert await database.read(texts) == ["kept", "small"]
    await database.close()


async def test_close_finishes_what_waits(tmp_path: Path):
    database = await Database.open(tmp_path / "station.db", tables=TABLES)
    waiting = [asyncio.ensure_future(database.transaction(write(f"{n}"))) for n in range(5)]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*waiting)
    with pytest.raises(StoreError, match="closed"):
        await database.read(texts)


async def test_a_second_process_is_told_what_to_do(tmp_path: Path):
    script = (
        "import sqlite3, sys\n"
        f"c = sqlite3.connect({str(tmp_path / 'station.db')!r})\n"
        "c.execute('PRAGMA locking_mode=EXCLUSIVE')\n"
        "c.execute('CREATE TABLE x (y)')\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdin=PIPE, stdout=PIPE
    )
    try:
        assert holder.stdout is not None
        assert await holder.stdout.readline() == b"held\n"
        with pytest.raises(DatabaseBusyError, match="doorstep-station serve"):
            await Database.open(tmp_path / "station.db", tables=TABLES)
    finally:
        await holder.communicate(b"")
    database = await Database.open(tmp_path / "station.db", tables=TABLES)
    await database.close()


async def test_the_same_file_cannot_be_opened_twice_in_one_process(tmp_path: Path):
    database = await Database.open(tmp_path / "station.db", tables=TABLES)
    with pytest.raises(DatabaseBusyError):
        await Database.open(tmp_path / "station.db", tables=TABLES)
    await database.close()


async def test_tables_grow_by_their_next_script_and_never_shrink(tmp_path: Path):
    path = tmp_path / "station.db"
    database = await Database.open(path, tables=TABLES)
    await database.transaction(write("old"))
    await database.close()
    grown = {"notes": (*TABLES["notes"], "ALTER TABLE note ADD COLUMN colour TEXT")}
    database = await Database.open(path, tables=grown)
    assert await database.read(lambda c: c.execute("SELECT * FROM note").fetchall()) == [
        ("old", None)
    ]
    await database.close()
    with pytest.raises(StoreError, match="newer version"):
        await Database.open(path, tables=TABLES)


async def test_a_file_that_is_no_database_is_refused_by_name(tmp_path: Path):
    (tmp_path / "station.db").write_bytes(b"not a database at all" * 1000)
    with pytest.raises(StoreError, match=r"station\.db"):
        await Database.open(tmp_path / "station.db", tables=TABLES)
