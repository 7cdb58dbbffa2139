"""A day over three NATS nodes of which each is killed in turn: nothing lost or doubled."""

import asyncio
import os
import time
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

import pytest

from tests.real.kills.campaign import Killer, Plan, forges
from tests.real.kills.processes.sites import Sites, build
from tests.real.kills.side_by_side import campaign_on, figures
from tests.real.nats.cluster import NODES, NatsCluster, NodeKiller, find_nats

SEED = int(os.environ.get("DOORSTEP_SEED", "1"))

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        find_nats() is None, reason="nats-server is not installed: apt-get install nats-server"
    ),
]


@pytest.mark.xdist_group("kills")
def test_each_node_killed_once_loses_and_doubles_no_fact(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = Plan(daemon=2, station=1, broker=NODES, stops=12, lasts_s=9)
    show(run_on_cluster(tmp_path, plan), capsys)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_cluster_whose_nodes_are_killed_for_long_loses_and_doubles_no_fact(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = Plan(daemon=100, station=60, broker=60, stops=80, lasts_s=300, fresh_every=20)
    show(run_on_cluster(tmp_path, plan), capsys)


def show(told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Print the figures of a run that passed, too."""
    with capsys.disabled():
        print(told)


def run_on_cluster(folder: Path, plan: Plan) -> str:
    """Let a vehicle work over the cluster while nodes and programs are killed."""
    rng, started_s = Random(SEED), time.monotonic()

    async def day(cluster: NatsCluster) -> str:
        sites = build(folder / "1", rng, broker_ports=cluster.mqtt_ports, protocol="3.1.1")

        async def killer(_sites: Sites, _stack: AsyncExitStack, chance: Random) -> Killer:
            return NodeKiller(cluster, chance)

        async with forges(folder) as programs:
            ended = await campaign_on(sites, plan, rng, programs, killer)
        return figures([ended], time.monotonic() - started_s, SEED, "NATS nodes")

    with NatsCluster(folder, rng) as cluster:
        return asyncio.run(day(cluster))
