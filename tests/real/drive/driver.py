"""The driver of the recorded car: does at the page what the car did on the road."""

import asyncio
from typing import Any, TypeVar

from edge.messages.commands import (
    AnyDriverAction,
    Arrive,
    FinishDebrief,
    FinishLoading,
    HandOver,
    ScanParcel,
    StartLoading,
)
from edge.messages.parcels import Outcome
from edge.messages.view import DayView
from tests.real.drive.recorded import Cut, Receiver
from tests.real.kills.driving.page import Page

NAME = "ada"
LOOKS_EVERY_S = 0.05
TAKEN_BY_SERVICE = 45
"""Epochs after a stand began in which its arrival must have been told and dealt with."""

A = TypeVar("A", bound=AnyDriverAction)


class Driver:
    """Presses "I am here" only where the car passed; where it stood, the position tells."""

    def __init__(self, page: Page, receiver: Receiver, cut: Cut) -> None:
        self._page = page
        self._receiver = receiver
        self._cut = cut
        self._actions = 0

    async def offered(self) -> None:
        """Wait until a route is there, planned in the order of the drive."""
        while True:
            view = await self._page.view()
            if view.phase == "offered" and view.why is not None:
                break
            await asyncio.sleep(LOOKS_EVERY_S)
        order = [int(stop.name) for stop in view.stops]
        assert order == list(range(len(self._cut.stops))), f"planned otherwise: {order}"
        assert not view.dropped, f"left out: {view.dropped}"

    async def work(self) -> None:
        """Load, drive the route and close the day."""
        steps = {
            "offered": self._load,
            "underway": self._drive,
            "at_stop": self._serve,
            "returning": self._return,
            "debriefing": self._debrief,
        }
        while (view := await self._page.view()).phase != "closed":
            await steps[view.phase](view)

    async def _load(self, view: DayView) -> None:
        await self._do(StartLoading)
        for parcel in view.parcels:
            await self._do(ScanParcel, parcel_id=parcel.parcel_id)
        await self._do(FinishLoading)

    async def _drive(self, view: DayView) -> None:
        assert view.stop is not None, "underway without a stop"
        stop, epoch = self._cut.stops[int(view.stop.name)], self._receiver.epoch
        if not stop.stood and epoch >= stop.epoch:
            await self._do(Arrive, stop_id=view.stop.stop_id)
            return
        self._in_time(stop.epoch, f"stop {view.stop.name}, {view.distance_m} m away")
        await asyncio.sleep(LOOKS_EVERY_S)

    async def _serve(self, view: DayView) -> None:
        assert view.stop is not None, "at no stop"
        for parcel in view.stop.parcels:
            await self._do(
                HandOver,
                stop_id=view.stop.stop_id,
                parcel_ids=(parcel.parcel_id,),
                outcome=Outcome.DELIVERED,
                recipient="at the door",
            )

    async def _return(self, _view: DayView) -> None:
        self._in_time(self._cut.station.epoch, "the station")
        await asyncio.sleep(LOOKS_EVERY_S)

    async def _debrief(self, _view: DayView) -> None:
        await self._do(FinishDebrief)

    def _in_time(self, epoch: int, where: str) -> None:
        late = self._receiver.epoch - epoch
        assert late < TAKEN_BY_SERVICE, f"stood there for {late} epochs and not seen: {where}"

    async def _do(self, kind: type[A], **said: Any) -> None:
        self._actions += 1
        action = kind(action_id=f"{NAME}-{self._actions:03d}", driver=NAME, **said)
        answer = await self._page.act(action)
        assert answer.accepted, f"{kind.__name__}: {answer.why}"
