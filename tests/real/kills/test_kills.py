"""kill -9 at random instants of a day: no fact lost or counted twice, every leg resumed."""

import asyncio
import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from statistics import quantiles

import pytest

from tests.real.kills.books import audit_campaign
from tests.real.kills.campaign import Campaign, Plan, errors_logged
from tests.real.kills.processes.sites import build

SEED = int(os.environ.get("DOORSTEP_SEED", "1"))

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(shutil.which("mosquitto") is None, reason="mosquitto is not installed"),
]


@pytest.mark.xdist_group("kills")
def test_no_kill_loses_or_doubles_a_fact(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A short slice of the soak below, by the same code."""
    plan = Plan(daemon=40, station=12, broker=4, stops=40, lasts_s=22)
    show(run_campaign(tmp_path, plan), capsys)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_three_hundred_kills_lose_and_double_no_fact(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = Plan(daemon=300, station=100, broker=20, stops=80, lasts_s=200)
    show(run_campaign(tmp_path, plan), capsys)


def show(figures: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Print the figures of a run that passed, too."""
    with capsys.disabled():
        print(figures)


def run_campaign(folder: Path, plan: Plan) -> str:
    """Kill as planned, hold everybody's books against each other; return the figures."""
    print(f"seed {SEED} (DOORSTEP_SEED)")
    rng, started_s = Random(SEED), time.monotonic()
    sites = build(folder, rng)
    campaign = Campaign(sites, plan, rng)
    asyncio.run(campaign.run())
    driver, daemon, station = campaign.driver, campaign.daemon, campaign.station
    told = audit_campaign(sites, campaign.days, campaign.notebook.outcomes, driver.photos)
    errors = errors_logged(sites)
    assert not errors, "\n".join(errors[:20])
    books = told.books
    return (
        f"\nkills: daemon {daemon.kills}, station {station.kills}, "
        f"mosquitto {campaign.broker.kills}; facts {books.facts}, resent "
        f"{books.facts_resent}, lost {books.facts_lost}, counted twice "
        f"{books.facts_counted_twice}; parcels {books.parcels} of {len(campaign.days)} routes, "
        f"photos and signatures {told.photos}; {len(daemon.fresh_ms)} fresh processes: leg "
        f"resumed p50/p95 {_p50_p95(daemon.fresh_ms)} ms, first publish "
        f"{_p50_p95(daemon.spoke_ms)} ms; forks resumed {_p50_p95(daemon.fork_ms)} ms, "
        f"station up {_p50_p95(station.ready_ms)} ms; wall "
        f"{time.monotonic() - started_s:.0f} s, seed {SEED}\n"
        f"killed in {dict(daemon.phases.most_common())}; {books.outcomes}; arrived by position "
        f"{driver.arrived_by_position} times; track batches {told.track_batches}; refused: "
        f"{sorted(set(driver.refusals))[:5]}"
    )


def _p50_p95(values_ms: Sequence[float]) -> str:
    if len(values_ms) < 2:
        return "/".join(f"{value:.0f}" for value in values_ms) or "none"
    cuts = quantiles(values_ms, n=20, method="inclusive")
    return f"{cuts[9]:.0f}/{cuts[18]:.0f}"
