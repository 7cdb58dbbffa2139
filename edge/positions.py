"""From readings to what the rest of the daemon knows of the position: state, track, live."""

import asyncio
import logging
from datetime import timedelta

from edge.clock import Clock
from edge.config import Config
from edge.executor.executor import Executor
from edge.executor.mission.progress import WORKING
from edge.health.fix_watch import FixWatch
from edge.messages.facts import ClockCorrected
from edge.messages.readings import GnssFix, Odometry, Reading
from edge.messages.state import Live, VehicleState
from edge.position.estimator import Estimator
from edge.store.track import POINT_EVERY_S, TrackStore
from edge.streams import Latest
from edge.uplink.live import Burst, live
from edge.vehicles.kind import VehicleKind

log = logging.getLogger(__name__)

TICK_S = 0.5
QUIET_S = 1.2  # no reading for this long: say how the last one has aged
STEP_WORTH_TELLING_S = 0.5


class Positions:
    """Feeds readings to the estimator and its states to everybody who wants them."""

    def __init__(
        self,
        config: Config,
        kind: VehicleKind,
        *,
        executor: Executor,
        track: TrackStore,
        state: Latest[VehicleState],
        clock: Clock,
        burst: Burst | None = None,
    ) -> None:
        """`burst` says when positions are kept more often."""
        self._vehicle = config.vehicle.name
        self._kind = kind
        self._executor = executor
        self._track = track
        self._state = state
        self._clock = clock
        self._estimator = Estimator(config.gnss.latency_s)
        self._watch = FixWatch(config.gnss.source, clock.now_s())
        self._corrected: float | None = None
        self._burst = burst or Burst()
        self.live: Latest[Live] = Latest()
        """Newest position and state for the live lane."""

    @property
    def known(self) -> bool:
        """There is a usable position now."""
        state = self._state.value
        return state is not None and state.fix != "none"

    @property
    def warning(self) -> str:
        """What the driver should know of the position; empty when all is well."""
        state = self._state.value
        if state is not None and state.fix == "dead_reckoning" and not state.doubtful:
            return f"No GPS: position by wheels and gyro, known to {state.accuracy_m:.0f} m."
        if self._watch.lost:
            return "No GPS position: stops can still be completed, proofs will say so."
        if not self.known:
            return "The GPS receiver is still searching."
        if state is not None and state.doubtful:
            return f"GPS position is doubtful: {state.doubtful}"
        return ""

    def publish(self, reading: Reading) -> None:
        """Take a reading of a device session."""
        if not isinstance(reading, Odometry):
            self._watch.heard(reading)
        state = self._estimator.take(reading)
        if state is None:
            return
        believed = state.fix == "gnss" and not state.doubtful
        if believed and isinstance(reading, GnssFix) and reading.utc is not None:
            age_s = self._clock.now_s() - reading.received_s
            step_s = self._clock.correct(reading.utc + timedelta(seconds=age_s), "gnss")
            self._corrected = step_s if step_s is not None else self._corrected
        self._state.set(state)

    async def tick(self) -> None:
        """Keep the state true while no reading comes, for ever."""
        while True:
            now_s, last = self._clock.now_s(), self._state.value
            quiet_s = last.at_s + QUIET_S - now_s if last is not None else 0.0
            await asyncio.sleep(max(TICK_S, quiet_s))
            now_s, last = self._clock.now_s(), self._state.value
            if last is None or now_s - last.at_s >= QUIET_S:
                self._state.set(self._estimator.state(now_s))

    async def follow(self) -> None:
        """Record every state: track, live lane, and the facts of losing and finding it."""
        version = 0
        while True:
            version, state = await self._state.newer_than(version)
            change = self._watch.look(state)
            if change is not None:
                log.warning("position", extra={"change": type(change).__name__})
                await self._executor.record(change)
            if self._corrected is not None:
                step_s, self._corrected = self._corrected, None
                if abs(step_s) > STEP_WORTH_TELLING_S:
                    fact = ClockCorrected(step_s=round(step_s, 3), source=self._clock.source)
                    await self._executor.record(fact)
            self._report(state)

    def _report(self, state: VehicleState) -> None:
        """Hand the state on; outside work a contractor's position stays private (F3)."""
        mission, plan = self._executor.mission, self._executor.plan
        progress = mission.progress
        if not (self._kind.reports_outside_work or mission.phase in WORKING):
            state = VehicleState(at_s=state.at_s, fix="none")
        self._track.add(
            state,
            route=progress.route_id or None,
            driver=progress.driver or None,
            every_s=self._burst.every_s(POINT_EVERY_S, self._clock.now_s()),
        )
        stops = plan.stops if plan is not None else ()
        self.live.set(
            live(
                self._vehicle,
                state,
                utc=self._clock.utc(),
                source=self._clock.source,
                phase=mission.phase.value,
                stop_id=progress.stop_id,
                stops_left=len(progress.order),
                next_arrival_utc=next(
                    (p.arrives_utc for p in stops if p.stop_id == progress.stop_id), None
                ),
                backlog=self._executor.backlog,
            )
        )
