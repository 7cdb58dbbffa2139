"""The power fails under a daemon at work on a real ext4: nothing it has answered is lost."""

import asyncio
import shutil
import time
from pathlib import Path
from random import Random

import pytest

from tests.real.faults.day import Villain, beside_mosquitto
from tests.real.kills.campaign import Plan, forges
from tests.real.kills.processes.sites import build
from tests.real.kills.side_by_side import campaign_on, figures
from tests.real.kills.test_kills import SEED, show
from tests.real.power.machine import Machine, why_not

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(shutil.which("mosquitto") is None, reason="mosquitto is not installed"),
    pytest.mark.skipif(bool(why_not()), reason=f"no disk to cut off: {why_not()}"),
]


@pytest.mark.xdist_group("kills")
def test_c1_a_power_cut_loses_nothing_that_was_answered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    show(
        run_with_power_cuts(tmp_path, Plan(daemon=4, station=0, broker=0, stops=12, lasts_s=4)),
        capsys,
    )


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_c1_five_hundred_power_cuts_lose_nothing_that_was_answered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = Plan(daemon=500, station=50, broker=0, stops=40, lasts_s=500, fresh_every=100)
    show(run_with_power_cuts(tmp_path, plan), capsys)


def run_with_power_cuts(folder: Path, plan: Plan) -> str:
    """Let a vehicle work while its power fails; hold everybody's books against each other."""
    rng, started_s = Random(SEED), time.monotonic()
    villain = beside_mosquitto(lambda _sites, chance: Villain(chance))

    async def days() -> str:
        site = folder / "1"
        machine = Machine(folder, site / "van" / "store", Random(rng.random()))
        async with machine, forges(folder) as programs:
            sites = build(site, rng)
            ended = await campaign_on(
                sites, plan, rng, programs, villain, end=machine.end, expected=("I/O error",)
            )
        told = figures([ended], time.monotonic() - started_s, SEED, "nothing else")
        return (
            f"{told}\n{machine.cuts} power cuts of an ext4, {machine.cuts_with_writes_waiting} "
            f"with writes in the disk's cache ({machine.writes_waiting} in all), "
            f"{machine.flushes} flushes"
        )

    return asyncio.run(days())
