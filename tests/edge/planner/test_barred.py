"""U2: what lies in a hard zone or cannot be reached is not driven to."""

import numpy as np
import pytest

from edge.conditions.layers import NO_LAYERS, Layers
from edge.messages.conditions import Circle, Layer, Polygon, Window, Zone
from edge.messages.geo import Place, distance_m
from edge.planner.barred import WALK_M
from edge.planner.problem import LONGEST_LEG_MS
from edge.planner.travel.table import TableTravel
from edge.planner.travel.times import Times
from tests.edge.planner.test_plan import (
    DEPARTS_UTC,
    TRAVEL,
    ids,
    place,
    plan,
    route,
    stop,
    street,
    utc,
)


def zone(km, *, radius_m=100.0, **parts):
    asked = {"kind": "hard", "area": Circle(centre=place(km), radius_m=radius_m)}
    return Zone(zone_id="z", name="Fair", **asked | parts)


def layers(*zones):
    layer = Layer(
        name="zones:city",
        version=1,
        issued_utc=utc(-60),
        expires_utc=utc(24 * 60),
        attribution="test",
        zones=zones,
    )
    return Layers().take(layer, DEPARTS_UTC)


def test_u2_a_stop_in_a_hard_zone_is_left_out_with_a_place_to_stand():
    made = plan(route(street(1, 2, 3)), layers=layers(zone(2)))
    assert ids(made) == ["S1", "S3"]
    (drop,) = made.dropped
    assert (drop.stop_id, drop.code, drop.until_utc) == ("S2", "zone", None)
    assert drop.reason.startswith("in a zone that may not be entered: Fair")
    assert 100 < distance_m(drop.alternative, place(2)) <= WALK_M


def test_a_zone_that_ends_before_the_shift_says_when():
    until = Window(until_utc=utc(90))
    (drop,) = plan(route(street(1, 2)), layers=layers(zone(2, windows=(until,)))).dropped
    assert drop.until_utc == utc(90)
    after = Window(until_utc=utc(9000))
    (drop,) = plan(route(street(1, 2)), layers=layers(zone(2, windows=(after,)))).dropped
    assert drop.until_utc is None


def test_a_zone_too_wide_to_walk_out_of_has_no_place_to_stand():
    (drop,) = plan(route(street(1, 2, 9)), layers=layers(zone(9, radius_m=900.0))).dropped
    assert drop.alternative is None


@pytest.mark.parametrize(
    "other",
    [
        zone(2, kind="avoid"),
        zone(2, applies_to=("drone",)),
        zone(2, lower_m=60.0, lower_reference="AGL", upper_m=120.0),
        zone(2.5),
        zone(2, windows=(Window(from_utc=utc(9000)),)),
    ],
)
def test_zones_that_do_not_bar_a_van_there_and_now_change_nothing(other):
    made = plan(route(street(1, 2, 3)), layers=layers(other))
    assert (ids(made), made.dropped) == (["S1", "S2", "S3"], ())


def test_the_stop_being_driven_to_is_given_up_too():
    made = plan(route(street(1, 2, 3)), locked="S2", layers=layers(zone(2)))
    assert ids(made) == ["S1", "S3"]


def test_a_hole_in_a_zone_is_outside_of_it():
    def ring(s):
        middle = place(2)
        return tuple(
            Place(lat_deg=middle.lat_deg + north, lon_deg=middle.lon_deg + east)
            for east, north in ((-s, -s), (s, -s), (s, s), (-s, s))
        )

    area = Polygon(outer=ring(0.01), holes=(ring(0.002),))
    assert plan(route(street(2)), layers=layers(zone(2, area=area))).dropped == ()


class Islands(TableTravel):
    """Travel where nothing north of kilometre 5 can be reached."""

    def times(self, start, heading_deg, stops, station, **how):
        base_ms = super().times(start, heading_deg, stops, station, **how).base_ms.copy()
        north = np.array([s.place.lat_deg > place(5).lat_deg for s in stops])
        for node in np.flatnonzero(north) + 1:
            base_ms[node, :] = base_ms[:, node] = LONGEST_LEG_MS
            base_ms[node, node] = 0
        return Times(base_ms)


def test_u2_a_stop_without_a_way_is_left_out_and_the_rest_is_planned():
    made = plan(route(street(1, 9, 2)), travel=Islands(speed_mps=10.0, detour=1.0))
    assert ids(made) == ["S1", "S2"]
    (drop,) = made.dropped
    assert (drop.code, drop.alternative) == ("unreachable", None)
    near = plan(
        route((stop("edge", 5.1), *street(1))), travel=Islands(speed_mps=10.0, detour=1.0)
    )
    (drop,) = near.dropped
    assert distance_m(drop.alternative, place(5.1)) < 150


def test_a_delivery_is_not_driven_to_while_its_pickup_is_barred():
    stops = (
        stop("shop", 2, kind="pickup", parcels=("X",)),
        stop("door", 4, parcels=("X",)),
        *street(1),
    )
    made = plan(route(stops), layers=layers(zone(2)))
    assert ids(made) == ["S1"]
    assert {drop.stop_id for drop in made.dropped} == {"shop", "door"}


def test_without_layers_nothing_is_barred():
    assert plan(route(street(1)), layers=NO_LAYERS, travel=TRAVEL).dropped == ()
