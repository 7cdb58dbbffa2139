"""Travel times and legs on roads: as the search says, remembered, and true to the layers."""

from datetime import timedelta

import numpy as np
import pytest

from edge.conditions.layers import NO_LAYERS
from edge.messages.conditions import Closure, Layer, TrafficFactor, Zone
from edge.messages.routes import Stop
from edge.native.replan.problem import LONGEST_LEG_MS, Problem, ProblemStop
from edge.native.roads.kernel import many_ms
from edge.planner.travel.roads import RoadTravel
from edge.roads.search import WeightedRoads, matrix_ms
from edge.roads.snap import Snapper
from edge.roads.weights import Weighing
from tests.edge.roads.towns import at, grid_town
from tests.edge.roads.weights.test_weighing import CORNER, FROM, UNTIL, factor

END = FROM + timedelta(hours=8)
PLACES = [at(130, 4), at(330, 6), at(4, 250), at(410, 396), at(496, 130)]
STATION = at(250, -4)
START = at(60, 3)


def stops_at(places=PLACES):
    return [Stop(stop_id=f"s{number}", place=place) for number, place in enumerate(places)]


def layers_of(**content):
    layer = Layer(name="l", version=1, issued_utc=FROM, expires_utc=END, **content)
    return NO_LAYERS.take(layer, FROM)


def ask(travel, stops=None, start=START, heading_deg=None, layers=NO_LAYERS, utc=FROM):
    return travel.times(
        *(start, heading_deg, stops_at() if stops is None else stops, STATION),
        layers=layers,
        from_utc=utc,
        until_utc=END,
    )


def searched(layers=NO_LAYERS, utc=FROM, places=(*PLACES, STATION)):
    """Return the table between places that stand still, with nothing remembered."""
    graph = grid_town()
    weighing, snapper = Weighing(graph, "van"), Snapper(graph)
    roads = WeightedRoads(graph, "van", weighing.weights_ms(layers, utc), weighing.base_ms)
    return matrix_ms(roads, [snapper.snap(place, "van") for place in places])


def test_times_are_those_of_the_search():
    times = ask(RoadTravel(grid_town(), "van"))
    assert times.slices is None
    assert (times.base_ms[1:, 1:] == searched()).all()
    assert times.base_ms[0, 1] == pytest.approx(70 / (30 * 0.8 / 3.6) * 1000, rel=0.01)


def test_what_is_remembered_and_grown_is_as_what_is_made_anew():
    travel = RoadTravel(grid_town(), "van")
    rng = np.random.default_rng(3)
    for _ in range(25):
        places = [PLACES[index] for index in rng.permutation(5)[: rng.integers(0, 6)]]
        places += [at(*rng.uniform(0, 400, 2)) for _ in range(rng.integers(0, 2))]
        times = ask(travel, stops_at(places), start=at(*rng.uniform(0, 400, 2)))
        assert (times.base_ms[1:, 1:] == searched(places=(*places, STATION))).all()


def test_nothing_is_searched_twice(monkeypatch):
    rows = []

    def counted(network, starts, goals):
        rows.append(starts.points)
        return many_ms(network, starts, goals)

    monkeypatch.setattr("edge.roads.search.many_ms", counted)
    travel = RoadTravel(grid_town(), "van")
    ask(travel)
    assert sorted(rows) == [1, 6]  # the way from here, and five stops with the station
    rows.clear()
    ask(travel, stops_at(PLACES[:1]))  # of fewer
    ask(travel, stops_at([at(333, 222), at(222, 333), at(111, 222)]))  # of others
    ask(travel, stops_at(PLACES[::-1]), start=at(333, 5))
    assert sorted(rows) == [1, 1, 1, 4]
    rows.clear()
    ask(travel, stops_at([*PLACES, at(250, 310)]))
    assert rows == [1, 1, 1]  # its row, its column, the way from here


def test_the_heading_says_which_way_the_vehicle_sets_out():
    travel = RoadTravel(grid_town(), "van")
    ahead, back = ask(travel, heading_deg=90.0), ask(travel, heading_deg=270.0)
    assert ahead.base_ms[0, 1] < back.base_ms[0, 1]


def test_a_factor_for_an_hour_is_a_slice_of_its_own():
    later = TrafficFactor(
        from_utc=FROM + timedelta(hours=1), until_utc=FROM + timedelta(hours=2), factor=1.5
    )
    times = ask(RoadTravel(grid_town(), "van"), layers=layers_of(factors=(later,)))
    assert times.slices.starts_ms == (3_600_000, 7_200_000)
    assert (times.base_ms[1:, 1:] == searched()).all()
    paces = times.slices.permille[times.slices.class_of[1, 2]]
    assert paces.tolist() == pytest.approx([1000, 1500, 1000], abs=2)
    problem = Problem(
        times.base_ms, tuple(ProblemStop(0, 1) for _ in PLACES), slices=times.slices
    )
    assert problem.slices is times.slices


def test_the_same_question_again_gives_the_same_answer_later_in_the_slice():
    travel, layers = RoadTravel(grid_town(), "van"), layers_of(factors=(factor(2.0),))
    first = ask(travel, layers=layers)
    again = ask(travel, layers=layers, utc=FROM + timedelta(minutes=30))
    fresh = ask(RoadTravel(grid_town(), "van"), layers=layers, utc=FROM + timedelta(minutes=30))
    assert (first.base_ms == again.base_ms).all()
    assert again.slices.starts_ms == fresh.slices.starts_ms == (5_400_000,)
    assert (again.slices.permille == fresh.slices.permille).all()
    assert (again.slices.class_of == fresh.slices.class_of).all()


def test_what_ends_is_forgotten():
    travel, layers = RoadTravel(grid_town(), "van"), layers_of(factors=(factor(2.0),))
    slow = ask(travel, layers=layers)
    after = ask(travel, layers=layers, utc=UNTIL)
    assert after.slices is None
    assert (after.base_ms == ask(RoadTravel(grid_town(), "van")).base_ms).all()
    assert slow.slices is not None


def test_a_closed_street_is_gone_round():
    line = (at(100, 2), at(200, 2))
    shut = layers_of(closures=(Closure(from_utc=FROM, until_utc=END, line=line),))
    travel = RoadTravel(grid_town(), "van")
    west_to_east = [at(80, 3), at(230, 3)]
    free = ask(travel, stops_at(west_to_east)).base_ms[1, 2]
    round_ms = ask(travel, stops_at(west_to_east), layers=shut).base_ms[1, 2]
    assert round_ms == pytest.approx(free + 2 * 100 / (24 / 3.6) * 1000, rel=0.02)
    leg = travel.leg(west_to_east[0], 90.0, west_to_east[1], layers=shut, utc=FROM)
    assert leg.lasts_s * 1000 == pytest.approx(round_ms, abs=1)
    assert len(leg.steps) >= 4


def test_a_stop_in_a_hard_zone_is_unreachable_and_the_rest_are_not():
    zones = (Zone(zone_id="z", kind="hard", area=CORNER),)
    stops = stops_at([at(10, 4), *PLACES])
    times = ask(
        RoadTravel(grid_town(), "van"), stops, start=at(300, 3), layers=layers_of(zones=zones)
    )
    assert (times.base_ms[[0, 2, 3], 1] == LONGEST_LEG_MS).all()
    assert times.base_ms[2:, 2:].max() < LONGEST_LEG_MS


def test_a_vehicle_in_a_zone_gets_out_of_it():
    zones = (Zone(zone_id="z", kind="hard", area=CORNER),)
    times = ask(RoadTravel(grid_town(), "van"), start=at(20, 2), layers=layers_of(zones=zones))
    assert times.base_ms[0].max() < LONGEST_LEG_MS


def test_a_stop_far_from_any_road_is_unreachable_and_a_start_is_not():
    travel, far = RoadTravel(grid_town(), "van"), at(-600, -600)
    times = ask(travel, stops_at([far, *PLACES]))
    assert (times.base_ms[[0, 2, 3], 1] == LONGEST_LEG_MS).all()
    times = ask(travel, start=far)
    assert 0 < times.base_ms[0, 1:].max() < 600_000
    assert travel.leg(far, None, PLACES[0], layers=NO_LAYERS, utc=FROM) is None


def test_without_stops_there_is_the_way_back():
    times = ask(RoadTravel(grid_town(), "van"), [])
    assert times.base_ms.shape == (2, 2)
    assert times.base_ms[0, 1] > 0
