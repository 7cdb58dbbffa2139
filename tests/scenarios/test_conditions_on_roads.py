"""U1 on a real town: traffic, weather and zones change the route as one would expect."""

from datetime import timedelta
from itertools import islice, pairwise

import numpy as np
import pytest
from msgspec.structs import replace

from edge.conditions.areas import contains
from edge.conditions.layers import NO_LAYERS, Layers
from edge.messages.conditions import (
    Circle,
    Layer,
    SegmentSpeed,
    TrafficFactor,
    Weather,
    Zone,
)
from edge.messages.geo import Place, distance_m
from edge.messages.routes import Route, Stop
from edge.planner.plan import plan_rest
from edge.planner.problem import LONGEST_LEG_MS, Budget
from edge.planner.travel.roads import RoadTravel
from edge.roads.search import WeightedRoads
from edge.roads.snap import Snapper
from edge.roads.weights import base_ms
from station.roads.countries import rules_of
from station.roads.importer import import_roads
from tests.edge.conditions.some import NOW_UTC, hours

STOPS = 24
DAY_ENDS_UTC = NOW_UTC + timedelta(hours=9)
TIMES = {"from_utc": hours(-1), "until_utc": hours(9)}


@pytest.fixture(scope="module")
def graph(shared, tmp_path_factory):
    path = shared / "data/roads/monaco-osrm.osm.pbf"
    made, _ = import_roads(path, rules_of("mc"), lambda said: None)
    file = tmp_path_factory.mktemp("roads") / "monaco.roads"
    made.write(file)
    return type(made).open(file)


@pytest.fixture(scope="module")
def day(graph):
    snapper, nodes = Snapper(graph), np.random.default_rng(3).permutation(graph.nodes)
    lat, lon = graph.node_lat_e7 / 1e7, graph.node_lon_e7 / 1e7
    places = (Place(lat_deg=float(lat[n]), lon_deg=float(lon[n])) for n in nodes.tolist())
    station, *doors = islice((p for p in places if snapper.snap(p, "van")), STOPS + 1)
    return Route(
        route_id="monaco",
        revision=1,
        vehicle="van-1",
        station=station,
        departs_utc=NOW_UTC,
        returns_by_utc=DAY_ENDS_UTC,
        stops=tuple(
            Stop(stop_id=f"s{number}", place=place, service_s=180.0)
            for number, place in enumerate(doors)
        ),
        parcels=(),
    )


def known(**what):
    layer = Layer(name="city", version=1, issued_utc=hours(-1), expires_utc=hours(24), **what)
    return Layers().take(layer, NOW_UTC)


def plan(graph, day, layers, *, utc=NOW_UTC):
    return plan_rest(
        day,
        [stop.stop_id for stop in day.stops],
        start=day.station,
        start_utc=utc,
        travel=RoadTravel(graph, "van"),
        layers=layers,
        previous=None,
        locked=None,
        trigger="conditions",
        budget=Budget(iterations=3000),
    ).plan


def tour(day, planned):
    """Return the places of a plan, from the station and back to it."""
    place_of = {stop.stop_id: stop.place for stop in day.stops}
    return [day.station, *(place_of[stop.stop_id] for stop in planned.stops), day.station]


def legs(graph, places, layers):
    travel = RoadTravel(graph, "van")
    return [
        travel.leg(start, None, end, layers=layers, utc=NOW_UTC)
        for start, end in pairwise(places)
    ]


def slow_on_the_ways(graph, places, kmh=2):
    """Return live speeds on the middle of every way between places."""
    weights = base_ms(graph, "van")
    roads, snapper = WeightedRoads(graph, "van", weights, weights), Snapper(graph)
    snaps = [snapper.snap(place, "van") for place in places]
    arcs = {arc for pair in pairwise(snaps) for arc in roads.way(*pair).arcs[1:-1].tolist()}
    pairs = {pair for arc in arcs for pair in pairwise(graph.osm_nodes(arc).tolist())}
    return known(segments=tuple(SegmentSpeed(*pair, kmh) for pair in sorted(pairs)))


def test_u1_slow_streets_are_driven_round_where_that_is_quicker(graph, day):
    places = tour(day, plan(graph, day, NO_LAYERS))
    calm, jammed = legs(graph, places, NO_LAYERS), slow_on_the_ways(graph, places[:4])
    new = legs(graph, places, jammed)
    held_up = [0, 1, 2]
    assert all(new[number].lasts_s > calm[number].lasts_s for number in held_up)
    assert any(new[number].points != calm[number].points for number in held_up)
    assert all(b.lasts_s >= a.lasts_s - 0.2 for a, b in zip(calm, new, strict=True))
    re_planned = plan(graph, day, jammed)
    order_kept_s = sum(leg.lasts_s for leg in new)
    order_new_s = sum(leg.lasts_s for leg in legs(graph, tour(day, re_planned), jammed))
    assert order_new_s < 0.95 * order_kept_s


def test_u1_a_jam_of_two_hours_is_left_for_later(graph, day):
    calm = plan(graph, day, NO_LAYERS)
    first = tour(day, calm)[2]
    area = Circle(centre=first, radius_m=500)
    jam = TrafficFactor(from_utc=NOW_UTC, until_utc=hours(1), factor=8.0, area=area)
    inside = {stop.stop_id for stop in day.stops if contains(area, stop.place)}
    assert 2 <= len(inside) < STOPS

    def mean_arrival_s(planned):
        of = [stop.arrives_utc for stop in planned.stops if stop.stop_id in inside]
        return sum((utc - NOW_UTC).total_seconds() for utc in of) / len(of)

    jammed = plan(graph, day, known(factors=(jam,)))
    assert len(jammed.stops) == STOPS
    assert mean_arrival_s(jammed) > mean_arrival_s(calm) + 600


def test_u1_snow_makes_every_way_longer_and_the_day_end_later(graph, day):
    snow = known(weather=(Weather(**TIMES, snow_cm_h=2.0),))
    places = tour(day, plan(graph, day, NO_LAYERS))
    calm, snowy = legs(graph, places, NO_LAYERS), legs(graph, places, snow)
    driven_s = [sum(leg.lasts_s for leg in each) for each in (calm, snowy)]
    assert all(b.lasts_s > a.lasts_s for a, b in zip(calm, snowy, strict=True))
    assert 1.2 < driven_s[1] / driven_s[0] < 1 / (1 - 0.4)
    last = [plan(graph, day, each).stops[-1].departs_utc for each in (NO_LAYERS, snow)]
    assert last[1] > last[0] + timedelta(minutes=10)


def test_u1_rain_slows_a_van_and_no_robot(graph, day):
    rain = known(weather=(Weather(**TIMES, rain_mm_h=8.0),))

    def times(travel, layers):
        return travel.times(
            day.station, None, day.stops, day.station,
            layers=layers, from_utc=NOW_UTC, until_utc=NOW_UTC,
        ).base_ms  # fmt: skip

    van, robot = RoadTravel(graph, "van"), RoadTravel(graph, "foot", kind="robot")
    dry = times(van, NO_LAYERS)
    ways = (dry > 0) & (dry < LONGEST_LEG_MS)
    assert (times(van, rain)[ways] > dry[ways]).all()
    assert (times(robot, rain) == times(robot, NO_LAYERS)).all()


def zones_on_the_ways(graph, day, kind):
    """Return a zone in the middle of each leg that is far from all doors, and the leg."""
    calm = legs(graph, tour(day, plan(graph, day, NO_LAYERS)), NO_LAYERS)
    doors = [day.station, *(stop.place for stop in day.stops)]
    found = []
    for leg in calm:
        centre = leg.points[len(leg.points) // 2]
        if min(distance_m(centre, door) for door in doors) > 110.0:
            area = Circle(centre=centre, radius_m=60.0)
            found.append((Zone(zone_id="z", name="Fire", kind=kind, area=area), leg))
    assert len(found) >= 3
    return found


def through(zone, ways):
    return sum(any(contains(zone.area, point) for point in leg.points) for leg in ways)


def round_zone(graph, zone, leg):
    """Return the way between the ends of a leg while a zone holds; None if there is none."""
    return legs(graph, [leg.points[0], leg.points[-1]], known(zones=(zone,)))[0]


def test_u1_ways_lead_round_a_hard_zone_or_do_not_lead_there(graph, day):
    found = 0
    for zone, leg in zones_on_the_ways(graph, day, "hard"):
        assert through(zone, [leg]) == 1
        new = round_zone(graph, zone, leg)
        if new is not None:
            found += 1
            assert through(zone, [new]) == 0
            assert new.lasts_s > leg.lasts_s
    assert found >= 3


def test_u1_a_zone_to_be_avoided_is_entered_only_where_the_way_round_costs_more(graph, day):
    avoided = 0
    for zone, leg in zones_on_the_ways(graph, day, "avoid"):
        new = round_zone(graph, zone, leg)
        closed = round_zone(graph, replace(zone, kind="hard"), leg)
        assert new.lasts_s > leg.lasts_s
        if through(zone, [new]):
            assert closed is None or closed.lasts_s >= new.lasts_s - 0.2
        else:
            avoided += 1
    assert avoided >= 1


def test_u1_the_plan_of_the_day_keeps_out_of_a_hard_zone(graph, day):
    (zone, _), *_ = zones_on_the_ways(graph, day, "hard")
    layers = known(zones=(zone,))
    planned = plan(graph, day, layers)
    assert len(planned.stops) == STOPS
    assert through(zone, legs(graph, tour(day, planned), layers)) == 0


def test_u2_a_stop_in_a_hard_zone_is_left_out_and_a_place_beside_it_named(graph, day):
    barred = day.stops[7]
    area = Circle(centre=barred.place, radius_m=60.0)
    zone = Zone(zone_id="z", name="Fire", kind="hard", area=area)
    planned = plan(graph, day, known(zones=(zone,)))
    dropped = {drop.stop_id: drop for drop in planned.dropped}
    assert barred.stop_id in dropped
    alternative = dropped[barred.stop_id].alternative
    assert 60 < distance_m(alternative, barred.place) <= 300
    assert Snapper(graph).snap(alternative, "van") is not None


def test_u1_what_has_expired_leaves_the_plan_as_it_would_have_been(graph, day):
    (zone, _), *_ = zones_on_the_ways(graph, day, "hard")
    layers = known(zones=(zone,), weather=(Weather(**TIMES, snow_cm_h=2.0),))
    later_utc = hours(25)
    route = replace(day, returns_by_utc=later_utc + timedelta(hours=9))
    gone = layers.without_expired(later_utc)
    assert plan(graph, route, gone, utc=later_utc).stops == (
        plan(graph, route, NO_LAYERS, utc=later_utc).stops
    )
