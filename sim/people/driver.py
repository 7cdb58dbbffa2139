"""A driver: reads the page, scans, drives, rings, hands over, and errs now and then."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any, TypeVar

from edge.messages.commands import (
    AnyDriverAction,
    Arrive,
    CannotDeliver,
    EndBreak,
    FinishDebrief,
    FinishLoading,
    HandOver,
    ScanParcel,
    ScanReturn,
    StartBreak,
    StartLoading,
)
from edge.messages.geo import Place
from edge.messages.parcels import FailureCode, Outcome, ParcelId
from edge.messages.view import ActResult, DayView, ParcelView, StopView
from sim.people import pictures
from sim.people.cab import Cab
from sim.people.customer import Encounter
from sim.people.manners import DriverManners
from sim.people.watch import needs_person, opens_in_s, until_s
from sim.people.wheel import Surroundings, Wheel

log = logging.getLogger(__name__)

RINGS_FOR_S = 150.0
TRIES_AGAIN_S = 10.0
NOT_KEPT = "cannot be stored"
STATION = "station"

A = TypeVar("A", bound=AnyDriverAction)


class Driver:
    """Works through one day, seeing and doing only what the desk offers."""

    def __init__(
        self,
        name: str,
        cab: Cab,
        around: Surroundings,
        manners: DriverManners,
        rng: Random,
        lights: Random,
    ) -> None:
        """`lights` are those on the way: another way changes nothing else of the day."""
        self._name = name
        self._cab = cab
        self._around = around
        self._manners = manners
        self._rng = rng
        self._wheel = Wheel(around, manners, lights)
        self._actions = 0
        self.refusals: list[str] = []
        """Every no the desk gave, for who wants to know."""

    async def work(self) -> None:
        """Work until the day is closed."""
        steps = {
            "idle": self._wait,
            "offered": self._begin,
            "loading": self._load,
            "underway": self._drive_to_stop,
            "at_stop": self._serve,
            "returning": self._drive_home,
            "debriefing": self._debrief,
        }
        view = await self._view()
        while view.phase != "closed":
            await steps[view.phase](view)
            view = await self._view()

    async def _view(self) -> DayView:
        if self._cab.views.value is None:
            await self._cab.views.newer_than(0)
        assert self._cab.views.value is not None, "the page shows nothing"
        return self._cab.views.value

    async def _wait(self, _view: DayView) -> None:
        await self._cab.views.newer_than(self._cab.views.version)

    async def _begin(self, view: DayView) -> None:
        """Start the load-out, but only once the van has planned its route."""
        if view.why is None:
            await self._wait(view)
            return
        await self._spend(5, 30)
        await self._do(StartLoading)

    async def _load(self, view: DayView) -> None:
        """Scan what is on the dock; notice what is not."""
        rng, manners = self._rng, self._manners
        for parcel in view.parcels:
            if parcel.loaded or parcel.outcome is not None:
                continue
            if rng.random() < manners.stray_frac:
                await self._spend(2, 5)
                await self._do(ScanParcel, parcel_id=f"STRAY-{rng.randrange(10**6):06d}")
            if rng.random() < manners.missing_frac:
                log.info("parcel is not on the dock", extra={"parcel": parcel.parcel_id})
                continue
            await self._spend(2, 6)
            await self._do(ScanParcel, parcel_id=parcel.parcel_id)
            if rng.random() < manners.twice_frac:
                await self._do(ScanParcel, parcel_id=parcel.parcel_id)
        await self._spend(20, 60)
        await self._spend(until_s(view.departs_utc, await self._view(), self._around.local()))
        await self._do(FinishLoading)

    async def _drive_to_stop(self, view: DayView) -> None:
        assert view.stop is not None, "underway without a stop"
        if await self._rest(view, view.stop.stop_id):
            return
        await self._drive(view.stop.place, "underway", view.stop.stop_id)

    async def _drive_home(self, view: DayView) -> None:
        assert view.station is not None, "returning without a station"
        if await self._rest(view, None):
            return
        await self._drive(view.station, "returning", STATION)

    async def _rest(self, view: DayView, next_stop: str | None) -> bool:
        """Take the break that is shown before the next leg; tell whether there was one."""
        rest = view.rest
        if rest is None:
            return False
        if rest.since_utc is None:
            planned = rest.begins_utc is not None and rest.before == next_stop
            if not planned or not (await self._do(StartBreak)).accepted:
                return False
            since_utc = (await self._view()).utc
        else:  # the daemon was started again meanwhile
            since_utc = rest.since_utc
        self._around.van.halt(self._around.now_s())
        self._wheel.park()
        over_utc = since_utc + timedelta(seconds=rest.lasts_s)
        left_s = until_s(over_utc, await self._view(), self._around.local())
        await self._spend(left_s + self._rng.uniform(5, 60))
        await self._do(EndBreak)
        return True

    async def _drive(self, place: Place, phase: str, stop_id: str) -> None:
        """Drive until the page shows something else; say "arrived" if it does not notice."""
        wheel, now_s = self._wheel, self._around.now_s
        wheel.drive_to(place)
        wakes_s = wheel.wakes_s

        def goes_on(view: DayView) -> bool:
            here = STATION if view.stop is None else view.stop.stop_id
            return view.phase == phase and here == stop_id

        await self._watch(goes_on, wakes_s - now_s())
        if not goes_on(await self._view()) or now_s() < wakes_s:
            return
        lost_s = wheel.meet_barrier()
        if lost_s is not None:
            await self._spend(lost_s)
        else:
            await self._do(Arrive, stop_id=stop_id)

    async def _serve(self, view: DayView) -> None:
        """Park, walk to the door, ring, and give to whoever opens what can be given."""
        await self._spend(self._wheel.there_s - self._around.now_s())
        self._wheel.park()
        assert view.stop is not None, "at a stop without a stop"
        stop = view.stop
        due = [p for p in stop.parcels if p.loaded and not p.attempted and p.outcome is None]
        if not due:
            await self._wait(view)
            return
        await self._spend(self._around.held_up_s())
        await self._spend(15, 60)
        if stop.meeting is not None:
            await self._around.tailgate.give(stop, due, self._do, self._spend)
            return
        await self._spend(opens_in_s(stop, await self._view(), self._around.local()))
        ids = [p.parcel_id for p in stop.parcels]
        meeting = self._around.customers.ring(
            stop.stop_id, stop.name, ids, self._around.local()
        )
        if meeting.opens_after_s > RINGS_FOR_S:
            await self._spend(RINGS_FOR_S)
            await self._nobody_opens(stop, due, meeting)
            return
        await self._spend(meeting.opens_after_s)
        if meeting.refuses:
            await self._fail(stop, due, FailureCode.REFUSED)
            return
        for parcel in due:
            await self._give(stop, parcel, meeting)

    async def _nobody_opens(
        self, stop: StopView, due: list[ParcelView], meeting: Encounter
    ) -> None:
        """Leave what may be left in a safe place; take the rest back."""
        leave = [p for p in due if meeting.has_safe_place and not needs_person(p)]
        back = [p for p in due if p not in leave]
        if leave:
            await self._do(
                HandOver,
                stop_id=stop.stop_id,
                parcel_ids=tuple(p.parcel_id for p in leave),
                outcome=Outcome.SAFE_PLACE,
                photos=(await self._photo(),),
            )
        if back:
            await self._fail(stop, back, FailureCode.NOBODY_HOME)

    async def _give(self, stop: StopView, parcel: ParcelView, meeting: Encounter) -> None:
        """Hand one parcel over with the proof it needs."""
        needs = parcel.requirements
        if needs.minimum_age is not None and not meeting.of_age:
            await self._fail(stop, [parcel], FailureCode.AGE_NOT_PROVEN)
            return
        proof: dict[str, Any] = {"age_checked": needs.minimum_age is not None}
        if needs.photo:
            proof["photos"] = (await self._photo(),)
        if needs.signature:
            await self._spend(8, 20)
            drawn = pictures.signature(self._rng)
            proof["signature"] = await self._cab.attach(drawn, "image/svg+xml")
        pins = meeting.pin_answers.get(parcel.parcel_id, ()) if parcel.needs_pin else (None,)
        for pin in pins:
            await self._spend(4, 12)
            given = await self._do(
                HandOver,
                stop_id=stop.stop_id,
                parcel_ids=(parcel.parcel_id,),
                recipient=meeting.name,
                pin=pin,
                **proof,
            )
            if given.accepted:
                return
        code = FailureCode.WRONG_PIN if parcel.needs_pin else FailureCode.OTHER
        await self._fail(stop, [parcel], code)

    async def _fail(self, stop: StopView, parcels: list[ParcelView], code: FailureCode) -> None:
        ids: tuple[ParcelId, ...] = tuple(p.parcel_id for p in parcels)
        await self._do(CannotDeliver, stop_id=stop.stop_id, parcel_ids=ids, code=code)

    async def _debrief(self, view: DayView) -> None:
        """Scan in what came back, then close the day."""
        await self._spend(self._wheel.there_s - self._around.now_s())
        for parcel in view.parcels:
            if parcel.loaded and parcel.outcome is None:
                if self._rng.random() < self._manners.lost_frac:
                    continue
                await self._spend(2, 6)
                await self._do(ScanReturn, parcel_id=parcel.parcel_id)
        await self._spend(10, 40)
        await self._do(FinishDebrief)

    async def _photo(self) -> Any:  # noqa: ANN401
        await self._spend(3, 8)
        taken = pictures.photo(self._rng, noise_kb=self._manners.photo_kb)
        return await self._cab.attach(taken, "image/png")

    async def _do(self, kind: type[A], **said: Any) -> ActResult:  # noqa: ANN401
        """Press a button and read the answer; again after a while if the disk took nothing."""
        self._actions += 1
        action = kind(action_id=f"{self._name}-{self._actions:05d}", driver=self._name, **said)
        answer = await self._cab.act(action)
        while answer.why.startswith(NOT_KEPT):
            await self._spend(TRIES_AGAIN_S)
            answer = await self._cab.act(action)
        if not answer.accepted:
            self.refusals.append(f"{kind.__name__}: {answer.why}")
        return answer

    async def _spend(self, least_s: float, most_s: float | None = None) -> None:
        """Let time pass."""
        span_s = least_s if most_s is None else self._rng.uniform(least_s, most_s)
        if span_s > 0:
            await asyncio.sleep(span_s)

    async def _watch(self, goes_on: Callable[[DayView], bool], for_s: float) -> None:
        """Look at the page until it shows something else or the time is over."""
        try:
            async with asyncio.timeout(max(0.0, for_s)):
                version, view = self._cab.views.version, await self._view()
                while goes_on(view):
                    version, view = await self._cab.views.newer_than(version)
        except TimeoutError:
            return
