"""A small route and the steps through its day, for the tests of the executor."""

from datetime import UTC, datetime, timedelta

from edge.executor.mission.events import (
    ArrivedAtStop,
    AttemptEnded,
    Event,
    HandOverAsked,
    LoadingBegun,
    LoadingEnded,
    ParcelScanned,
    Planned,
    RouteOffered,
    Where,
)
from edge.executor.mission.machine import advance
from edge.executor.mission.progress import Mission
from edge.messages.commands import CannotDeliver, HandOver
from edge.messages.facts import Fact
from edge.messages.geo import Place
from edge.messages.parcels import FailureCode, HandoverRequirements, Outcome, Parcel
from edge.messages.plan import DroppedStop, Plan, PlannedStop, Why
from edge.messages.routes import Route, Stop, TimeWindow

T0 = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
STATION = Place(lat_deg=48.10, lon_deg=11.50)
HERE = Where(Place(lat_deg=48.11, lon_deg=11.51), 4.0, 6.0)
AWAY = Where(Place(lat_deg=48.20, lon_deg=11.51), 4.0, 9000.0)


def stop(name: str, *parcels: str, hours: tuple[int, int] | None = None) -> Stop:
    windows = ()
    if hours is not None:
        opens, closes = (T0 + timedelta(hours=h) for h in hours)
        windows = (TimeWindow(opens_utc=opens, closes_utc=closes),)
    place = Place(lat_deg=48.11, lon_deg=11.51)
    return Stop(stop_id=name, place=place, parcels=parcels, windows=windows)


def route(*stops: Stop, revision: int = 1, **requirements: HandoverRequirements) -> Route:
    stops = stops or (stop("s1", "a"), stop("s2", "b", "c"), stop("s3", "d"))
    parcels = tuple(
        Parcel(parcel_id=p, requirements=requirements.get(p, HandoverRequirements()))
        for s in stops
        for p in s.parcels
    )
    return Route(
        route_id="r1",
        revision=revision,
        vehicle="van-1",
        station=STATION,
        departs_utc=T0,
        returns_by_utc=T0 + timedelta(hours=9),
        stops=stops,
        parcels=parcels,
    )


def play(mission: Mission, *events: Event) -> tuple[Mission, list[Fact]]:
    facts: list[Fact] = []
    for event in events:
        step = advance(mission, event)
        mission = step.mission
        facts += step.facts
    return mission, facts


def offered(made: Route) -> RouteOffered:
    return RouteOffered(made, f"hash of {made.revision}")


def loaded(made: Route, *without: str) -> tuple[Mission, list[Fact]]:
    scans = [ParcelScanned(p.parcel_id) for p in made.parcels if p.parcel_id not in without]
    return play(Mission(), offered(made), LoadingBegun("ada"), *scans, LoadingEnded())


def arrive(stop_id: str, utc: datetime = T0) -> ArrivedAtStop:
    return ArrivedAtStop(stop_id, "position", HERE, utc)


def hand_over(
    stop_id: str,
    *parcels: str,
    where: Where = HERE,
    outcome: Outcome = Outcome.DELIVERED,
    pin: str | None = None,
) -> HandOverAsked:
    action = HandOver(
        action_id=f"h-{stop_id}",
        driver="ada",
        stop_id=stop_id,
        parcel_ids=parcels,
        outcome=outcome,
        pin=pin,
    )
    return HandOverAsked(action, where, T0, 60.0)


def cannot(
    stop_id: str, *parcels: str, code: FailureCode = FailureCode.NOBODY_HOME
) -> AttemptEnded:
    action = CannotDeliver(
        action_id=f"c-{stop_id}", driver="ada", stop_id=stop_id, parcel_ids=parcels, code=code
    )
    return AttemptEnded(action, T0)


def planned(mission: Mission, *order: str, dropped: tuple[str, ...] = ()) -> Planned:
    plan = Plan(
        route_id=mission.progress.route_id,
        route_revision=mission.progress.revision,
        number=mission.progress.plan_number + 1,
        stops=tuple(PlannedStop(stop_id=s, arrives_utc=T0, departs_utc=T0) for s in order),
        dropped=tuple(DroppedStop(stop_id=s, reason="no time") for s in dropped),
        back_utc=T0,
        cost_s=0.0,
        why=Why(trigger="driver"),
    )
    return Planned(plan, "hash")
