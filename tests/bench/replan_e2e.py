"""From a message in to a new plan durable, by the shipped inbox, executor and store.

Conditions come sealed, as over the broker, and change the whole town's traffic; orders are
offered to a loaded vehicle; and a task of 50 Hz stands for everything else on the loop.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import median

from edge.clock import LoopClock
from edge.config import PlannerSection
from edge.executor.asks import Limits
from edge.executor.executor import Executor
from edge.executor.replanning.planning import Planning
from edge.handover.proof import SigningKey
from edge.messages.broker.wire import read_fact
from edge.messages.commands import (
    Command,
    FinishLoading,
    NewConditions,
    OfferStops,
    Order,
    RouteOffer,
    ScanParcel,
    StartLoading,
)
from edge.messages.facts import OfferAnswered
from edge.messages.state import VehicleState
from edge.planner.travel.table import TableTravel
from edge.planner.when import PATIENCE
from edge.store.facts import FactStore
from edge.store.proofs import ProofStore
from edge.streams import Latest
from edge.uplink.inbox import Inbox
from tests.bench.planning.replan_day import DEPOT, T0, VAN, a_jam, a_offer, a_route
from tests.bench.report import Figure, Told, quantile

EPOCH = "e" * 16
KEY, STATION_KEY = SigningKey.from_seed(b"v" * 32), SigningKey.from_seed(b"s" * 32)
PATIENCE_S = 60.0
TICK_S = 0.02
PAUSE_S = PATIENCE["conditions"].pause_s + 0.1  # so that no plan waits for the one before


@dataclass(frozen=True, slots=True)
class Effort:
    """How many of each."""

    stops: int
    conditions: int
    offer_stops: int
    offers: int
    loop_stops: int
    loop_s: float


FULL = Effort(stops=120, conditions=60, offer_stops=60, offers=40, loop_stops=150, loop_s=20.0)
TINY = Effort(stops=12, conditions=2, offer_stops=8, offers=2, loop_stops=15, loop_s=0.5)


def measure(effort: Effort) -> Told:
    """Measure all three, each on a vehicle of its own."""
    plans_ms = asyncio.run(_conditions(effort))
    accepted, answers_ms = asyncio.run(_offers(effort))
    idle_ms, _ = asyncio.run(_loop(effort, planning=False))
    late_ms, plans = asyncio.run(_loop(effort))
    figures = [
        Figure(
            "conditions_p50_ms",
            f"conditions in → plan durable at {effort.stops} stops: p50 [ms]",
            median(plans_ms),
        ),
        Figure("conditions_p99_ms", "  p99 [ms]", quantile(plans_ms, 0.99)),
        Figure(
            "offer_p50_ms",
            f"offer in → answer durable at {effort.offer_stops} stops: p50 [ms]",
            median(answers_ms),
        ),
        Figure("offer_p99_ms", "  p99 [ms]", quantile(answers_ms, 0.99), "≤ 300"),
        Figure("offers_accepted", "  of these accepted", accepted),
        Figure(
            "loop_p99_ms",
            f"50 Hz task while re-planning at {effort.loop_stops} stops: late p99 [ms]",
            quantile(late_ms, 0.99),
            "≤ 10",
        ),
        Figure(
            "loop_idle_p99_ms", "  the same without plans: p99 [ms]", quantile(idle_ms, 0.99)
        ),
        Figure("loop_max_ms", "  at most [ms]", max(late_ms)),
        Figure("loop_plans", "  plans made meanwhile", plans),
    ]
    notes = [
        f"budget {PlannerSection().budget_ms} ms a plan, half and one and a half for an offer",
        "conditions wait 50 ms for others of their feed; travel by table and estimate",
    ]
    return Told(figures, notes)


async def _conditions(effort: Effort) -> list[float]:
    rng, walls = Random(1), []
    async with _van(effort.stops) as van:
        for number in range(effort.conditions):
            await asyncio.sleep(PAUSE_S)
            before = van.plans
            began_s = time.perf_counter()
            await van.send(NewConditions(layer=a_jam(rng, number + 1)))
            await van.until(lambda n=before: van.plans > n)
            walls.append((time.perf_counter() - began_s) * 1000)
    return walls


async def _offers(effort: Effort) -> tuple[int, list[float]]:
    rng, walls = Random(2), []
    async with _van(effort.offer_stops) as van:
        for number in range(effort.offers):
            began_s = time.perf_counter()
            await van.send(OfferStops(offer=a_offer(rng, number)))
            walls.append((time.perf_counter() - began_s) * 1000)
        sealed = await van.facts.read(1, 100_000)
        told = [read_fact(content).data for _, content in sealed]
        answers = [fact for fact in told if isinstance(fact, OfferAnswered)]
        assert len(answers) == effort.offers, "an offer without an answer"
    return sum(answer.accepted for answer in answers), walls


async def _loop(effort: Effort, *, planning: bool = True) -> tuple[list[float], int]:
    """Return how late a task of 50 Hz is while plans are made without a pause."""
    late: list[float] = []
    async with _van(effort.loop_stops) as van:
        loop, first = asyncio.get_running_loop(), van.plans
        due_s = loop.time() + TICK_S
        until_s = loop.time() + effort.loop_s
        while due_s < until_s:
            await asyncio.sleep(max(0.0, due_s - loop.time()))
            late.append((loop.time() - due_s) * 1000)
            due_s = max(due_s + TICK_S, loop.time())
            if planning and not van.executor.planning:
                van.executor.replan("driver")
        return late, van.plans - first


class _Van:
    """A loaded vehicle on the way, with its inbox."""

    def __init__(self, executor: Executor, facts: FactStore, clock: LoopClock) -> None:
        self.executor = executor
        self.facts = facts
        self._clock = clock
        self._seq = 0
        self._done: asyncio.Event = asyncio.Event()
        self.inbox = Inbox(
            facts,
            vehicle=VAN,
            key=KEY,
            keys=[STATION_KEY.public],
            clock=clock,
            on_order=self._obey,
            on_refused=executor.record,
        )

    @property
    def plans(self) -> int:
        """How many plans are in force so far."""
        return self.executor.plan.number if self.executor.plan is not None else 0

    async def _obey(self, command: Command, sealed: bytes) -> None:
        await self.executor.obey(command, sealed)
        self._done.set()

    async def send(self, order: Order) -> None:
        """Have an order come in, sealed; return when it is carried out."""
        self._seq += 1
        command = Command(
            vehicle=VAN,
            epoch=EPOCH,
            seq=self._seq,
            issuer="station",
            issued_utc=self._clock.utc(),
            expires_utc=T0 + timedelta(hours=12),
            order=order,
            key_id=STATION_KEY.key_id,
        )
        self._done.clear()
        sealed = STATION_KEY.seal(command)
        await self.inbox.offer(sealed)
        async with asyncio.timeout(PATIENCE_S):
            await self._done.wait()

    async def until(self, true) -> None:
        """Wait for a condition."""
        async with asyncio.timeout(PATIENCE_S):
            while not true():  # noqa: ASYNC110 -- nothing tells
                await asyncio.sleep(0.001)

    async def take_out(self, stops: int) -> None:
        """Take a route out, with everything loaded."""
        route = a_route(stops)
        await self.send(RouteOffer(route=route))
        await self.until(lambda: self.plans > 0)
        await self.executor.act(StartLoading(action_id="start", driver="a"))
        for parcel in route.parcels:
            name = parcel.parcel_id
            await self.executor.act(ScanParcel(action_id=name, driver="a", parcel_id=name))
        before = self.plans
        await self.executor.act(FinishLoading(action_id="end", driver="a"))
        await self.until(lambda: self.plans > before or not self.executor.planning)


@asynccontextmanager
async def _van(stops: int) -> AsyncIterator[_Van]:
    clock = LoopClock(asyncio.get_running_loop(), T0, "host")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        facts = await FactStore.open(
            folder, vehicle=VAN, org="acme", key=KEY, clock=clock, new_epoch=lambda: "0" * 16
        )
        try:
            state: Latest[VehicleState] = Latest()
            state.set(VehicleState(at_s=0.0, fix="gnss", place=DEPOT, accuracy_m=4.0))
            executor = Executor(
                vehicle=VAN,
                version="bench",
                limits=Limits(radius_m=60.0, dwell_s=5.0, max_speed_mps=1.5),
                store=facts,
                media=await ProofStore.open(facts, folder, clock=clock),
                planning=Planning(PlannerSection(), TableTravel(), clock),
                clock=clock,
                state=state,
            )
            van = _Van(executor, facts, clock)
            await executor.resume()
            async with asyncio.TaskGroup() as tasks:
                running = [
                    tasks.create_task(executor.run()),
                    tasks.create_task(van.inbox.work()),
                ]
                await van.take_out(stops)
                yield van
                for task in running:
                    task.cancel()
        finally:
            await facts.close()


if __name__ == "__main__":
    from tests.bench.__main__ import main

    sys.argv[1:1] = ["replan_e2e"]
    main()
