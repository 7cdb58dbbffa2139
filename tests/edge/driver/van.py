"""A van for the tests of the page: the shipped executor on real files, without a receiver."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from edge.clock import LoopClock
from edge.config import PlannerSection
from edge.executor.asks import Limits
from edge.executor.executor import Executor
from edge.executor.replanning.planning import Planning
from edge.handover.proof import SigningKey
from edge.messages.broker.wire import read_fact
from edge.messages.commands import Command, RouteOffer
from edge.messages.facts import Fact, ParcelEnded
from edge.messages.geo import Place
from edge.messages.routes import Route
from edge.messages.state import VehicleState
from edge.messages.view import DayView
from edge.planner.travel.table import TableTravel
from edge.planner.travel.times import Travel
from edge.store.facts import FactStore
from edge.store.proofs import ProofStore
from edge.streams import Latest
from tests.edge.driver.day import T0, a_route

SECRET = b"s" * 32


class Van:
    """The executor, and what the tests do around it."""

    def __init__(
        self,
        desk: Executor,
        facts: FactStore,
        folder: Path,
        state: Latest[VehicleState],
        clock: LoopClock,
    ) -> None:
        self.desk = desk
        self.folder = folder
        self.clock = clock
        self._facts = facts
        self._state = state
        self._orders = 0

    @property
    def view(self) -> DayView:
        assert self.desk.views.value is not None
        return self.desk.views.value

    async def offer(self, route: Route | None = None) -> None:
        self._orders += 1
        await self.desk.obey(
            Command(
                vehicle="van-3",
                epoch="e" * 16,
                seq=self._orders,
                issuer="station",
                issued_utc=T0,
                expires_utc=T0,
                order=RouteOffer(route=route or a_route()),
            )
        )

    def drive(self, place: Place | None, speed_mps: float = 8.0, doubtful: str = "") -> None:
        """Be somewhere; None: lose the position."""
        self._state.set(
            VehicleState(
                at_s=self.clock.now_s(),
                fix="none" if place is None else "gnss",
                place=place,
                accuracy_m=None if place is None else 4.0,
                speed_mps=None if place is None else speed_mps,
                heading_deg=None if place is None else 52.0,
                doubtful=doubtful,
            )
        )

    def warn(self, *warnings: str) -> None:
        self.desk.warnings = warnings
        self._state.set(self._state.value or VehicleState(at_s=0.0, fix="none"))

    async def facts(self) -> list[Fact]:
        sealed = await self._facts.read(1, 10_000)
        return [read_fact(content).data for _, content in sealed]

    async def ended(self) -> list[ParcelEnded]:
        return [fact for fact in await self.facts() if isinstance(fact, ParcelEnded)]

    def media(self, sha256: str) -> bytes:
        """Return what was kept under a hash, from the disk."""
        return next(self.folder.rglob(f"*{sha256}*")).read_bytes()


@asynccontextmanager
async def a_van(
    folder: Path, *, budget_ms: int | None = None, travel: Travel | None = None
) -> AsyncIterator[Van]:
    """Start a van on this folder; again on the same one is a restart. It knows no roads."""
    clock = LoopClock(asyncio.get_running_loop(), T0, "simulated")
    facts = await FactStore.open(
        folder,
        vehicle="van-3",
        org="acme",
        key=SigningKey.from_seed(b"s" * 32),
        clock=clock,
        new_epoch=lambda: "0" * 16,
    )
    try:
        state: Latest[VehicleState] = Latest()
        desk = Executor(
            vehicle="van-3",
            version="test",
            limits=Limits(radius_m=60.0, dwell_s=5.0, max_speed_mps=1.5),
            store=facts,
            media=await ProofStore.open(facts, folder, clock=clock),
            planning=Planning(
                PlannerSection(max_iterations=200)
                if budget_ms is None
                else PlannerSection(budget_ms=budget_ms),
                travel or TableTravel(speed_mps=8.0, detour=1.35),
                clock,
            ),
            clock=clock,
            state=state,
        )
        await desk.resume()
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(desk.run()), tasks.create_task(desk.watch())]
            yield Van(desk, facts, folder, state, clock)
            for task in running:
                task.cancel()
    finally:
        await facts.close()
