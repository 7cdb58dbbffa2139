"""The rules of a meeting: parcels go from one vehicle to another, and both say so.

The giver shows an offer, the taker's vehicle takes over only with it and shows a receipt, and
only with that does the giver let go. So the taker has always committed first: a parcel may be
in two vehicles' books for as long as nobody has typed the receipt, but never in nobody's.
"""

import msgspec

from edge.executor.mission.change import Change, RuleError, closing, put_parcels
from edge.executor.mission.events import HandOverAsked, ParcelScanned
from edge.executor.mission.progress import Mission, Phase
from edge.handover.meeting import offer_code, receipt_code
from edge.messages.facts import ParcelEnded, ParcelLoaded
from edge.messages.parcels import Outcome, ParcelId, StopId
from edge.messages.routes import Meeting, Route


def taken(mission: Mission, event: ParcelScanned, here: StopId) -> ParcelLoaded:
    """Return the fact that a parcel has come on board at a stop. Raises RuleError."""
    meeting = mission.stop.meeting
    if meeting is None:
        return ParcelLoaded(parcel_id=event.parcel_id, stop_id=here)
    if event.offer is None:
        raise RuleError(f"{event.parcel_id}: scan the code that {meeting.vehicle} shows for it")
    if event.offer != offer_code(meeting, event.parcel_id):
        raise RuleError(f"{event.parcel_id}: this is not {meeting.vehicle}'s code for it")
    return ParcelLoaded(
        parcel_id=event.parcel_id,
        stop_id=here,
        from_vehicle=meeting.vehicle,
        meeting=meeting.meeting_id,
    )


def give(mission: Mission, event: HandOverAsked, meeting: Meeting) -> Change:
    """Let a parcel go to the other vehicle, which has taken it over. Raises RuleError."""
    action, where = event.action, event.where
    if action.outcome is not Outcome.HANDED_OVER or len(action.parcel_ids) != 1:
        raise RuleError(f"give {meeting.vehicle} one parcel after the other, with its receipt")
    (parcel_id,) = action.parcel_ids
    if action.receipt != receipt_code(meeting, parcel_id):
        said = "scan the receipt" if action.receipt is None else "this is not the receipt"
        raise RuleError(f"{parcel_id}: {said} that {meeting.vehicle} shows once it has it")
    fact = ParcelEnded(
        parcel_id=parcel_id,
        outcome=Outcome.HANDED_OVER,
        stop_id=action.stop_id,
        custody="vehicle",
        to_vehicle=meeting.vehicle,
        meeting=meeting.meeting_id,
        recipient=action.recipient,
        place=where.place,
        accuracy_m=where.accuracy_m,
        distance_m=where.distance_m,
        photos=action.photos,
    )
    known = mission.progress.parcels[parcel_id]
    ended = {parcel_id: msgspec.structs.replace(known, outcome=Outcome.HANDED_OVER)}
    after, closed = closing(put_parcels(mission, ended), action.stop_id, event.utc)
    return Change(after, (fact, *closed))


def shown_codes(mission: Mission, route: Route) -> dict[ParcelId, str]:
    """Return what the vehicle shows now: offers at the meeting, receipts once it has taken."""
    codes: dict[ParcelId, str] = {}
    for stop in route.stops:
        meeting = stop.meeting
        if meeting is None:
            continue
        here = mission.phase is Phase.AT_STOP and mission.progress.stop_id == stop.stop_id
        for parcel_id in stop.parcels:
            at = mission.progress.parcels[parcel_id]
            if meeting.gives and here and at.open:
                codes[parcel_id] = offer_code(meeting, parcel_id)
            elif not meeting.gives and at.loaded:
                codes[parcel_id] = receipt_code(meeting, parcel_id)
    return codes
