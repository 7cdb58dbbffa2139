import pytest

from edge.roads.classes import (
    BICYCLE,
    DESTINATION_ONLY,
    EVERYONE,
    FOOT,
    MOTOR,
    ROUNDABOUT,
    TRUCK,
    TUNNEL,
    VAN,
)
from station.roads.access import access_of, measure

WHEELS = MOTOR | BICYCLE


@pytest.mark.parametrize(
    ("road_class", "tags", "allowed"),
    [
        ("residential", {}, EVERYONE),
        ("motorway_link", {}, MOTOR),
        ("trunk", {}, WHEELS),
        ("primary", {"motorroad": "yes"}, MOTOR),
        ("secondary", {"sidewalk": "no"}, WHEELS),
        ("residential", {"sidewalk": "no"}, EVERYONE),
        ("footway", {}, FOOT),
        ("footway", {"bicycle": "yes"}, FOOT | BICYCLE),
        ("footway", {"access": "yes"}, FOOT),
        ("path", {}, FOOT | BICYCLE),
        ("cycleway", {}, BICYCLE),
        ("cycleway", {"segregated": "no"}, BICYCLE | FOOT),
        ("pedestrian", {"motor_vehicle": "delivery"}, FOOT | MOTOR),
        ("pedestrian", {"bicycle": "dismount"}, FOOT),
        ("track", {}, BICYCLE | FOOT),
        ("track", {"tracktype": "grade2"}, EVERYONE),
        ("track", {"motor_vehicle": "agricultural"}, BICYCLE | FOOT),
        ("service", {"service": "emergency_access"}, BICYCLE | FOOT),
        # A later key overrides an earlier one, whatever the order in the file.
        ("residential", {"access": "no"}, 0),
        ("residential", {"foot": "yes", "access": "private"}, FOOT),
        ("residential", {"access": "no", "vehicle": "yes"}, WHEELS),
        ("residential", {"vehicle": "no"}, FOOT),
        ("residential", {"vehicle": "no", "bicycle": "yes"}, BICYCLE | FOOT),
        ("residential", {"motor_vehicle": "no"}, BICYCLE | FOOT),
        ("residential", {"motor_vehicle": "no", "hgv": "yes"}, EVERYONE & ~VAN),
        ("residential", {"motorcar": "no"}, EVERYONE & ~VAN),
        ("residential", {"motorcar": "no", "goods": "yes"}, EVERYONE),
        ("residential", {"hgv": "no"}, EVERYONE & ~TRUCK),
        ("residential", {"hgv": "delivery"}, EVERYONE),
        ("residential", {"bicycle": "use_sidepath"}, EVERYONE & ~BICYCLE),
        ("residential", {"access": "no;destination"}, EVERYONE),
        ("residential", {"access": "whatever"}, EVERYONE),
        # What is too low, narrow or weak.
        ("residential", {"maxheight": "3.9"}, EVERYONE & ~TRUCK),
        ("residential", {"maxheight": "2.1 m"}, BICYCLE | FOOT),
        ("residential", {"maxheight": "8'6\""}, BICYCLE | FOOT),
        ("residential", {"maxheight": "default"}, EVERYONE),
        ("residential", {"maxweight": "7.5"}, EVERYONE & ~TRUCK),
        ("residential", {"maxweight": "2000 kg"}, BICYCLE | FOOT),
        ("residential", {"maxwidth": "2,3"}, EVERYONE & ~TRUCK),
    ],
)
def test_access_tags_override_the_class(road_class, tags, allowed):
    access = access_of(tags, road_class)

    assert access.forward == access.backward == allowed


@pytest.mark.parametrize(
    ("road_class", "tags", "forward", "backward"),
    [
        ("residential", {"oneway": "yes"}, EVERYONE, FOOT),
        ("residential", {"oneway": "-1"}, FOOT, EVERYONE),
        ("residential", {"oneway": "no"}, EVERYONE, EVERYONE),
        ("residential", {"oneway": "reversible"}, FOOT, FOOT),
        ("motorway", {}, MOTOR, 0),
        ("motorway", {"oneway": "no"}, MOTOR, MOTOR),
        ("motorway_link", {}, MOTOR, MOTOR),
        ("tertiary", {"junction": "roundabout"}, EVERYONE, FOOT),
        ("tertiary", {"junction": "circular", "oneway": "-1"}, FOOT, EVERYONE),
        ("residential", {"oneway": "yes", "oneway:bicycle": "no"}, EVERYONE, BICYCLE | FOOT),
        ("residential", {"oneway": "yes", "cycleway": "opposite"}, EVERYONE, BICYCLE | FOOT),
        ("residential", {"oneway:bicycle": "yes"}, EVERYONE, EVERYONE & ~BICYCLE),
        ("residential", {"oneway": "yes", "oneway:foot": "yes"}, EVERYONE, 0),
        ("residential", {"motor_vehicle:backward": "no"}, EVERYONE, BICYCLE | FOOT),
        ("residential", {"hgv:forward": "no"}, EVERYONE & ~TRUCK, EVERYONE),
    ],
)
def test_one_way_binds_wheels_and_not_feet(road_class, tags, forward, backward):
    access = access_of(tags, road_class)

    assert (access.forward, access.backward) == (forward, backward)


def test_flags_tell_circles_tunnels_and_roads_for_visitors():
    assert access_of({"junction": "roundabout"}, "primary").flags == ROUNDABOUT
    assert access_of({"tunnel": "yes"}, "primary").flags == TUNNEL
    assert access_of({"tunnel": "no"}, "primary").flags == 0
    assert access_of({"access": "destination"}, "residential").flags == DESTINATION_ONLY
    assert access_of({"motor_vehicle": "delivery"}, "residential").flags == DESTINATION_ONLY
    assert access_of({"service": "parking_aisle"}, "service").flags == DESTINATION_ONLY
    assert access_of({"hgv": "destination"}, "residential").flags == 0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3.5", 3.5),
        ("3,5 t", 3.5),
        ("12'", 3.6576),
        ("12'6\"", 3.81),
        ("none", None),
        ("", None),
    ],
)
def test_measures_are_read_in_metres_and_tonnes(text, value):
    assert measure(text) == (None if value is None else pytest.approx(value))
