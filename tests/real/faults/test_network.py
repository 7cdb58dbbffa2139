"""Days over a network that fails in every way it can: nothing lost, nothing counted twice."""

import shutil
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

import pytest

from tests.real.faults.day import day_under
from tests.real.faults.namespace import (
    BROKER,
    LinkVillain,
    linked_namespace,
    started_there,
    why_not,
)
from tests.real.faults.network import behind_a_proxy
from tests.real.kills.campaign import Killer, Plan
from tests.real.kills.processes.sites import Sites
from tests.real.kills.test_kills import SEED, show

pytestmark = [
    pytest.mark.real,
    pytest.mark.soak,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(shutil.which("mosquitto") is None, reason="mosquitto is not installed"),
]


@pytest.mark.skipif(bool(why_not()), reason=why_not())
def test_a_link_that_loses_packets_and_is_narrow_loses_and_doubles_no_fact(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def villain(sites: Sites, stack: AsyncExitStack, rng: Random) -> Killer:
        stack.enter_context(started_there(sites))
        return LinkVillain(rng)

    plan = Plan(daemon=20, station=5, broker=45, stops=40, lasts_s=250)
    with linked_namespace():
        told = day_under(
            tmp_path, plan, villain, "faults of the link", SEED, broker_host=BROKER
        )
    show(told, capsys)


def test_no_fault_of_the_network_loses_or_doubles_a_fact(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = Plan(daemon=40, station=10, broker=80, stops=40, lasts_s=400)
    told = day_under(
        tmp_path, plan, behind_a_proxy, "faults of the network", SEED, damaged=True
    )
    show(told, capsys)
