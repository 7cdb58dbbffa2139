"""Robots' days on a kerb map: they deliver and keep to it; who steers outwards stands."""

import pytest
import shapely
from msgspec.structs import replace

import edge.sidewalk.rules.in_motion as in_motion
from edge.messages.facts import DrivePhaseEntered, HelpWanted
from edge.messages.geo import Place, east_north_m, metres_per_degree
from edge.roads.stored.kerbs import read_kerbs
from sim.depot.work import KERBS
from tests.scenarios.machines.drones import fly, of
from tests.scenarios.machines.test_robots import BOTH, OVER_ROADS, day, fine

YARD_M = 12.0
pytestmark = pytest.mark.soak


def walked(folder, home):
    """Return the map about home, as shapely reads it: in an odd number of rings is inside."""
    area = shapely.Polygon()
    for ring in read_kerbs(folder / KERBS).rings:
        corners = [
            east_north_m(home, Place(lat_deg=lat / 1e7, lon_deg=lon / 1e7))
            for lat, lon in zip(ring[::2], ring[1::2], strict=True)
        ]
        area = area.symmetric_difference(shapely.Polygon(corners))
    return area


@pytest.mark.parametrize("manner", BOTH)
@pytest.mark.parametrize("seed", [1, OVER_ROADS, 3])
def test_s2_a_day_on_the_kerb_map_delivers_and_the_guard_has_nothing_to_say(
    manner, seed, tmp_path
):
    result, _, facts = fly(day(manner), seed, folder=tmp_path)
    assert fine(result)
    assert result.outcomes == {"DELIVERED": 2}
    why = [fact.why for fact in of(facts, DrivePhaseEntered)]
    assert not [text for text in why if "kerb map" in text]


@pytest.mark.parametrize("manner", BOTH)
def test_s2_a_planner_that_steers_outwards_is_stopped_inside(manner, tmp_path, monkeypatch):
    """From 40 m of its first leg on it wants to go across the kerb, whatever is asked."""
    straight = in_motion.ahead
    wanted = []

    def outwards(points, place, along_m, *more):
        if along_m < 40.0 and not wanted:
            return straight(points, place, along_m, *more)
        target = straight(points, place, along_m, *more)
        east_m, north_m = east_north_m(place, target)
        wanted.append(place)
        north, east = metres_per_degree(place.lat_deg)
        return Place(
            lat_deg=place.lat_deg + (north_m - 2 * east_m) / north,
            lon_deg=place.lon_deg + (east_m + 2 * north_m) / east,
        )

    monkeypatch.setattr(in_motion, "ahead", outwards)
    planted = day(manner, orders=1)
    planted = replace(planted, day=replace(planted.day, limit_h=0.3))
    result, seen, facts = fly(planted, OVER_ROADS, folder=tmp_path)
    assert wanted
    assert result.outcomes != {"DELIVERED": 1}
    assert any("kerb map" in fact.why for fact in of(facts, DrivePhaseEntered))
    assert of(facts, HelpWanted)
    (robot,) = seen.drones.values()
    area = walked(tmp_path, robot._parked).union(shapely.Point(0.0, 0.0).buffer(YARD_M))
    for place, _ in seen.tracks[robot.name]:
        assert area.covers(shapely.Point(*east_north_m(robot._parked, place)))
