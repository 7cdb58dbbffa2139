"""A driver in a hurry: loads, delivers, fails, brings back and closes day after day."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any, TypeVar

from edge.messages.commands import (
    AnyDriverAction,
    Arrive,
    CannotDeliver,
    FinishDebrief,
    FinishLoading,
    HandOver,
    Photo,
    ScanParcel,
    ScanReturn,
    StartLoading,
)
from edge.messages.geo import Place
from edge.messages.parcels import FailureCode, Outcome
from edge.messages.view import ActResult, DayView, ParcelView, StopView
from edge.streams import Latest
from tests.real.kills.driving import pictures
from tests.real.kills.driving.notebook import Notebook
from tests.real.kills.driving.page import Page
from tests.real.kills.driving.receiver import Receiver

NAME = "ada"
NEAR_M = 60.0
LOOKS_EVERY_S = 0.05
LOOKS_AT_MOST = 80
NOBODY_HOME, MISSING, NOT_EVEN_REACHED = 0.12, 0.02, 0.03
SAFE_PLACE = 0.2
PATIENT = 0.15
STATION = "station"

A = TypeVar("A", bound=AnyDriverAction)


class Driver:
    """Works by what the page shows; whatever is asked is asked until it is answered."""

    def __init__(self, page: Page, notebook: Notebook, receiver: Receiver, rng: Random) -> None:
        self._page = page
        self._notebook = notebook
        self._receiver = receiver
        self._rng = rng
        self._actions = 0
        self.hurries = False
        """Do not pause between actions."""
        self.days: Latest[int] = Latest()
        """Days closed."""
        self.arrived_by_position = 0
        self.photos: set[str] = set()
        """SHA-256 of everything that was taken over as proof."""
        self.refusals: list[str] = []

    async def work(self) -> None:
        """Work for ever."""
        steps = {
            "idle": self._wait,
            "offered": self._begin,
            "loading": self._load,
            "underway": self._drive,
            "at_stop": self._serve,
            "returning": self._return,
            "debriefing": self._debrief,
            "closed": self._wait,
        }
        while True:
            view = await self._look()
            await steps[view.phase](view)

    async def _look(self) -> DayView:
        view = await self._page.view()
        self._notebook.sees(view)
        return view

    async def _wait(self, _view: DayView) -> None:
        await asyncio.sleep(LOOKS_EVERY_S)

    async def _begin(self, view: DayView) -> None:
        if view.why is None or view.why.trigger != "route":
            await asyncio.sleep(LOOKS_EVERY_S)  # it is still planning
            return
        assert not view.dropped, f"the plan leaves out {view.dropped}"
        await self._do(StartLoading)

    async def _load(self, view: DayView) -> None:
        for parcel in view.parcels:
            # A parcel keeps its luck, or every restart would lose some more.
            if not parcel.loaded and self._luck(parcel.parcel_id, "missing") >= MISSING:
                await self._do(ScanParcel, parcel_id=parcel.parcel_id)
        await self._do(FinishLoading)

    async def _drive(self, view: DayView) -> None:
        """Drive up to the stop, or say that it is reached while the receiver still drives."""
        stop = view.stop
        assert stop is not None, "underway without a stop"
        self._receiver.target = stop.place
        if self._luck(stop.stop_id, "reached") < NOT_EVEN_REACHED:
            await self._fail(stop, _due(stop), FailureCode.NO_ACCESS)
        elif not await self._arrives(stop.place, lambda now: now.phase != "underway"):
            await self._do(Arrive, stop_id=stop.stop_id)

    async def _return(self, view: DayView) -> None:
        assert view.station is not None, "returning to no station"
        self._receiver.target = view.station
        if not await self._arrives(view.station, lambda now: now.phase != "returning"):
            await self._do(Arrive, stop_id=STATION)

    async def _arrives(self, place: Place, there: Callable[[DayView], bool]) -> bool:
        """Let the position tell, if that does not take long; tell whether it did."""
        self._receiver.target = place
        if self.hurries or self._receiver.away_m > NEAR_M or self._rng.random() > PATIENT:
            return False
        for _ in range(LOOKS_AT_MOST):
            if there(await self._look()):
                self.arrived_by_position += 1
                return True
            await asyncio.sleep(LOOKS_EVERY_S)
        return False

    async def _serve(self, view: DayView) -> None:
        """Hand over parcel by parcel or all at once, with the proof that is asked for."""
        stop = view.stop
        assert stop is not None, "at no stop"
        due = _due(stop)
        if self._luck(stop.stop_id, "home") < NOBODY_HOME:
            await self._fail(stop, due, FailureCode.NOBODY_HOME)
            return
        at_once = self._luck(stop.stop_id, "at once") < 0.5
        for parcels in [due] if at_once else [[parcel] for parcel in due]:
            await self._give(stop, parcels)

    async def _give(self, stop: StopView, parcels: list[ParcelView]) -> None:
        photo = any(p.requirements.photo for p in parcels)
        signature = any(p.requirements.signature for p in parcels)
        leave = not signature and self._rng.random() < SAFE_PLACE
        taken = [await self._attach(*pictures.photo(self._rng))] if photo or leave else []
        drawn = await self._attach(*pictures.signature(self._rng)) if signature else None
        answer = await self._do(
            HandOver,
            stop_id=stop.stop_id,
            parcel_ids=tuple(p.parcel_id for p in parcels),
            outcome=Outcome.SAFE_PLACE if leave else Outcome.DELIVERED,
            recipient="" if leave else stop.name,
            photos=tuple(taken),
            signature=drawn,
        )
        if answer.accepted:
            self.photos |= {one.sha256 for one in (*taken, drawn) if one is not None}

    async def _fail(self, stop: StopView, parcels: list[ParcelView], code: FailureCode) -> None:
        ids = tuple(p.parcel_id for p in parcels)
        await self._do(CannotDeliver, stop_id=stop.stop_id, parcel_ids=ids, code=code)

    async def _debrief(self, view: DayView) -> None:
        for parcel in view.parcels:
            if parcel.loaded and parcel.outcome is None:
                await self._do(ScanReturn, parcel_id=parcel.parcel_id)
        if (await self._do(FinishDebrief)).accepted:
            self.days.set((self.days.value or 0) + 1)

    async def _attach(self, content: bytes, media_type: str) -> Photo:
        return await self._page.attach(content, media_type)

    async def _do(self, kind: type[A], **said: Any) -> ActResult:
        """Press a button and hear the answer, however long it takes."""
        if not self.hurries:
            await asyncio.sleep(self._rng.expovariate(1 / 0.01))
        self._actions += 1
        action = kind(action_id=f"{NAME}-{self._actions:06d}", driver=NAME, **said)
        self._notebook.asks(action)
        answer = await self._page.act(action)
        self._notebook.hears(action, answer)
        if not answer.accepted:
            self.refusals.append(f"{kind.__name__}: {answer.why}")
        return answer

    @staticmethod
    def _luck(name: str, what: str) -> float:
        """Return a number that belongs to a parcel or stop, the same at every look."""
        return Random(f"{name} {what}").random()


def _due(stop: StopView) -> list[ParcelView]:
    return [p for p in stop.parcels if p.loaded and not p.attempted and p.outcome is None]
