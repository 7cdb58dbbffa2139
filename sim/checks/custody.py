"""Custody: each parcel is taken once, ends once, and is never in two vehicles at a time."""

from collections.abc import Mapping, Sequence

from edge.messages import facts as f
from edge.messages.facts import FactEvent
from edge.messages.parcels import Outcome
from sim.checks.findings import Finding

HOLDER = {
    Outcome.DELIVERED: ("customer",),
    Outcome.LOCKER: ("locker",),
    Outcome.SAFE_PLACE: ("safe_place",),
    Outcome.RETURNED: ("station",),
    Outcome.FAILED: ("lost", "station", "customer", "vehicle"),
    Outcome.CANCELLED: ("station", "customer"),
}


def check_custody(vehicle: str, events: Sequence[FactEvent]) -> list[Finding]:
    """Return what is wrong with the parcels of one vehicle's facts, in their order."""
    findings: list[Finding] = []

    def found(event: FactEvent, what: str) -> None:
        findings.append(
            Finding(checker="custody", vehicle=vehicle, what=f"fact {event.seq}: {what}")
        )

    aboard: set[str] = set()
    ended: dict[str, Outcome] = {}
    closed = False
    for event in events:
        fact = event.data
        if closed and isinstance(fact, f.ParcelLoaded | f.ParcelEnded | f.AttemptFailed):
            found(event, f"{type(fact).__name__} after the day was closed")
        match fact:
            case f.RouteAccepted():
                closed = False
            case f.ParcelLoaded():
                if fact.parcel_id in aboard:
                    found(event, f"{fact.parcel_id} was taken twice")
                if fact.parcel_id in ended:
                    found(event, f"{fact.parcel_id} was taken after its end")
                aboard.add(fact.parcel_id)
            case f.ParcelEnded():
                if fact.parcel_id in ended:
                    found(event, f"{fact.parcel_id} has a second outcome")
                holders = HOLDER.get(fact.outcome, (fact.custody,))
                if fact.custody not in holders:
                    what = f"{fact.parcel_id} is {fact.outcome.value} and with {fact.custody}"
                    found(event, what)
                ended[fact.parcel_id] = fact.outcome
                aboard.discard(fact.parcel_id)
            case f.AttemptFailed():
                for parcel in sorted(set(fact.parcel_ids) & set(ended)):
                    found(event, f"{parcel} was tried after its end")
            case f.DayClosed():
                closed = True
                for parcel in sorted(aboard):
                    found(event, f"{parcel} is still aboard")
            case _:
                pass
    return findings


def check_between(on_board: Mapping[str, Sequence[FactEvent]]) -> list[Finding]:
    """Return parcels that ended with a customer twice, in different vehicles."""
    final = (Outcome.DELIVERED, Outcome.LOCKER, Outcome.SAFE_PLACE)
    given: dict[str, str] = {}
    findings = []
    for vehicle, events in on_board.items():
        for event in events:
            if isinstance(event.data, f.ParcelEnded) and event.data.outcome in final:
                other = given.setdefault(event.data.parcel_id, vehicle)
                if other != vehicle:
                    what = f"{event.data.parcel_id} was handed over by {other}, too"
                    findings.append(Finding(checker="custody", vehicle=vehicle, what=what))
    return findings
