"""A network between vehicle, station and broker that does everything networks do."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from random import Random

from tests.real.faults.day import Villain
from tests.real.kills.campaign import Killer
from tests.real.kills.processes.sites import KEEPALIVE_S, Sites
from tests.real.mosquitto.broker import Mosquitto
from tests.real.tcp_fault_proxy import TcpFaultProxy

DEAF_S = 2.0 * KEEPALIVE_S  # by then both ends have found out


class NetworkVillain(Villain):
    """One fault after another, of all kinds in turn."""

    def __init__(self, proxy: TcpFaultProxy, rng: Random) -> None:
        super().__init__(rng)
        self._proxy = proxy
        self.faults: Counter[str] = Counter()
        self._deeds = (
            self._reset,
            self._late,
            self._narrow,
            self._stalled,
            self._damages,
            self._deaf_up,
            self._deaf_down,
            self._half_open,
        )

    async def strike(self) -> None:
        deed = self._deeds[self.kills % len(self._deeds)]
        self.faults[deed.__name__.strip("_")] += 1
        await deed()

    async def _reset(self) -> None:
        self._proxy.reset()

    async def _late(self) -> None:
        self._proxy.delay_s = self.rng.uniform(0.1, 0.5)
        await asyncio.sleep(self.rng.uniform(0.5, 2.0))
        self._proxy.delay_s = 0.0

    async def _narrow(self) -> None:
        self._proxy.bytes_per_s = 8000.0  # 64 kbit/s
        await asyncio.sleep(self.rng.uniform(0.5, 2.0))
        self._proxy.bytes_per_s = float("inf")

    async def _stalled(self) -> None:
        self._proxy.stall()
        await asyncio.sleep(self.rng.uniform(0.5, 3.0))
        self._proxy.flow()

    async def _damages(self) -> None:
        self._proxy.damage_frac = 0.3
        await asyncio.sleep(self.rng.uniform(0.5, 2.0))
        self._proxy.damage_frac = 0.0

    async def _deaf_up(self) -> None:
        await self._swallow({"up"})

    async def _deaf_down(self) -> None:
        await self._swallow({"down"})

    async def _half_open(self) -> None:
        await self._swallow({"up", "down"})

    async def _swallow(self, ways: set[str]) -> None:
        self._proxy.swallows = ways
        await asyncio.sleep(self.rng.uniform(0.5, DEAF_S))
        self._proxy.swallows = set()
        self._proxy.reset()  # a stream with a hole in it is no stream


async def behind_a_proxy(sites: Sites, stack: AsyncExitStack, rng: Random) -> Killer:
    """Start a broker and the proxy that everybody reaches it through."""
    broker = Mosquitto(sites.folder)
    stack.enter_context(broker)
    proxy = TcpFaultProxy(broker.port, port=sites.broker_ports[0], rng=rng)
    await stack.enter_async_context(proxy)
    return NetworkVillain(proxy, rng)
