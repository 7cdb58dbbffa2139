"""The mission as it stands: what an event changes is committed whole, and only then true."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from edge.clock import Clock
from edge.executor.driven import Driven
from edge.executor.mission.events import Where
from edge.executor.mission.machine import Step
from edge.executor.mission.progress import Mission, Progress
from edge.executor.ports import MissionStore
from edge.executor.replanning.foresight import Foresight
from edge.executor.replanning.news import News, to_blob
from edge.messages.broker.wire import from_json, from_msgpack, to_json, to_msgpack
from edge.messages.facts import Fact
from edge.messages.geo import Place, distance_m
from edge.messages.plan import Plan
from edge.messages.routes import Route
from edge.messages.state import VehicleState
from edge.streams import Latest

log = logging.getLogger(__name__)


class Keeper:
    """Holds mission, plan and what belongs to them, in step with the store."""

    def __init__(self, store: MissionStore, clock: Clock, state: Latest[VehicleState]) -> None:
        self._store = store
        self._clock = clock
        self._state = state
        self.mission = Mission()
        self.plan: Plan | None = None
        self.driven = Driven()
        self.foresight = Foresight()
        self.news = News()

    def load(self) -> None:
        """Take everything up where the store has it."""
        progress = self._store.state("progress")
        kept = from_msgpack(progress, Progress) if progress is not None else Progress()
        route = self._load("route", Route)
        if not _belong_together(route, kept):
            # One of the two has rotted: a daemon that lives and says so can be sent a route.
            log.error("route and progress do not belong together, begun anew")
            route, kept = None, Progress()
        self.mission = Mission(route, kept)
        self.plan = self._load("plan", Plan)
        self.driven = Driven(kept.driven_m)
        self.foresight.load(self._store.state("paces"), kept.route_id)
        self.news.load(self._store.state("news"))

    def _load(self, name: str, kind: Any) -> Any:  # noqa: ANN401
        blob = self._store.state(name)
        return from_json(blob, kind) if blob is not None else None

    async def settle(
        self,
        step: Step,
        *,
        received: tuple[str, int] | None = None,
        answer: tuple[str, bytes] | None = None,
        plan: Plan | None = None,
        also: Mapping[str, bytes | None] | None = None,
    ) -> None:
        """Make a step durable, and only then true. `also` is state that goes with it.

        Raises StoreError, and then nothing has changed.
        """
        before = self.mission
        progress = msgspec.structs.replace(step.mission.progress, driven_m=self.driven.metres)
        mission = Mission(step.mission.route, progress)
        state: dict[str, bytes | None] = {"progress": to_msgpack(progress), **(also or {})}
        learnt = self.foresight.follow(before, mission, plan or self.plan, self._clock.utc())
        if learnt is not None:
            state["paces"] = learnt
        if mission.route is not before.route:
            state["route"] = to_json(mission.route)
        unread = self.news.unread
        if plan is not None:
            state["plan"] = to_json(plan)
            unread = self.news.with_plan(self.plan, plan)
            state["news"] = to_blob(unread)
        await self.commit(
            step.facts, state=state, received=received, answer=answer, progress=progress
        )
        self.mission, self.plan, self.news.unread = mission, plan or self.plan, unread
        if plan is not None or progress.stop_id != before.progress.stop_id:
            self.foresight.aim(mission, self.plan, self._place())

    async def commit(
        self,
        facts: Sequence[Fact],
        *,
        state: Mapping[str, bytes | None] | None = None,
        received: tuple[str, int] | None = None,
        answer: tuple[str, bytes] | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Commit facts and what goes with them in one transaction. Raises StoreError."""
        at = progress or self.mission.progress
        await self._store.commit(
            facts,
            state=state or {},
            received=received,
            answer=answer,
            driver=at.driver,
            route=at.route_id,
        )

    def where(self) -> Where:
        """Say where the vehicle is, seen from the present stop; nothing without a fix."""
        state = self._state.value
        if state is None or state.place is None:
            return Where()
        if self.mission.progress.stop_id is None:
            return Where(state.place, state.accuracy_m)
        away_m = distance_m(state.place, self.mission.stop.place)
        return Where(state.place, state.accuracy_m, away_m)

    def _place(self) -> Place | None:
        return self._state.value.place if self._state.value is not None else None


def _belong_together(route: Route | None, kept: Progress) -> bool:
    if route is None:
        return not kept.parcels
    return kept.route_id == route.route_id and all(
        parcel.parcel_id in kept.parcels for parcel in route.parcels
    )
