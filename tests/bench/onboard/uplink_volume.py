"""What a day of positions costs on the air: ten hours at 1 Hz through estimator and store."""

import asyncio
import math
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from edge.clock import LoopClock
from edge.messages.broker.catalog import topic
from edge.messages.broker.wire import to_json, to_msgpack
from edge.messages.geo import Place, metres_per_degree
from edge.messages.readings import GnssFix
from edge.messages.state import Backlog, Live, VehicleState
from edge.position.estimator import Estimator
from edge.store.track import TrackStore
from edge.uplink.live import live
from sim.virtual_time import VirtualTimeLoop
from tests.bench.report import Figure, Told

MORNING = datetime(2026, 11, 23, 7, tzinfo=UTC)
STATION = Place(lat_deg=48.1372, lon_deg=11.5756)
DRIVES_S, STANDS_S = 150, 120
SPEED_MPS = 9.0
DRIFT_M, NOISE_M, DRIFT_S = 1.2, 0.25, 90.0  # as the simulator's receiver
VAN, ORG = "van-17", "acme"
FRAME_B = 2 + 2 + 2 + 1  # MQTT 5 PUBLISH: header, length of the topic, packet id, properties
PUBACK_B = 4
QOS0_FRAME_B = 2 + 1 + 2 + 1  # a longer length, no packet id


@dataclass(frozen=True, slots=True)
class Effort:
    """How long a day."""

    hours: float


FULL = Effort(hours=10.0)
TINY = Effort(hours=0.1)


def measure(effort: Effort) -> Told:
    """Drive and stand in turns; count what the lanes hand to the broker."""
    with (
        tempfile.TemporaryDirectory() as name,
        asyncio.Runner(loop_factory=VirtualTimeLoop) as runner,
    ):
        track_b, batches, live_b = runner.run(_day(Path(name), effort))
    points = round(effort.hours * 3600)
    share = 10.0 / effort.hours
    figures = [
        Figure(
            "track_mb_per_day", "track lane, 10 h at 1 Hz [MB]", track_b * share / 1e6, "≤ 2"
        ),
        Figure("track_bytes_per_point", "  bytes a position", track_b / points),
        Figure("track_messages", "  messages in 10 h", batches * share),
        Figure("live_mb_per_day", "live lane beside it, 1 Hz JSON [MB]", live_b * share / 1e6),
        Figure("live_bytes_per_message", "  bytes a message", live_b / points),
    ]
    return Told(figures, ["with MQTT 5 headers and acknowledgements, without TCP/IP and TLS"])


async def _day(folder: Path, effort: Effort) -> tuple[int, int, int]:
    """Return bytes of the track lane, its messages, and bytes of the live lane."""
    clock = LoopClock(asyncio.get_running_loop(), MORNING, "gnss")
    track = await TrackStore.open(
        folder,
        vehicle=VAN,
        clock=clock,
        new_epoch=lambda: "0123456789abcdef",
        report=lambda _: asyncio.sleep(0),
    )
    estimator = Estimator()
    live_b = 0
    flushing = asyncio.create_task(track.run(), name="track")
    try:
        for fix in fixes(round(effort.hours * 3600)):
            await asyncio.sleep(fix.received_s - clock.now_s())
            state = estimator.take(fix)
            assert state is not None, "a fix gives a state"
            track.add(state, route="2026-11-23-van-17", driver="ada")
            live_b += len(to_json(_live(state, clock)))
            live_b += len(topic(ORG, VAN, "live")) + QOS0_FRAME_B
        await asyncio.sleep(120.0)
        await track.flush()
    finally:
        flushing.cancel()
        await asyncio.wait([flushing])
    items = await track.read(1, track.last_seq)
    await track.close()
    overhead_b = FRAME_B + len(topic(ORG, VAN, "track")) + PUBACK_B
    sizes = [len(to_msgpack(item)) + overhead_b for _, item in items]
    return sum(sizes), len(sizes), live_b


def fixes(seconds: int, seed: int = 1) -> Iterator[GnssFix]:
    """Yield what a receiver says on a day of driving and standing."""
    rng = Random(seed)
    north_deg_m, east_deg_m = metres_per_degree(STATION.lat_deg)
    keep = math.exp(-1.0 / DRIFT_S)
    east_m = north_m = 0.0
    drift_m = [0.0, 0.0]
    heading_rad, speed_mps = 0.0, 0.0
    for second in range(1, seconds + 1):
        driving = second % (DRIVES_S + STANDS_S) < DRIVES_S
        speed_mps += max(-2.5, min(1.5, (SPEED_MPS if driving else 0.0) - speed_mps))
        if driving and rng.random() < 0.05:
            heading_rad += rng.choice((-1, 1)) * math.pi / 2
        east_m += speed_mps * math.sin(heading_rad)
        north_m += speed_mps * math.cos(heading_rad)
        step_m = DRIFT_M * math.sqrt(1 - keep * keep)
        drift_m = [keep * drift + rng.gauss(0, step_m) for drift in drift_m]
        seen_m = (
            east_m + drift_m[0] + rng.gauss(0, NOISE_M),
            north_m + drift_m[1] + rng.gauss(0, NOISE_M),
        )
        measured_mps = abs(speed_mps + rng.gauss(0, 0.05))
        course_deg = math.degrees(heading_rad + rng.gauss(0, 0.02)) % 360
        yield GnssFix(
            received_s=float(second),
            lat_deg=round(STATION.lat_deg + seen_m[1] / north_deg_m, 7),
            lon_deg=round(STATION.lon_deg + seen_m[0] / east_deg_m, 7),
            utc=MORNING + timedelta(seconds=second),
            speed_mps=measured_mps,
            course_deg=course_deg if measured_mps > 0.5 else None,
            accuracy_m=2.4,
            accuracy_from="receiver",
        )


def _live(state: VehicleState, clock: LoopClock) -> Live:
    """Return the live message of a van in the middle of its day."""
    return live(
        VAN,
        state,
        utc=clock.utc(),
        source=clock.source,
        phase="underway",
        stop_id="S0042",
        stops_left=61,
        next_arrival_utc=MORNING + timedelta(hours=3),
        backlog=Backlog(facts=0, track=1, proof=0),
    )
