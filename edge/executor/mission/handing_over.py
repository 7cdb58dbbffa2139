"""The rules of a hand-over and of a failed attempt."""

import msgspec

from edge.executor.mission import meetings
from edge.executor.mission.change import Change, RuleError, closing, closing_all, put_parcels
from edge.executor.mission.events import AttemptEnded, HandOverAsked
from edge.executor.mission.leaving_out import end_ashore
from edge.executor.mission.progress import Mission, ParcelProgress
from edge.handover.pin import pin_fits
from edge.handover.requirements import lacking
from edge.messages.facts import AttemptFailed, Fact, ParcelEnded, PinRefused
from edge.messages.parcels import HandoverRequirements, Outcome, ParcelId, StopId

CUSTODY = {
    Outcome.DELIVERED: "customer",
    Outcome.LOCKER: "locker",
    Outcome.SAFE_PLACE: "safe_place",
}
"""Outcomes a hand-over at a stop can have, and who holds the parcel then."""


def hand_over(mission: Mission, event: HandOverAsked) -> Change:
    """Move parcels out of the vehicle's custody, if their proof is complete."""
    action, where = event.action, event.where
    _check(mission, action.stop_id, action.parcel_ids)
    if mission.stop.takes_on:
        raise RuleError("nothing is handed over here: scan what comes on board")
    if mission.stop.meeting is not None:
        return meetings.give(mission, event, mission.stop.meeting)
    if action.outcome is Outcome.HANDED_OVER:
        raise RuleError("parcels go to another vehicle at a meeting only")
    needs = _requirements(mission, action.parcel_ids)
    wrong = _wrong_pins(mission, needs, action.pin)
    if wrong:
        left = min(parcel.pin_tries_left for parcel in wrong.values())
        told = tuple(
            PinRefused(parcel_id=p, tries_left=parcel.pin_tries_left)
            for p, parcel in wrong.items()
        )
        said = (
            f"the PIN is wrong, {left} tries left" if left else "the PIN is wrong; it is locked"
        )
        return Change(put_parcels(mission, wrong), told, refused=said)
    sentences = [
        sentence for p, required in needs.items() for sentence in lacking(p, required, action)
    ]
    if sentences:
        raise RuleError(" ".join(sentences))
    off_site = (
        where.distance_m is not None
        and where.accuracy_m is not None
        and where.distance_m - where.accuracy_m > event.arrival_radius_m
    )
    facts = tuple(
        ParcelEnded(
            parcel_id=p,
            outcome=action.outcome,
            stop_id=action.stop_id,
            custody=CUSTODY[action.outcome],  # type: ignore[arg-type]
            recipient=action.recipient,
            place=where.place,
            accuracy_m=where.accuracy_m,
            distance_m=where.distance_m,
            off_site=off_site,
            photos=action.photos,
            signature=action.signature,
            pin_verified=required.pin_hash is not None,
            age_checked=action.age_checked,
        )
        for p, required in needs.items()
    )
    ended = {
        p: msgspec.structs.replace(mission.progress.parcels[p], outcome=action.outcome)
        for p in action.parcel_ids
    }
    after, closed = closing(put_parcels(mission, ended), action.stop_id, event.utc)
    return Change(after, (*facts, *closed))


def attempt_failed(mission: Mission, event: AttemptEnded) -> Change:
    """Record why parcels could not be handed over, or not be picked up; they stay there."""
    action = event.action
    _check(mission, action.stop_id, action.parcel_ids)
    fact: Fact = AttemptFailed(
        stop_id=action.stop_id,
        parcel_ids=action.parcel_ids,
        code=action.code,
        note=action.note,
        photos=action.photos,
    )
    if mission.stop.takes_on:
        after, ended = end_ashore(mission, action.stop_id, action.parcel_ids, action.code)
        after, closed = closing_all(after, action.parcel_ids, event.utc)
        return Change(after, (fact, *ended, *closed))
    failed = {
        p: msgspec.structs.replace(mission.progress.parcels[p], failed=action.code)
        for p in action.parcel_ids
    }
    after, closed = closing(put_parcels(mission, failed), action.stop_id, event.utc)
    return Change(after, (fact, *closed))


def _check(mission: Mission, stop_id: StopId, parcel_ids: tuple[ParcelId, ...]) -> None:
    if stop_id != mission.progress.stop_id:
        raise RuleError(f"the present stop is {mission.progress.stop_id}")
    if len(set(parcel_ids)) != len(parcel_ids):
        raise RuleError("a parcel is named twice")
    here = mission.stop.parcels
    for parcel_id in parcel_ids:
        if parcel_id not in here:
            raise RuleError(f"{parcel_id} does not belong to this stop")
        at = mission.progress.parcels[parcel_id]
        if not (at.awaited if mission.stop.takes_on else at.open):
            raise RuleError(f"{parcel_id} is dealt with already or not on board")


def _requirements(
    mission: Mission, parcel_ids: tuple[ParcelId, ...]
) -> dict[ParcelId, HandoverRequirements]:
    assert mission.route is not None, "a hand-over without a route"
    return {
        parcel.parcel_id: parcel.requirements
        for parcel in mission.route.parcels
        if parcel.parcel_id in parcel_ids
    }


def _wrong_pins(
    mission: Mission, needs: dict[ParcelId, HandoverRequirements], pin: str | None
) -> dict[ParcelId, ParcelProgress]:
    """Return the parcels whose PIN was entered wrongly, with one try less."""
    wrong: dict[ParcelId, ParcelProgress] = {}
    for parcel_id, required in needs.items():
        if required.pin_hash is None or pin is None:
            continue  # a PIN that was not entered at all is lacking, not wrong
        parcel = mission.progress.parcels[parcel_id]
        if parcel.pin_tries_left == 0:
            raise RuleError(f"{parcel_id}: the PIN is locked after too many tries")
        if not pin_fits(pin, required):
            left = parcel.pin_tries_left - 1
            wrong[parcel_id] = msgspec.structs.replace(parcel, pin_tries_left=left)
    return wrong
