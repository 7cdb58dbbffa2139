"""What the pilot tells the mission, through the same door as a driver."""

import logging
from collections.abc import Sequence
from datetime import datetime

from edge.executor.executor import Executor
from edge.executor.mission.progress import Mission, Phase
from edge.messages.commands import (
    AnyDriverAction,
    Arrive,
    CannotDeliver,
    HandOver,
    ProvenHandOver,
)
from edge.messages.parcels import FailureCode, ParcelId, StopId
from edge.pilot.craft import Arrived, HandedOver, NotHandedOver, Report

log = logging.getLogger(__name__)

PILOT = "pilot"
STATION = "station"
MOST_NOTE = 500


class Reporter:
    """Reports until the mission has taken it; what was taken is not reported any more."""

    def __init__(self, executor: Executor, boot: int) -> None:
        """`boot` makes the actions of this start its own."""
        self._executor = executor
        self._boot = boot
        self._count = 0
        self._told = ""

    async def report(self, reports: Sequence[Report], utc: datetime) -> None:
        """Report one after the other; what is refused is said again with the next look."""
        for report in (*reports, *nobody_came(self._executor.mission, utc)):
            action = self._action(report)
            if action is None:
                continue
            answer = await self._executor.act(action)
            if not answer.accepted and self._told != answer.why:
                self._told = answer.why
                log.warning("not taken", extra={"report": str(report), "why": answer.why})

    def _action(self, report: Report) -> AnyDriverAction | ProvenHandOver | None:
        self._count += 1
        action_id = f"{PILOT}-{self._boot}-{self._count}"
        if isinstance(report, Arrived):
            stop_id = report.stop_id or STATION
            return Arrive(action_id=action_id, driver=PILOT, stop_id=stop_id)
        parcels = due_parcels(self._executor.mission, report.stop_id)
        if report.parcel_ids:
            parcels = tuple(p for p in parcels if p in report.parcel_ids)
        if not parcels:
            return None
        if isinstance(report, HandedOver):
            make = ProvenHandOver if report.proven else HandOver
            return make(
                action_id=action_id, driver=PILOT, stop_id=report.stop_id, parcel_ids=parcels
            )
        assert isinstance(report, NotHandedOver), "there is no other report"
        return CannotDeliver(
            action_id=action_id,
            driver=PILOT,
            stop_id=report.stop_id,
            parcel_ids=parcels,
            code=report.code,
            note=report.why[:MOST_NOTE],
        )


def due_parcels(mission: Mission, stop_id: StopId) -> tuple[ParcelId, ...]:
    """Return the parcels of a stop that are not yet attempted, there to be given or taken."""
    at, stop = mission.progress.parcels, mission.stop_of(stop_id)
    return tuple(p for p in stop.parcels if (at[p].awaited if stop.takes_on else at[p].open))


def nobody_came(mission: Mission, utc: datetime) -> tuple[NotHandedOver, ...]:
    """Return that a meeting is given up, when the other vehicle is not waited for any more."""
    if mission.phase is not Phase.AT_STOP or mission.stop.meeting is None:
        return ()
    meeting = mission.stop.meeting
    if utc < meeting.waits_until_utc:
        return ()
    why = f"{meeting.vehicle} has not brought it in time"
    return (NotHandedOver(mission.stop.stop_id, FailureCode.OUT_OF_TIME, why),)
