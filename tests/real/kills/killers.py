"""Who ends the daemon, the station and the broker, and what is looked at in between."""

import asyncio
import sqlite3
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from random import Random
from typing import Any

from edge.store.facts import FILE
from edge.streams import Latest
from tests.real.kills.coroner import Coroner
from tests.real.kills.driving.depot import Depot
from tests.real.kills.driving.notebook import FREE, Notebook, brief, by_itself, seen_in_view
from tests.real.kills.driving.page import Page
from tests.real.kills.processes.forge import Life, Program
from tests.real.kills.processes.listener import Listener
from tests.real.kills.processes.sites import Sites
from tests.real.mosquitto.broker import Mosquitto

LONG_EVERY = 97
"""Of so many lives one writes batches of its track."""
LONG_S = 13.0
MERCY_AFTER = 4
"""Lives in vain after which a station may finish an order that takes longer than a life."""
UNBORN_FRAC = 0.2
"""Lives that end while they start."""
AIMED_FRAC = 0.5
"""Of the others, those that end just after they were given something to do."""
AIM_S, IDLE_S = 0.008, 2.0
FORK_STARTS_S, FRESH_STARTS_S = 0.12, 0.7
STARTING_S = 0.15  # roughly, of a fork on a busy machine
BROKER_AWAY_S = 1.5
COMES_UP_IN_S = 30.0
SPEAKS_IN_S = 8.0
DRAINS_IN_S = 90.0
LOOKS_EVERY_S = 0.01


async def just_after(happened: Latest[Any], rng: Random) -> None:
    """Wait for the next time, and then as long as its commit may take."""
    with suppress(TimeoutError):
        async with asyncio.timeout(IDLE_S):
            await happened.newer_than(happened.version)
    await asyncio.sleep(rng.uniform(0, AIM_S))


def _life_s(within_s: float, times: int) -> float:
    """Return how long a life lasts at most if so many fit into that time."""
    return 2 * max(0.1, within_s / max(times, 1) - STARTING_S)


class DaemonKiller:
    """Ends the daemon, holds what is left against what is known, and starts it again."""

    def __init__(
        self,
        van: Program,
        sites: Sites,
        page: Page,
        notebook: Notebook,
        listener: Listener,
        *,
        rng: Random,
        fresh_every: int,
        end: Callable[[Life], Awaitable[None]] = Life.kill,
    ) -> None:
        """Of `fresh_every` lives one is no fork but starts from nothing; `end` ends each.

        Where lives may end by themselves, as `kill_or_bury` says, the next is begun as systemd
        would.
        """
        self._end = end
        self._comes_again = end is Life.kill_or_bury
        self._van = van
        self._fresh_every = fresh_every
        self._sites = sites
        self._page = page
        self._notebook = notebook
        self._listener = listener
        self._rng = rng
        self._coroner = Coroner(sites.store, sites.folder / "morgue", notebook)
        self._life: Life
        self.phases: Counter[str] = Counter()
        """In which phase it was killed, how often."""
        self.fork_ms: list[float] = []
        """Start of a forked life until the page shows the mission."""
        self.fresh_ms: list[float] = []
        """The same of a process that starts from nothing."""
        self.spoke_ms: list[float] = []
        """Start of such a process until somebody else hears it over the broker."""

    @property
    def kills(self) -> int:
        """How many there were."""
        return self.phases.total()

    async def kill(self, times: int, within_s: float) -> None:
        """Kill so many lives at random instants; one more is left alive."""
        rng, lives_s = self._rng, _life_s(within_s, times)
        for number in range(1, times + 1):
            fresh = number % self._fresh_every == 0
            if rng.random() < UNBORN_FRAC:
                life = await self._van.start(fresh=fresh)
                await asyncio.sleep(rng.uniform(0, FRESH_STARTS_S if fresh else FORK_STARTS_S))
            else:
                life = await self._resumed(fresh=fresh)
                await asyncio.sleep(rng.uniform(0, lives_s))
                if number % LONG_EVERY == 0:
                    await asyncio.sleep(LONG_S)
                if rng.random() < AIMED_FRAC:
                    free = self._notebook.known.phase in FREE
                    await just_after(self._listener.ordered if free else self._page.posted, rng)
            await self._end(life)
            self.phases[self._coroner.examine().known.phase] += 1
        self._life = await self._resumed()

    async def drain(self) -> None:
        """Stop the daemon in order once the station has acknowledged everything."""
        until_s, waits = time.monotonic() + DRAINS_IN_S, None
        while time.monotonic() < until_s:
            waits = (await self._page.view()).backlog
            if waits is not None and not (waits.facts or waits.proof or waits.track):
                await self._life.stop()
                self._coroner.examine()
                if self._all_acknowledged():
                    return
                self._life = await self._resumed()
            await asyncio.sleep(0.2)
        raise AssertionError(f"not acknowledged after {DRAINS_IN_S:.0f} s: {waits}")

    async def _resumed(self, *, fresh: bool = False) -> Life:
        """Begin a life and look at it before the driver does: it must be where it stopped."""
        async with asyncio.TaskGroup() as group:
            async with self._page.turn:
                life = await self._van.start(fresh=fresh)
                word = group.create_task(self._first_word(life), name="first word")
                until_s = time.monotonic() + COMES_UP_IN_S
                while (view := await self._page.glance()) is None:
                    if self._comes_again and life.is_dead:
                        await life.kill_or_bury()
                        self._coroner.examine()
                        life = await self._van.start(fresh=fresh)
                    assert time.monotonic() < until_s, f"no page\n{self._van.last_words}"
                    await asyncio.sleep(LOOKS_EVERY_S)
                took_ms = 1000 * (time.monotonic() - life.started_s)
                seen, stopped = seen_in_view(view), self._coroner.last.known
                resumed = any(one.allows(seen) for one in (stopped, *by_itself(stopped)))
                assert resumed or self._notebook.is_new_day(stopped, seen), (
                    f"stopped as {brief(stopped)}, resumed as {brief(seen)}"
                )
            (self.fresh_ms if fresh else self.fork_ms).append(took_ms)
            await word
        return life

    async def _first_word(self, life: Life) -> None:
        """Measure when a fresh process is first heard, if a broker is there all the time."""
        if not life.fresh:
            return
        heard_s = await self._listener.first_word_s(life.started_s, SPEAKS_IN_S)
        if heard_s is not None:
            self.spoke_ms.append(1000 * (heard_s - life.started_s))

    def _all_acknowledged(self) -> bool:
        with closing(sqlite3.connect(self._sites.store / FILE)) as db:
            meta = dict(db.execute("SELECT name, value FROM meta").fetchall())
            facts, chunks = db.execute(
                "SELECT (SELECT max(seq) FROM fact), (SELECT max(last_seq) FROM media)"
            ).fetchone()
        return (meta.get("acked"), meta.get("proof_acked", 0)) == (facts, chunks or 0)


class StationKiller:
    """Ends the station and starts it again."""

    def __init__(
        self, station: Program, depot: Depot, listener: Listener, *, rng: Random
    ) -> None:
        self._station = station
        self._depot = depot
        self._listener = listener
        self._rng = rng
        self._life: Life
        self.kills = 0
        self.ready_ms: list[float] = []
        """Start of a forked life until it takes orders."""

    async def kill(self, times: int, within_s: float) -> None:
        """Kill so many lives at random instants; one more is left alive."""
        rng, lives_s = self._rng, _life_s(within_s, times)
        for _ in range(times):
            if rng.random() < UNBORN_FRAC:
                life = await self._station.start()
                await asyncio.sleep(rng.uniform(0, FORK_STARTS_S))
            else:
                life = await self._begin()
                await asyncio.sleep(rng.uniform(0, lives_s))
                if rng.random() < AIMED_FRAC:
                    await just_after(self._listener.heard, rng)
                if self._depot.tries >= MERCY_AFTER:
                    await self._depot.answered.wait()
            await life.kill()
            self.kills += 1
        self._life = await self._begin()

    async def stop(self) -> None:
        """End the last life."""
        await self._life.kill()

    async def _begin(self) -> Life:
        life = await self._station.start()
        until_s = time.monotonic() + COMES_UP_IN_S
        while not await self._depot.is_up():
            assert time.monotonic() < until_s, f"no station\n{self._station.last_words}"
            await asyncio.sleep(LOOKS_EVERY_S)
        self.ready_ms.append(1000 * (time.monotonic() - life.started_s))
        return life


class BrokerKiller:
    """Ends the broker, with every message it has queued, and starts it again."""

    def __init__(self, broker: Mosquitto, *, rng: Random) -> None:
        self._broker = broker
        self._rng = rng
        self.kills = 0

    async def kill(self, times: int, within_s: float) -> None:
        """Kill it so many times at random instants."""
        loop, rng = asyncio.get_running_loop(), self._rng
        started_s = loop.time()
        for at_s in sorted(rng.uniform(0, within_s) for _ in range(times)):
            await asyncio.sleep(started_s + at_s - loop.time())
            assert self._broker.running, "the broker ended by itself"
            self._broker.kill()
            self.kills += 1
            await asyncio.sleep(rng.uniform(0, BROKER_AWAY_S))
            await asyncio.to_thread(self._broker.start)
