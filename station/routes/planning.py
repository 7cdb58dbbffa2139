"""Assign a day: what there is to do, what went out before, what is new."""

import asyncio
import sqlite3
from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path

from edge.errors import RefusedError
from edge.messages.geo import Place
from edge.roads.graph import RoadGraph
from edge.roads.stored.layout import GraphFileError
from station.config import StationConfig
from station.routes.assign import Limits
from station.routes.districts import assign_all
from station.routes.fitting import NotAssigned
from station.routes.fleet import fleet_of, route_id_of
from station.routes.meeting.gathering import gather_meetings, machine_drafts
from station.routes.progress import Progress
from station.routes.revise import AssignAnswer, in_figures, revisions, with_partners
from station.routes.travel import Ways, estimated_ways, ways_on_roads
from station.store import day as books
from station.store import evidence
from station.store.database import Database


async def assign_day(
    database: Database,
    config: StationConfig,
    day: date,
    *,
    limits: Limits,
    again: bool,
    progress: Progress,
    now_utc: datetime,
    secret: bytes,
) -> AssignAnswer:
    """Make the routes of a day and store them as drafts, in place of earlier drafts.

    Raises RefusedError if routes went out already, unless `again`: then those that are not
    under way get a later revision. `secret` is what the codes of meetings are made of.
    """
    orders, before, started = await database.read(
        lambda db: (
            books.orders_of(db, day),
            {kept.route.route_id: kept for kept in books.dispatched_routes_of(db, day)},
            evidence.started_routes(db),
        )
    )
    if before and not again:
        raise RefusedError(
            f"the routes of {day} went out already ({', '.join(before)}): "
            "`assign --again` makes later revisions of those that are not under way"
        )
    locked = with_partners(frozenset(before) & started, before)
    served = {stop.stop_id for name in locked for stop in before[name].route.stops}
    fleet = [
        vehicle
        for vehicle in fleet_of(config, day)
        if route_id_of(day, vehicle.name) not in locked
    ]
    free = [one for one in orders if one.assignable and one.stop_id not in served]
    progress(f"{len(free)} stops for {len(fleet)} vehicles")
    met, rest = gather_meetings(free, fleet, config.place, day, secret)
    drafts, left = await asyncio.to_thread(
        assign_all,
        [*rest, *(one.as_order() for one in met)],
        [vehicle for vehicle in fleet if vehicle.meets is None],
        config.place,
        ways_between=partial(ways_of, config),
        limits=limits,
        progress=progress,
    )
    for_machines, unmet = machine_drafts(met, drafts)
    drafts = [*drafts, *for_machines]
    names = {one.meeting_id for one in met}
    left = [*(one for one in left if one.stop_id not in names), *unmet]
    fresh, gone, kept = revisions(drafts, before, locked, day, config.place)

    def keep(db: sqlite3.Connection) -> None:
        now = {one.route.route_id: one.hash for one in books.dispatched_routes_of(db, day)}
        if now != {name: one.hash for name, one in before.items()}:
            raise RefusedError("routes went out while this ran: assign again")
        books.drop_drafts(db, day)
        for route in (*(route for route, _ in fresh), *gone):
            books.keep_route(db, day, route, now_utc)

    await database.transaction(keep)
    return AssignAnswer(
        day=day,
        routes=tuple(in_figures(route, draft) for route, draft in fresh),
        kept=tuple(kept),
        withdrawn=tuple(route.route_id for route in gone),
        not_assigned=tuple(left),
        blocked=tuple(
            NotAssigned(
                stop_id=order.stop_id,
                name=order.name,
                why=f"cancelled: {order.cancelled}" if order.cancelled else order.why,
            )
            for order in orders
            if not order.assignable
        ),
    )


def ways_of(config: StationConfig, places: Sequence[Place]) -> Ways:
    """Return the ways between places on the roads that station.toml names, else estimates.

    Raises RefusedError if the road file cannot be used, or the station is on none of its roads.
    """
    travel = config.travel
    if config.roads is None:
        return estimated_ways(places, detour=travel.detour, speed_mps=travel.speed_mps)
    file = config.roads.file
    try:
        graph = RoadGraph.open(Path(file))
    except GraphFileError as error:
        raise RefusedError(f"station.toml, [roads] file: {error}") from error
    return ways_on_roads(places, graph, file=file, speed_mps=travel.speed_mps)
