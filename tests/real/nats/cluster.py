"""Three real nats-server processes: one cluster, an MQTT gateway on each node."""

import asyncio
import shutil
import subprocess
import time
from pathlib import Path
from random import Random
from urllib.error import URLError
from urllib.request import urlopen

from tests.real.kills.processes.sites import quiet_port

NODES = 3
HEALTHY_WITHIN_S = 30.0
CATCHES_UP_S = 10.0
LOOKS_EVERY_S = 0.1
AWAY_S = 3.0
BETWEEN_S = 1.0

CONFIG = """\
server_name: "node-{number}"
listen: "127.0.0.1:{client}"
http: "127.0.0.1:{monitor}"
jetstream {{ store_dir: "{store}", max_mem: 64MB, max_file: 512MB }}
cluster {{ name: "doorstep", listen: "127.0.0.1:{route}", routes: [{routes}] }}
mqtt {{ listen: "127.0.0.1:{mqtt}", ack_wait: "5s", max_ack_pending: 1000 }}
"""


def find_nats() -> str | None:
    """Return the program's path, or None if it is not installed (Debian: /usr/sbin)."""
    return shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin")


class NatsCluster:
    """Nodes that are killed and started by number, on ports that stay theirs."""

    def __init__(self, folder: Path, rng: Random) -> None:
        self._folder = folder
        ports = [[quiet_port(rng) for _ in range(4)] for _ in range(NODES)]
        self.client_ports = tuple(four[0] for four in ports)
        self.mqtt_ports = tuple(four[2] for four in ports)
        self._monitors = [four[3] for four in ports]
        self._nodes: list[subprocess.Popen[bytes] | None] = [None] * NODES
        routes = ", ".join(f'"nats-route://127.0.0.1:{four[1]}"' for four in ports)
        for number, (client, route, mqtt, monitor) in enumerate(ports):
            self._file(number).write_text(
                CONFIG.format(
                    number=number,
                    client=client,
                    monitor=monitor,
                    store=folder / f"node-{number}",
                    route=route,
                    routes=routes,
                    mqtt=mqtt,
                )
            )

    def __enter__(self) -> "NatsCluster":
        for number in range(NODES):
            self.start(number)
        for number in range(NODES):
            assert self.is_healthy(number, HEALTHY_WITHIN_S), f"node {number} is not healthy"
        return self

    def __exit__(self, *_: object) -> None:
        for number in range(NODES):
            self.kill(number)

    def start(self, number: int) -> None:
        """Start a node; it is not healthy yet."""
        program = find_nats()
        assert program is not None, "nats-server is not installed"
        with self._log(number).open("ab") as log:
            self._nodes[number] = subprocess.Popen(
                [program, "-c", str(self._file(number))], stdout=log, stderr=log
            )

    def kill(self, number: int) -> None:
        """End a node as a power cut would (kill -9)."""
        node = self._nodes[number]
        if node is not None:
            node.kill()
            node.wait()

    def is_healthy(self, number: int, within_s: float) -> bool:
        """Wait until a node has caught up with the others, by its own word."""
        until_s = time.monotonic() + within_s
        while time.monotonic() < until_s:
            try:
                with urlopen(f"http://127.0.0.1:{self._monitors[number]}/healthz") as answer:
                    if answer.status == 200:
                        return True
            except URLError:
                pass  # not there yet, or not current
            node = self._nodes[number]
            assert node is not None, "never started"
            assert node.poll() is None, self._log(number).read_text(errors="replace")[-2000:]
            time.sleep(LOOKS_EVERY_S)
        return False

    def _file(self, number: int) -> Path:
        return self._folder / f"node-{number}.conf"

    def _log(self, number: int) -> Path:
        return self._folder / f"node-{number}.log"


class NodeKiller:
    """Ends each node in turn; two of three are always there."""

    def __init__(self, cluster: NatsCluster, rng: Random) -> None:
        self._cluster = cluster
        self._rng = rng
        self.kills = 0
        self.behind = 0
        """How often the next one was killed before the one before had caught up."""

    async def kill(self, times: int, within_s: float) -> None:
        """Kill a node so many times; the next one when the cluster is whole, or nearly so.

        After a kill nats-server 2.9 may call a consumer of its own stale for minutes.
        """
        loop, cluster = asyncio.get_running_loop(), self._cluster
        started_s = loop.time()
        for number in range(times):
            await asyncio.sleep(started_s + within_s * number / times - loop.time())
            await asyncio.to_thread(cluster.kill, number % NODES)
            self.kills += 1
            await asyncio.sleep(self._rng.uniform(0, AWAY_S))
            await asyncio.to_thread(cluster.start, number % NODES)
            if not await asyncio.to_thread(cluster.is_healthy, number % NODES, CATCHES_UP_S):
                self.behind += 1
            await asyncio.sleep(self._rng.uniform(0, BETWEEN_S))
