"""Who loads machines at the station: hangs the parcel, changes the battery, takes back."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any, Protocol, TypeVar

from msgspec.structs import replace

from edge.messages.commands import (
    AnyDriverAction,
    FinishDebrief,
    FinishLoading,
    ScanParcel,
    ScanReturn,
    StartLoading,
)
from edge.messages.parcels import ParcelId
from edge.messages.view import ActResult, DayView, StopView
from sim.people.cab import Cab
from sim.people.tailgate import Tailgate

GOES_WITHIN_S = 180.0

A = TypeVar("A", bound=AnyDriverAction)


class Hold(Protocol):
    """The place in or under a machine where parcels are."""

    def put_in(self, parcel_id: ParcelId, number: int) -> None:
        """Put a parcel there; it is the route's so many-th, from 1."""
        ...

    def take_out(self, parcel_id: ParcelId) -> bool:
        """Take a parcel out; tell whether it was there."""
        ...

    def refresh(self) -> None:
        """Change the battery, or charge it."""
        ...


class Loader:
    """Works at the pad through one day, seeing and doing only what the desk offers."""

    def __init__(
        self,
        name: str,
        cab: Cab,
        hold: Hold,
        rng: Random,
        away: Callable[[], bool],
        tailgate: Tailgate,
    ) -> None:
        """`away`: the machine is not where people may touch it."""
        self._tailgate = tailgate
        self._name = name
        self._cab = cab
        self._hold = hold
        self._rng = rng
        self._away = away
        self._actions = 0
        self._ready_s: float | None = None
        self.refusals: list[str] = []

    async def work(self) -> None:
        """Work until the day is closed."""
        steps = {
            "offered": self._begin,
            "loading": self._load,
            "underway": self._look_after,
            "at_stop": self._load_again,
            "debriefing": self._debrief,
        }
        version, view = await self._cab.views.newer_than(0)
        while view.phase != "closed":
            step = steps.get(view.phase)
            self._show_receipts(view)
            before = self._actions
            if step is not None:
                await step(view)
            if self._actions == before:
                version, view = await self._cab.views.newer_than(version)
            else:
                version, view = self._cab.views.version, self._seen()

    def _seen(self) -> DayView:
        assert self._cab.views.value is not None, "the page shows nothing"
        return self._cab.views.value

    async def _begin(self, view: DayView) -> None:
        if view.why is None:
            return  # no plan yet
        await self._spend(5, 30)
        await self._do(StartLoading)

    async def _load(self, view: DayView) -> None:
        for parcel in view.parcels:
            if parcel.by_pickup or parcel.loaded or parcel.outcome is not None:
                continue
            await self._spend(10, 30)
            self._hold.put_in(parcel.parcel_id, number_of(view, parcel.parcel_id))
            await self._do(ScanParcel, parcel_id=parcel.parcel_id)
        view = self._seen()
        if view.departs_utc is not None:
            await self._spend(max(0.0, (view.departs_utc - view.utc).total_seconds()))
        await self._do(FinishLoading)

    async def _load_again(self, view: DayView) -> None:
        """Take back what was not delivered, change the battery, hang the next parcel."""
        stop = view.stop
        if stop is None or self._away():
            return
        if stop.meeting is not None:
            await self._take_over(view, stop)
            return
        if stop.kind != "pickup":
            return
        await self._spend(15, 40)
        await self._take_back(view)
        self._hold.refresh()
        for parcel in stop.parcels:
            if parcel.loaded or parcel.outcome is not None:
                continue
            await self._spend(20, 60)
            self._hold.put_in(parcel.parcel_id, number_of(view, parcel.parcel_id))
            await self._do(ScanParcel, parcel_id=parcel.parcel_id)

    async def _look_after(self, _: DayView) -> None:
        """Change the battery of a machine that should have gone by now: its own may be weak."""
        now_s = asyncio.get_running_loop().time()
        if self._away():
            self._ready_s = None
        elif self._ready_s is None:
            self._ready_s = now_s
        elif now_s - self._ready_s > GOES_WITHIN_S:
            self._hold.refresh()
            self._ready_s = now_s

    async def _take_over(self, view: DayView, stop: StopView) -> None:
        """Take what another vehicle's driver has put out, with his code."""
        for parcel in stop.parcels:
            offer = self._tailgate.offer(parcel.parcel_id)
            if offer is None or parcel.loaded or parcel.outcome is not None:
                continue
            failed = replace(view, parcels=tuple(p for p in view.parcels if p.attempted))
            await self._take_back(failed)
            self._hold.refresh()
            await self._spend(20, 60)
            self._hold.put_in(parcel.parcel_id, number_of(view, parcel.parcel_id))
            scanned = await self._do(ScanParcel, parcel_id=parcel.parcel_id, offer=offer)
            if not scanned.accepted:
                self._hold.take_out(parcel.parcel_id)

    def _show_receipts(self, view: DayView) -> None:
        for parcel in view.parcels:
            if parcel.loaded and parcel.code:
                self._tailgate.show_receipt(parcel.parcel_id, parcel.code)

    async def _debrief(self, view: DayView) -> None:
        await self._take_back(view)
        await self._spend(10, 40)
        await self._do(FinishDebrief)

    async def _take_back(self, view: DayView) -> None:
        for parcel in view.parcels:
            if not parcel.loaded or parcel.outcome is not None:
                continue
            await self._spend(5, 15)
            if self._hold.take_out(parcel.parcel_id):
                await self._do(ScanReturn, parcel_id=parcel.parcel_id)

    async def _do(self, kind: type[A], **said: Any) -> ActResult:  # noqa: ANN401
        self._actions += 1
        action = kind(action_id=f"{self._name}-{self._actions:05d}", driver=self._name, **said)
        answer = await self._cab.act(action)
        if not answer.accepted:
            self.refusals.append(f"{kind.__name__}: {answer.why}")
        return answer

    async def _spend(self, least_s: float, most_s: float | None = None) -> None:
        span_s = least_s if most_s is None else self._rng.uniform(least_s, most_s)
        if span_s > 0:
            await asyncio.sleep(span_s)


def number_of(view: DayView, parcel_id: ParcelId) -> int:
    """Return the place of a parcel in its route's list, from 1."""
    return [parcel.parcel_id for parcel in view.parcels].index(parcel_id) + 1
