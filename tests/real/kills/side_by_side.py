"""Several vehicles, each with a station and a broker of its own, killed at the same time."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import quantiles

from tests.real.kills.books import Told, audit_campaign
from tests.real.kills.campaign import Campaign, Forges, Killer, Plan, errors_logged, forges
from tests.real.kills.killers import BrokerKiller
from tests.real.kills.processes.forge import Life
from tests.real.kills.processes.sites import Sites, build
from tests.real.mosquitto.broker import Mosquitto


@dataclass(frozen=True, slots=True)
class Ended:
    """What one campaign came to."""

    campaign: Campaign
    told: Told


MakeBroker = Callable[[Sites, AsyncExitStack, Random], Awaitable[Killer]]


async def mosquitto(sites: Sites, stack: AsyncExitStack, rng: Random) -> Killer:
    """Start a broker without persistence: a kill forgets what it has acknowledged."""
    broker = Mosquitto(sites.folder, port=sites.broker_ports[0])
    stack.enter_context(broker)
    return BrokerKiller(broker, rng=rng)


def ended_campaigns(
    folder: Path, plan: Plan, vehicles: int, seed: int
) -> tuple[list[Ended], str]:
    """Kill as planned at each vehicle, hold everybody's books against each other.

    Returns them and the figures of all together. Raises AssertionError.
    """
    print(f"seed {seed} (DOORSTEP_SEED)")
    rng, started_s = Random(seed), time.monotonic()
    chances = [Random(rng.random()) for _ in range(vehicles)]
    ended = asyncio.run(_all_of(folder, plan, chances))
    return ended, figures(ended, time.monotonic() - started_s, seed)


async def _all_of(folder: Path, plan: Plan, chances: Sequence[Random]) -> list[Ended]:
    sites = [build(folder / f"{number}", rng) for number, rng in enumerate(chances, start=1)]
    async with forges(folder) as programs, asyncio.TaskGroup() as group:
        running = [
            group.create_task(campaign_on(site, plan, rng, programs, mosquitto))
            for site, rng in zip(sites, chances, strict=True)
        ]
    return [task.result() for task in running]


async def campaign_on(
    sites: Sites,
    plan: Plan,
    rng: Random,
    programs: Forges,
    broker: MakeBroker,
    *,
    end: Callable[[Life], Awaitable[None]] = Life.kill,
    damaged: bool = False,
    expected: Sequence[str] = (),
) -> Ended:
    """Run one campaign over the given broker and audit it.

    `end` is how lives of the daemon end. What was `damaged` on the way may lie in quarantine.
    Errors that name what is `expected` may be in the logs.
    """
    async with AsyncExitStack() as stack:
        killer = await broker(sites, stack, Random(rng.random()))
        campaign = Campaign(sites, plan, rng, programs, killer, end)
        await campaign.run()
    notebook, photos = campaign.notebook, campaign.driver.photos
    told = await asyncio.to_thread(
        audit_campaign, sites, campaign.days, notebook.outcomes, photos, damaged=damaged
    )
    errors = [line for line in errors_logged(sites) if not any(one in line for one in expected)]
    assert not errors, "\n".join(errors[:20])
    return Ended(campaign, told)


def figures(ended: Sequence[Ended], wall_s: float, seed: int, broker: str = "mosquitto") -> str:
    """Add everything up."""
    campaigns, books = [one.campaign for one in ended], [one.told.books for one in ended]
    daemons, stations = [c.daemon for c in campaigns], [c.station for c in campaigns]
    resumed = _joined(d.fresh_ms for d in daemons)
    spoke = _joined(d.spoke_ms for d in daemons)
    kills = [
        sum(d.kills for d in daemons),
        sum(s.kills for s in stations),
        sum(c.broker.kills for c in campaigns),
    ]
    phases = sum((d.phases for d in daemons), Counter())
    outcomes = sum((Counter(b.outcomes) for b in books), Counter())
    return (
        f"\n{sum(kills)} kills: daemon {kills[0]}, station {kills[1]}, {broker} {kills[2]}, at "
        f"{len(ended)} vehicles, {sum(kills) / wall_s:.1f} a second; facts "
        f"{sum(b.facts for b in books)}, resent {sum(b.facts_resent for b in books)}, lost "
        f"{sum(b.facts_lost for b in books)}, counted twice "
        f"{sum(b.facts_counted_twice for b in books)}; parcels {sum(b.parcels for b in books)} "
        f"of {sum(len(c.days) for c in campaigns)} routes, photos and signatures "
        f"{sum(one.told.photos for one in ended)}; {len(resumed)} fresh processes: leg resumed "
        f"p50/p95 {_p50_p95(resumed)} ms, first publish {_p50_p95(spoke)} ms; forks resumed "
        f"{_p50_p95(_joined(d.fork_ms for d in daemons))} ms, station up "
        f"{_p50_p95(_joined(s.ready_ms for s in stations))} ms; wall {wall_s:.0f} s, seed "
        f"{seed}\nkilled in {dict(phases.most_common())}; {dict(outcomes)}; arrived by "
        f"position {sum(c.driver.arrived_by_position for c in campaigns)} times; track batches "
        f"{sum(one.told.track_batches for one in ended)}; refused: "
        f"{sorted({why for c in campaigns for why in c.driver.refusals})[:5]}"
    )


def _joined(lists: Iterable[Sequence[float]]) -> list[float]:
    return [value for values in lists for value in values]


def percentile(values_ms: Sequence[float], percent: int) -> float:
    """Return what so many of a hundred do not exceed."""
    return quantiles(values_ms, n=100, method="inclusive")[percent - 1]


def _p50_p95(values_ms: Sequence[float]) -> str:
    if len(values_ms) < 2:
        return "/".join(f"{value:.0f}" for value in values_ms) or "none"
    return f"{percentile(values_ms, 50):.0f}/{percentile(values_ms, 95):.0f}"
