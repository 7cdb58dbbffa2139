"""Power cuts, kills and disks."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from random import Random

from sim.chance import chance
from sim.disk.platter import Survival
from sim.faults.computers import (
    BitRot,
    Cut,
    DiskFull,
    FailingDisk,
    PowerCut,
    RestartStorm,
    SlowDisk,
)
from sim.faults.striking.world import World

ROWS = {
    "fact": ("facts.db", "SELECT rowid, sealed FROM fact ORDER BY seq DESC LIMIT 8", "fact"),
    "state": ("facts.db", "SELECT name, value FROM state ORDER BY name", "state"),
    "track": ("track.db", "SELECT rowid, batch FROM track ORDER BY seq DESC LIMIT 8", "track"),
}
COLUMNS = {"fact": ("sealed", "seq"), "state": ("value", "name"), "track": ("batch", "seq")}


async def strike_cut(world: World, fault: Cut, name: str) -> None:
    """Let the process die: now, in a write, or some awaits after it."""
    machine, loop = world.machine(name), asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()
    survival = (
        Survival(fault.kept_frac, fault.torn_frac) if isinstance(fault, PowerCut) else None
    )

    def cut() -> None:
        if machine.up:
            world.note(fault, name)
            machine.kill(fault.down_s, survival)
        if not done.done():
            done.set_result(None)

    strike: Callable[[], None] = cut
    if fault.turns:
        strike = partial(_after_turns, fault.turns, cut)
    if not fault.writes:
        strike()
        await done
        return
    call_off = machine.storage.at_write(fault.writes, strike)
    try:
        await done
    finally:
        call_off()


async def strike_storm(world: World, fault: RestartStorm, name: str) -> None:
    """End one life after the other."""
    rng = chance(world.seed, "storm", name, str(fault.at_s))
    machine = world.machine(name)
    for number in range(fault.times):
        if machine.up:
            if number == 0:
                world.note(fault, name)
            machine.kill(0.05)
        await asyncio.sleep(rng.expovariate(1 / fault.every_s))


async def strike_full(world: World, fault: DiskFull, name: str) -> None:
    """Let nothing fit for a while."""
    storage = world.machine(name).storage
    world.note(fault, name)
    storage.fill(fault.spare_b)
    await asyncio.sleep(fault.lasts_s)
    storage.empty()


async def strike_slow(world: World, fault: SlowDisk, name: str) -> None:
    """Let syncs take their time."""
    storage = world.machine(name).storage
    world.note(fault, name)
    storage.slow_down(fault.delay_s)
    await asyncio.sleep(fault.lasts_s)
    storage.slow_down(0.0)


async def strike_failing(world: World, fault: FailingDisk, name: str) -> None:
    """Let writes and syncs fail."""
    storage = world.machine(name).storage
    world.note(fault, name)
    storage.fail(fault.failed_frac)
    await asyncio.sleep(fault.lasts_s)
    storage.fail(0.0)


async def strike_rot(world: World, fault: BitRot, name: str) -> None:
    """Flip a bit of a stored row; the daemon's next start finds it."""
    machine = world.machine(name)
    rng = chance(world.seed, "bit rot", name, str(fault.at_s))
    if not machine.up:
        return
    world.note(fault, name)
    machine.kill(2.0)
    store = machine.disk / "store"
    if fault.row == "media":
        _rot_file(store / "media", rng)
    else:
        _rot_row(store, fault.row, rng)
    machine.storage.changed_outside()


def _rot_row(store: Path, row: str, rng: Random) -> None:
    file, select, table = ROWS[row]
    if not (store / file).exists():
        return
    column, key = COLUMNS[row]
    with closing(sqlite3.connect(store / file, isolation_level=None)) as db:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone():
            return
        found = [(which, content) for which, content in db.execute(select) if content]
        if found:
            which, content = rng.choice(found)
            db.execute(
                f"UPDATE {table} SET {column} = ? WHERE {key} = ?",  # noqa: S608 (a table of ours)
                (_flipped(content, rng), which),
            )


def _rot_file(media: Path, rng: Random) -> None:
    files = sorted(media.glob("*")) if media.is_dir() else []
    if files:
        chosen = rng.choice(files)
        content = chosen.read_bytes()
        chosen.unlink()  # an earlier life's file may be the same
        chosen.write_bytes(_flipped(content, rng))


def _flipped(content: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(content))
    return content[:at] + bytes([content[at] ^ (1 << rng.randrange(8))]) + content[at + 1 :]


def _after_turns(turns: int, strike: Callable[[], None]) -> None:
    if turns <= 0:
        strike()
    else:
        asyncio.get_running_loop().call_soon(_after_turns, turns - 1, strike)
