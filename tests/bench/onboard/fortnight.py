"""Two weeks without a network: what the stores of fourteen ten-hour days take on the disk."""

import asyncio
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from edge.clock import LoopClock
from edge.handover.proof import SigningKey
from edge.messages.facts import ParcelEnded, TrackThinned
from edge.messages.geo import Place
from edge.messages.parcels import Outcome
from edge.messages.state import VehicleState
from edge.position.estimator import Estimator
from edge.store.facts import FactStore
from edge.store.track import TrackStore
from sim.virtual_time import VirtualTimeLoop
from tests.bench.onboard.uplink_volume import MORNING, fixes
from tests.bench.report import Figure, Told

VAN, ORG = "van-17", "acme"
DAY_S = 86_400.0
TIGHT_MB = 2  # far below what they need: the track must give way, and only the track
FLUSH_S = 60


@dataclass(frozen=True, slots=True)
class Effort:
    """How many days of how many hours, and facts a day."""

    days: int
    hours: float
    facts: int


FULL = Effort(days=14, hours=10.0, facts=1000)
TINY = Effort(days=2, hours=0.05, facts=5)


def measure(effort: Effort) -> Told:
    """Write everything, acknowledge nothing: with the usual bound, and with a tight one."""
    roomy, roomy_facts, _ = _run(effort, 256)
    tight, tight_facts, thinned = _run(effort, TIGHT_MB)
    written = effort.days * effort.facts + 1  # and the first start
    return Told(
        [
            Figure(
                "disk_mb", "stores after all days offline [MB]", roomy.total() / 1e6, "≤ 256"
            ),
            Figure("track_mb", "  track.db", roomy["track"] / 1e6),
            Figure("facts_mb", "  facts.db", roomy["facts"] / 1e6),
            Figure("facts_lost", "  facts missing", abs(written - roomy_facts), "0"),
            Figure(
                "tight_track_mb",
                f"track.db with a bound of {TIGHT_MB} MB",
                tight["track"] / 1e6,
            ),
            Figure("tight_told", "  points thinned, as facts tell", float(thinned)),
            Figure("tight_lost", "  facts missing", abs(written - tight_facts), "0"),
        ],
        [
            f"{effort.days} days of {effort.hours:g} h at 1 Hz, {effort.facts} facts each,"
            " no photos"
        ],
    )


def _run(effort: Effort, most_mb: int) -> tuple[Counter[str], int, int]:
    """Return bytes by store, facts other than losses of track, and points told as thinned."""
    with (
        tempfile.TemporaryDirectory() as name,
        asyncio.Runner(loop_factory=VirtualTimeLoop) as runner,
    ):
        kept, thinned = runner.run(_days(Path(name), effort, most_mb))
        sizes: Counter[str] = Counter()
        for file in Path(name).iterdir():
            sizes[file.name.partition(".")[0]] += file.stat().st_size
        return sizes, kept, thinned


async def _days(folder: Path, effort: Effort, most_mb: int) -> tuple[int, int]:
    clock = LoopClock(asyncio.get_running_loop(), MORNING, "gnss")
    facts = await FactStore.open(
        folder,
        vehicle=VAN,
        org=ORG,
        key=SigningKey.from_seed(bytes(32)),
        clock=clock,
        new_epoch=lambda: "0123456789abcdef",
    )
    losses: list[TrackThinned] = []

    async def report(fact: TrackThinned) -> None:
        losses.append(fact)
        await facts.commit([fact])

    track = await TrackStore.open(
        folder,
        vehicle=VAN,
        clock=clock,
        new_epoch=lambda: "0123456789abcdef",
        report=report,
        max_mb=most_mb,
    )
    states = _one_day(round(effort.hours * 3600))
    every = max(1, len(states) // effort.facts)
    for day in range(effort.days):
        written = 0
        for second, state in enumerate(states):
            track.add(replace(state, at_s=day * DAY_S + state.at_s), route="r", driver="ada")
            if second % FLUSH_S == 0:
                await asyncio.sleep(max(0.0, day * DAY_S + state.at_s - clock.now_s()))
                await track.flush()
            if second % every == 0 and written < effort.facts:
                written += 1
                await facts.commit([_ended(day, second)], driver="ada", route="r")
    await track.close()
    last = facts.last_seq
    await facts.close()
    return last - len(losses), sum(loss.points for loss in losses)


def _one_day(seconds: int) -> list[VehicleState]:
    estimator, states = Estimator(), []
    for fix in fixes(seconds):
        state = estimator.take(fix)
        assert state is not None, "a fix gives a state"
        states.append(state)
    return states


def _ended(day: int, second: int) -> ParcelEnded:
    return ParcelEnded(
        parcel_id=f"P{day:02d}{second:06d}A",
        outcome=Outcome.DELIVERED,
        stop_id=f"N261123-{second:04d}",
        custody="customer",
        recipient="M. Example",
        place=Place(lat_deg=48.1372 + second * 1e-7, lon_deg=11.5756),
        accuracy_m=2.4,
        distance_m=7.3,
    )
