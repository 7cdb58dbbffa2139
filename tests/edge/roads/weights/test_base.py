"""How long an arc takes whom, when nothing is in the way."""

import numpy as np
import pytest

from edge.roads.classes import CLASS_INDEX, FOOT, VAN
from edge.roads.weights import base_ms
from tests.edge.roads.towns import Street, town


def road(road_class="residential", kmh=50, access=15, length_m=1000):
    more = (
        ("arc_class", CLASS_INDEX[road_class]),
        ("arc_speed_kmh", kmh),
        ("arc_access", access),
    )
    return town([(0, 0), (length_m, 0)], [Street((0, 1), more=more)])


@pytest.mark.parametrize(
    ("user", "road_class", "kmh", "driven_kmh"),
    [
        ("van", "residential", 50, 40),
        ("van", "motorway", 120, 108),
        ("truck", "residential", 50, 36),
        ("truck", "motorway", 120, 80),
        ("bicycle", "residential", 50, 16),
        ("bicycle", "footway", 5, 6),
        ("foot", "residential", 50, 5.04),
        ("foot", "footway", 5, 5.04),
    ],
)
def test_speed_is_by_user_class_and_limit(user, road_class, kmh, driven_kmh):
    lasts_ms = base_ms(road(road_class, kmh), user)
    assert lasts_ms[0] == pytest.approx(1000 / driven_kmh * 3600, rel=1e-3)


def test_a_truck_is_never_faster_than_a_van():
    for road_class in CLASS_INDEX:
        for kmh in (1, 15, 50, 130, 255):
            graph = road(road_class, kmh)
            assert (base_ms(graph, "truck") >= base_ms(graph, "van")).all()


def test_who_may_not_use_an_arc_has_no_time_for_it():
    graph = road(access=VAN)
    assert (base_ms(graph, "van") > 0).all()
    assert (base_ms(graph, "truck") == -1).all()
    assert (base_ms(road(access=FOOT), "bicycle") == -1).all()


def test_a_robot_walks_no_faster_than_it_can():
    assert base_ms(road(), "foot", 0.5)[0] == pytest.approx(2_000_000, rel=1e-3)
    assert (base_ms(road(), "foot", 5.0) == base_ms(road(), "foot")).all()


def test_the_shortest_arc_takes_a_millisecond():
    assert base_ms(road("motorway", 255, length_m=0.01), "van").min() >= 1
    assert base_ms(road(), "van").dtype == np.int32
