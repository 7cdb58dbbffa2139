"""A posted limit is known only where a sign is on the map and the road is certain."""

import pytest

from edge.roads.classes import POSTED
from edge.roads.posted import PostedLimits
from edge.roads.snap import Snapper
from tests.edge.roads.towns import Street, at, town


def limits(flags):
    more = (("arc_speed_kmh", 50), ("arc_flags", flags))
    graph = town([(0, 0), (1000, 0)], [Street((0, 1), "High Street", False, more)])
    return PostedLimits(Snapper(graph), "van")


def test_d4_a_sign_on_the_map_is_the_limit():
    assert limits(POSTED).limit_mps(at(300, 3), 90.0) == pytest.approx(50 / 3.6)


def test_d4_the_default_of_a_class_is_no_posted_limit():
    assert limits(0).limit_mps(at(300, 3), 90.0) is None


@pytest.mark.parametrize("away_m", [20, 500])
def test_d4_beside_the_road_the_limit_is_unknown(away_m):
    assert limits(POSTED).limit_mps(at(300, away_m), 90.0) is None
