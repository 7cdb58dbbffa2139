"""The books of the parcels and of the facts, from the ledger's raw facts alone.

Nothing of the projections is believed: everything is worked out anew from the sealed bytes,
and the projections' own counters are then held against it, so that a fact which took effect
twice is found.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from edge.messages import facts as f
from edge.messages.broker.wire import UndecodableError, read_fact
from edge.messages.facts import FactEvent
from edge.messages.parcels import Outcome
from station.books.transfers import Transfers
from station.store.ledger import HeldFact, held_facts, streams

Key = tuple[str, str]
"""(vehicle, epoch)."""

NEEDS_LOADING = {
    Outcome.DELIVERED,
    Outcome.LOCKER,
    Outcome.SAFE_PLACE,
    Outcome.HANDED_OVER,
    Outcome.RETURNED,
}
FOR_GOOD = {Outcome.DELIVERED, Outcome.LOCKER, Outcome.SAFE_PLACE}
COMES_BACK = {Outcome.RETURNED, Outcome.FAILED}
"""After these it may be loaded again, on another day."""
MOST_PROBLEMS = 200  # told one by one; the rest is only counted


class Books(msgspec.Struct, frozen=True, kw_only=True):
    """What became of every parcel and every fact."""

    parcels: int
    outcomes: dict[str, int]
    balanced: bool
    """Every parcel has exactly one outcome and every count agrees with every other."""
    facts: int
    facts_lost: int
    facts_counted_twice: int
    facts_resent: int
    """Came again and were recognised; harmless."""
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class _Day:
    """One route as its facts tell it."""

    accepted: f.RouteAccepted | None = None
    vehicle: str = ""
    loaded: Counter[str] = field(default_factory=Counter)
    fetched: set[str] = field(default_factory=set)
    """Those of them that came from another vehicle."""
    ended: dict[str, list[f.ParcelEnded]] = field(default_factory=dict)
    closed: f.DayClosed | None = None

    def take(self, fact: f.Fact) -> None:
        match fact:
            case f.RouteAccepted():
                self.accepted = fact
            case f.ParcelLoaded():
                self.loaded[fact.parcel_id] += 1
                if fact.from_vehicle:
                    self.fetched.add(fact.parcel_id)
            case f.ParcelEnded():
                self.ended.setdefault(fact.parcel_id, []).append(fact)
            case f.DayClosed():
                self.closed = fact


@dataclass(frozen=True, slots=True)
class Counters:
    """What the projections counted, to be held against the facts."""

    facts: Mapping[Key, int]
    outcomes: Mapping[str, Mapping[str, int]] | None
    """By route, then by outcome; None where nothing is projected."""
    resent: int


def audit(
    facts: Iterable[HeldFact],
    counters: Counters,
    last_seqs: Mapping[Key, int],
    dispatched: Mapping[str, frozenset[str]] | None = None,
) -> Books:
    """Work out the books.

    `last_seqs` is what each vehicle's own store says it has written, by (vehicle, epoch); an
    epoch that is not named there is only searched for gaps. `dispatched` are the parcels of
    each route the station sent out, if they are to be compared.
    """
    problems: list[str] = []
    held: dict[Key, set[int]] = {}
    days: dict[str, _Day] = {}
    transfers = Transfers()
    twice = 0
    for kept in facts:
        numbers = held.setdefault((kept.vehicle, kept.epoch), set())
        twice += kept.seq in numbers
        numbers.add(kept.seq)
        event = _read(kept, problems)
        if event is not None:
            fact = event.data
            own = fact.route_id if isinstance(fact, f.RouteAccepted | f.DayClosed) else ""
            day = days.setdefault(own or event.route, _Day())
            day.vehicle = kept.vehicle
            day.take(fact)
            transfers.take(kept.vehicle, fact)
    lost = 0
    for key in sorted({*held, *last_seqs}):
        numbers = held.get(key, set())
        highest = max(numbers, default=0)
        last = last_seqs.get(key, highest)
        if highest > last:
            problems.append(f"{key[0]}: holds fact {highest}, but only {last} were written")
        missing = max(last, highest) - len(numbers)
        if missing:
            problems.append(f"{key[0]}: {missing} facts of epoch {key[1]} are not here")
        lost += missing
        applied = counters.facts.get(key, 0)
        twice += max(0, applied - len(numbers))
        if applied != len(numbers) and not missing:
            problems.append(f"{key[0]}: {len(numbers)} facts, but {applied} were counted")
    outcomes: Counter[str] = Counter()
    for route, day in sorted(days.items()):
        if day.accepted or day.loaded or day.ended or day.closed:
            projected = counters.outcomes
            counted = None if projected is None else projected.get(route, {})
            outcomes += _audit_day(route, day, counted, transfers, problems)
    problems += [said for _, said in transfers.half()]
    problems += _held_by_two(days)
    parcels = {parcel for day in days.values() for parcel in (*day.loaded, *day.ended)}
    for route, wanted in sorted((dispatched or {}).items()):
        parcels |= wanted
        told = days.get(route, _Day()).ended
        problems += [
            f"{route}: parcel {parcel} was dispatched and has no outcome"
            for parcel in sorted(wanted - set(told))
        ]
        problems += [
            f"{route}: parcel {parcel} was never dispatched"
            for parcel in sorted(set(told) - wanted)
        ]
    if len(problems) > MOST_PROBLEMS:
        more = f"and {len(problems) - MOST_PROBLEMS} more"
        problems = [*problems[:MOST_PROBLEMS], more]
    return Books(
        parcels=len(parcels),
        outcomes=dict(sorted(outcomes.items())),
        balanced=not problems,
        facts=sum(len(numbers) for numbers in held.values()),
        facts_lost=lost,
        facts_counted_twice=twice,
        facts_resent=counters.resent,
        problems=tuple(problems),
    )


def read_books(
    db: sqlite3.Connection,
    last_seqs: Mapping[Key, int],
    dispatched: Mapping[str, frozenset[str]] | None = None,
) -> Books:
    """Audit the whole ledger."""
    return audit(held_facts(db), read_counters(db), last_seqs, dispatched)


def read_counters(db: sqlite3.Connection) -> Counters:
    """Return what the projections counted."""
    facts: dict[Key, int] = {}
    outcomes: dict[str, dict[str, int]] = {}
    for scope, name, count in db.execute("SELECT scope, name, count FROM tally"):
        kind, _, of = scope.partition("/")
        if kind == "facts":
            facts[of, name] = count
        elif kind == "ended":
            outcomes.setdefault(of, {})[name] = count
    resent = sum(stream.resent for stream in streams(db))
    return Counters(facts=facts, outcomes=outcomes, resent=resent)


def _read(kept: HeldFact, problems: list[str]) -> FactEvent | None:
    try:
        return read_fact(kept.sealed)
    except UndecodableError as error:
        problems.append(f"{kept.vehicle}: fact {kept.seq} cannot be read: {error}")
        return None


def _audit_day(
    route: str,
    day: _Day,
    counted: Mapping[str, int] | None,
    transfers: Transfers,
    problems: list[str],
) -> Counter[str]:
    """Add what is wrong with one route; return the outcomes that its parcels ended with."""

    def problem(what: str) -> None:
        problems.append(f"{route}: {what}")

    outcomes: Counter[str] = Counter()
    for parcel, ends in sorted(day.ended.items()):
        outcomes[ends[0].outcome.value] += 1
        if len(ends) > 1:
            problem(f"parcel {parcel} has {len(ends)} outcomes")
        if ends[0].outcome in NEEDS_LOADING and parcel not in day.loaded:
            problem(f"parcel {parcel} is {ends[0].outcome.value} but was never loaded")
        if ends[0].outcome is Outcome.CANCELLED and parcel in day.loaded:
            problem(f"parcel {parcel} is CANCELLED but was loaded")
    for parcel, times in sorted(day.loaded.items()):
        if parcel not in day.ended:
            problem(f"parcel {parcel} was loaded and has no outcome")
        if times > 1:
            problem(f"parcel {parcel} was loaded {times} times")
    told = dict(Counter(end.outcome.value for ends in day.ended.values() for end in ends))
    if counted is not None and dict(counted) != told:
        problem(f"the projections counted {dict(counted)}, the facts say {dict(outcomes)}")
    if day.accepted is not None and day.closed is None:
        problem("its day is not closed")
    if day.accepted is not None and len(day.ended) != day.accepted.parcels:
        problem(f"{day.accepted.parcels} parcels were accepted, {len(day.ended)} have ended")
    if day.closed is not None:
        own = {name: count for name, count in day.closed.outcomes.items() if count}
        if own != dict(outcomes):
            problem(f"the vehicle closed with {own}, its facts say {dict(outcomes)}")
        if day.closed.loaded != len(day.loaded):
            problem(f"the vehicle says {day.closed.loaded} loaded, facts {len(day.loaded)}")
        if not day.closed.balanced:
            problem("the vehicle's own books do not balance")
    return Counter(
        ends[0].outcome.value
        for ends in day.ended.values()
        if transfers.is_final(day.vehicle, ends[0])
    )


def _held_by_two(days: Mapping[str, _Day]) -> list[str]:
    """Return the parcels that came on board twice other than by a meeting, or ended twice."""
    loaders: dict[str, list[str]] = {}
    enders: dict[str, list[str]] = {}
    for route, day in sorted(days.items()):
        for parcel in day.loaded:
            ended = day.ended.get(parcel)
            if parcel not in day.fetched and (not ended or ended[0].outcome not in COMES_BACK):
                loaders.setdefault(parcel, []).append(route)
        for parcel, ends in day.ended.items():
            if ends[0].outcome in FOR_GOOD:
                enders.setdefault(parcel, []).append(route)
    told = [
        f"parcel {parcel} was loaded on {' and on '.join(routes)}"
        for parcel, routes in sorted(loaders.items())
        if len(routes) > 1
    ]
    return told + [
        f"parcel {parcel} was delivered on {' and on '.join(routes)}"
        for parcel, routes in sorted(enders.items())
        if len(routes) > 1
    ]
