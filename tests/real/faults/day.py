"""A day's work of one vehicle under a villain, and its books afterwards."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

from tests.real.kills.campaign import Killer, Plan, forges
from tests.real.kills.processes.forge import Life
from tests.real.kills.processes.sites import Sites, build
from tests.real.kills.side_by_side import campaign_on, figures
from tests.real.mosquitto.broker import Mosquitto

MakeVillain = Callable[[Sites, AsyncExitStack, Random], Awaitable[Killer]]


def day_under(
    folder: Path,
    plan: Plan,
    villain: MakeVillain,
    what: str,
    seed: int,
    *,
    broker_port: int | None = None,
    broker_host: str = "127.0.0.1",
    van_environment: Mapping[str, str] | None = None,
    end: Callable[[Life], Awaitable[None]] = Life.kill,
    damaged: bool = False,
    expected: Sequence[str] = (),
) -> str:
    """Let the villain work `plan.broker` times, audit everything, return the figures.

    Vehicle and station call the broker at `broker_port`, or where the site chose.
    """
    rng, started_s = Random(seed), time.monotonic()

    async def day() -> str:
        sites = build(
            folder / "1",
            rng,
            broker_host=broker_host,
            broker_ports=(broker_port,) if broker_port else (),
        )
        async with forges(folder, van_environment) as programs:
            ended = await campaign_on(
                sites,
                plan,
                rng,
                programs,
                villain,
                end=end,
                damaged=damaged,
                expected=expected,
            )
        return figures([ended], time.monotonic() - started_s, seed, what)

    return asyncio.run(day())


def beside_mosquitto(villain: Callable[[Sites, Random], Killer]) -> MakeVillain:
    """Make a villain who leaves the broker alone; it must be there all the same."""

    async def make(sites: Sites, stack: AsyncExitStack, rng: Random) -> Killer:
        stack.enter_context(Mosquitto(sites.folder, port=sites.broker_ports[0]))
        return villain(sites, rng)

    return make


class Villain:
    """Does one of its deeds after another, each at a random instant, and undoes it."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.kills = 0

    async def kill(self, times: int, within_s: float) -> None:
        """Strike so many times."""
        for _ in range(times):
            await asyncio.sleep(self.rng.uniform(0, within_s / max(times, 1)))
            await self.strike()
            self.kills += 1

    async def strike(self) -> None:
        """Do something and undo it."""
        raise NotImplementedError
