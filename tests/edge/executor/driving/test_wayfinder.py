"""The way of the present leg: there when it can be known, and after a restart again."""

import pytest

from edge.messages.geo import Place
from edge.planner.travel.roads import RoadTravel
from edge.roads.graph import RoadGraph
from tests.edge.driver.day import STATION, STOPS
from tests.edge.driver.van import a_van
from tests.edge.executor.replanning.days import under_way, until


@pytest.fixture
def roads():
    """Return roads along a ring through the station and all stops, each by a corner."""
    places = [STATION, *(stop.place for stop in STOPS)]
    nodes = []
    for place, following in zip(places, [*places[1:], STATION], strict=True):
        nodes += [place, Place(lat_deg=place.lat_deg, lon_deg=following.lon_deg)]
    ends = list(range(len(nodes)))
    heads = [*ends[1:], 0]
    graph = RoadGraph.of_arrays(
        [round(node.lat_deg * 1e7) for node in nodes],
        [round(node.lon_deg * 1e7) for node in nodes],
        [*ends, *heads],
        [*heads, *ends],
    )
    return RoadTravel(graph, "van")


async def test_the_way_is_there_again_after_a_restart_as_soon_as_the_position_is(
    tmp_path, roads
):
    async with a_van(tmp_path, travel=roads) as van:
        await under_way(van)
        await until(lambda: van.view.steps)
        before = van.view
        assert len(before.leg) > 2
    async with a_van(tmp_path, travel=roads) as van:
        assert (van.view.phase, van.view.steps) == ("underway", ())
        van.drive(STATION)
        await until(lambda: van.view.steps)
        assert (van.view.leg, van.view.steps) == (before.leg, before.steps)


async def test_without_roads_the_line_is_straight_and_has_no_steps(tmp_path):
    async with a_van(tmp_path) as van:
        await under_way(van)
        await until(lambda: len(van.view.leg) > 1)
        assert van.view.leg[0] == STATION
        assert (len(van.view.leg), van.view.steps) == (2, ())
