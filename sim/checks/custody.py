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
    Outcome.CANCELLED: ("station", "customer", "vehicle"),
    Outcome.HANDED_OVER: ("vehicle",),
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
                if fact.outcome is Outcome.HANDED_OVER and fact.parcel_id not in aboard:
                    found(event, f"{fact.parcel_id} was handed over, but was never aboard")
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
    """Return where the vehicles' chains do not fit together."""
    return [*_ended_twice(on_board), *_held_by_two(on_board), *_half_moved(on_board)]


def _half_moved(on_board: Mapping[str, Sequence[FactEvent]]) -> list[Finding]:
    """Return the hand-overs between vehicles that one of the two knows nothing of."""
    said: dict[tuple[str, str, str], set[str]] = {}
    for vehicle, events in on_board.items():
        for event in events:
            fact = event.data
            if isinstance(fact, f.ParcelEnded) and fact.outcome is Outcome.HANDED_OVER:
                key = (fact.parcel_id, vehicle, fact.to_vehicle)
            elif isinstance(fact, f.ParcelLoaded) and fact.from_vehicle:
                key = (fact.parcel_id, fact.from_vehicle, vehicle)
            else:
                continue
            said.setdefault(key, set()).add(vehicle)
    return [
        Finding(
            checker="custody",
            vehicle=min(speakers),
            what=f"{parcel} went from {giver} to {taker}, of which {silent} knows nothing",
        )
        for (parcel, giver, taker), speakers in sorted(said.items())
        for silent in sorted({giver, taker} - speakers)
    ]


def _held_by_two(on_board: Mapping[str, Sequence[FactEvent]]) -> list[Finding]:
    """Return the parcels that two vehicles took on, one of them from nobody who let go.

    Clocks may be wrong, so no instants are compared: each vehicle's own order is believed, and
    of a vehicle that took a parcel on, somebody else may only have it who says from whom.
    """
    holders: dict[str, list[str]] = {}
    for vehicle, events in on_board.items():
        fetched = [one.data for one in events if isinstance(one.data, f.ParcelLoaded)]
        back = {
            one.data.parcel_id
            for one in events
            if isinstance(one.data, f.ParcelEnded)
            and one.data.outcome in (Outcome.RETURNED, Outcome.FAILED)
        }
        for fact in fetched:
            if not fact.from_vehicle and fact.parcel_id not in back:
                holders.setdefault(fact.parcel_id, []).append(vehicle)
    return [
        Finding(
            checker="custody",
            vehicle=vehicles[0],
            what=f"{parcel} is with {vehicles[1]}, too, which had it from no vehicle",
        )
        for parcel, vehicles in sorted(holders.items())
        if len(vehicles) > 1
    ]


def _ended_twice(on_board: Mapping[str, Sequence[FactEvent]]) -> list[Finding]:
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
