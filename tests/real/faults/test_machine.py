"""Days on a machine whose clock jumps, whose memory or disk runs out: nothing is lost."""

import shutil
from pathlib import Path

import pytest

from tests.real.faults.clock import LIBRARY, ClockVillain, faked
from tests.real.faults.day import Villain, beside_mosquitto, day_under
from tests.real.faults.disk import DiskVillain, small_disk
from tests.real.faults.memory import OutOfMemory, capped_group
from tests.real.kills.campaign import Plan
from tests.real.kills.processes.forge import Life
from tests.real.kills.test_kills import SEED, show

pytestmark = [
    pytest.mark.real,
    pytest.mark.soak,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(shutil.which("mosquitto") is None, reason="mosquitto is not installed"),
]


@pytest.mark.skipif(not LIBRARY.exists(), reason="faketime is not installed")
def test_c5_a_clock_that_jumps_by_years_loses_and_doubles_no_fact(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "clock"
    plan = Plan(daemon=12, station=4, broker=60, stops=20, lasts_s=100)
    villain = beside_mosquitto(lambda _sites, rng: ClockVillain(file, rng))
    told = day_under(
        tmp_path, plan, villain, "jumps of the clock", SEED, van_environment=faked(file)
    )
    show(told, capsys)


def test_a_daemon_that_the_kernel_kills_for_memory_loses_and_doubles_no_fact(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with capped_group("doorstep-test") as group:
        if group is None:
            pytest.skip("no control group for memory can be made here: it takes root")
        memory = OutOfMemory(group)
        plan = Plan(daemon=40, station=4, broker=0, stops=20, lasts_s=60, fresh_every=20)
        told = day_under(
            tmp_path,
            plan,
            beside_mosquitto(lambda _sites, rng: Villain(rng)),
            "nothing else",
            SEED,
            end=memory.end,
        )
        assert memory.killed == plan.daemon
    show(told, capsys)


def test_a_full_disk_refuses_facts_and_loses_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "1" / "van" / "store"
    with small_disk(folder) as why_not:
        if why_not:
            pytest.skip(f"no file system can be mounted here: {why_not}")
        plan = Plan(daemon=20, station=4, broker=30, stops=20, lasts_s=100, fresh_every=20)
        villain = beside_mosquitto(lambda sites, rng: DiskVillain(sites.store, rng))
        told = day_under(
            tmp_path,
            plan,
            villain,
            "full disks",
            SEED,
            end=Life.kill_or_bury,
            expected=(
                "disk is full",
                "disk full",
                "disk I/O error",
                "no space for the reserve",
                "No space left",
            ),
        )
    assert "cannot be stored" in told, "the driver was told"
    show(told, capsys)
