"""A broker in a network namespace of its own, behind a narrow link that loses packets."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from tests.real.faults.day import Villain
from tests.real.kills.processes.sites import Sites
from tests.real.mosquitto.broker import Mosquitto, find_mosquitto

NAME, NEAR, FAR = "doorstep-t", "doorstep-t0", "doorstep-t1"
BROKER, BESIDE = "10.213.47.2", "10.213.47.1"
LOSSES_PCT = (5, 30)
RATE = ("tbf", "rate", "64kbit", "burst", "4kb", "latency", "400ms")


class NamespacedMosquitto(Mosquitto):
    """Runs in the namespace; the way in is its end of the link."""

    host = BROKER
    before = ("ip", "netns", "exec", NAME)


class LinkVillain(Villain):
    """Loses packets at random, makes the link narrow, takes it down; in turn."""

    def __init__(self, rng: Random) -> None:
        super().__init__(rng)
        self._deeds = (self._loses, self._narrow, self._down)

    async def strike(self) -> None:
        await self._deeds[self.kills % len(self._deeds)]()

    async def _loses(self) -> None:
        await self._do("nft", "add", "table", "inet", "loss")
        hook = "{ type filter hook input priority 0; }"
        await self._do("nft", "add", "chain", "inet", "loss", "in", hook)
        percent = str(self.rng.choice(LOSSES_PCT))
        rule = ("numgen", "random", "mod", "100", "<", percent, "drop")
        await self._do("nft", "add", "rule", "inet", "loss", "in", *rule)
        await asyncio.sleep(self.rng.uniform(1.0, 5.0))
        await self._do("nft", "delete", "table", "inet", "loss")

    async def _narrow(self) -> None:
        await self._do("tc", "qdisc", "add", "dev", FAR, "root", *RATE)
        await asyncio.sleep(self.rng.uniform(1.0, 5.0))
        await self._do("tc", "qdisc", "del", "dev", FAR, "root")

    async def _down(self) -> None:
        await self._do("ip", "link", "set", FAR, "down")
        await asyncio.sleep(self.rng.uniform(0.5, 8.0))
        await self._do("ip", "link", "set", FAR, "up")

    async def _do(self, *command: str) -> None:
        process = await asyncio.create_subprocess_exec("ip", "netns", "exec", NAME, *command)
        assert await process.wait() == 0, f"{' '.join(command)} failed"


@contextmanager
def linked_namespace() -> Iterator[None]:
    """Make the namespace and the link into it."""
    commands = (
        f"ip netns add {NAME}",
        f"ip link add {NEAR} type veth peer name {FAR} netns {NAME}",
        f"ip addr add {BESIDE}/24 dev {NEAR}",
        f"ip link set {NEAR} up",
        f"ip -n {NAME} addr add {BROKER}/24 dev {FAR}",
        f"ip -n {NAME} link set {FAR} up",
        f"ip -n {NAME} link set lo up",
    )
    try:
        for command in commands:
            subprocess.run(command.split(), check=True)
        yield
    finally:
        subprocess.run(["ip", "netns", "del", NAME], check=False)


def why_not() -> str:
    """Say why no such network can be made here; empty if it can."""
    for program in ("ip", "tc", "nft"):
        if shutil.which(program) is None:
            return f"{program} is not installed: apt-get install iproute2 nftables"
    if find_mosquitto() is None:
        return "mosquitto is not installed"
    return "" if os.geteuid() == 0 else "only root may make network namespaces"


def started_there(sites: Sites) -> NamespacedMosquitto:
    """Return a broker for these sites, not started yet."""
    return NamespacedMosquitto(sites.folder, port=sites.broker_ports[0])
