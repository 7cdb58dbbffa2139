"""What an order of stops must keep to besides promises: spoiling goods, the driver's breaks."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

from edge.messages.parcels import Parcel, ParcelId, StopId
from edge.messages.routes import DriverBreak, Stop
from edge.native.replan.problem import Break, Problem
from edge.native.replan.reference import simulate
from edge.planner.problem import clock_ms


def deadlines(
    stops: Sequence[Stop],
    parcels: Mapping[ParcelId, Parcel],
    gone: AbstractSet[ParcelId] = frozenset(),
) -> dict[StopId, datetime]:
    """Return by when stops are to be begun: the earliest of the parcels that go there.

    `gone` are those that nobody waits for any more. A pickup has no deadline of its own.
    """
    found = {}
    for stop in stops:
        due = [] if stop.takes_on else [parcels[p] for p in stop.parcels if p in parcels]
        instants = [
            parcel.deliver_by_utc
            for parcel in due
            if parcel.deliver_by_utc is not None and parcel.parcel_id not in gone
        ]
        if instants:
            found[stop.stop_id] = min(instants)
    return found


def breaks_ms(breaks: Sequence[DriverBreak], zero_utc: datetime) -> tuple[Break, ...]:
    """Return breaks on the problem's clock."""
    return tuple(
        Break(
            opens_ms=clock_ms(one.opens_utc, zero_utc),
            closes_ms=clock_ms(one.closes_utc, zero_utc),
            lasts_ms=round(one.lasts_s * 1000),
        )
        for one in breaks
    )


def unless_too_late(problem: Problem) -> Problem:
    """Return the problem, without its locked stop if that can only be begun too late.

    So a stop that is being driven to is given up once its goods are lost for it. A break is no
    reason: it can be taken afterwards.
    """
    if not problem.locked:
        return problem
    lost = simulate(replace(problem, breaks=()), problem.locked).missed
    return replace(problem, locked=()) if lost else problem
