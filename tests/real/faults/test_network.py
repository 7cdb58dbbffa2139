"""Days over a network that fails in every way it can: nothing lost, nothing counted twice."""

import shutil
from pathlib import Path

import pytest

from tests.real.faults.day import day_under
from tests.real.faults.network import behind_a_proxy
from tests.real.kills.campaign import Plan
from tests.real.kills.test_kills import SEED, show

pytestmark = [
    pytest.mark.real,
    pytest.mark.soak,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(shutil.which("mosquitto") is None, reason="mosquitto is not installed"),
]


def test_no_fault_of_the_network_loses_or_doubles_a_fact(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = Plan(daemon=40, station=10, broker=80, stops=40, lasts_s=400)
    told = day_under(
        tmp_path, plan, behind_a_proxy, "faults of the network", SEED, damaged=True
    )
    show(told, capsys)
