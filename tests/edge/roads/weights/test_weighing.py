"""What the conditions do to weights: as said, to whom it concerns, and undone when they end."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.conditions.layers import NO_LAYERS
from edge.messages.conditions import (
    Circle,
    Closure,
    Layer,
    Polygon,
    SegmentSpeed,
    TrafficFactor,
    Weather,
    Zone,
)
from edge.roads.classes import CLASS_INDEX
from edge.roads.weights import Weighing, base_ms, weights_ms
from tests.edge.roads.towns import Street, arc_between, at, grid_town, town

FROM = datetime(2026, 5, 5, 8, tzinfo=UTC)
UNTIL = FROM + timedelta(hours=2)
NOW = FROM + timedelta(minutes=10)
EVERYWHERE = Circle(centre=at(200, 200), radius_m=5000)
CORNER = Circle(centre=at(0, 0), radius_m=50)


def layers_of(expires_utc=UNTIL, **content):
    layer = Layer(name="l", version=1, issued_utc=FROM, expires_utc=expires_utc, **content)
    return NO_LAYERS.take(layer, FROM)


def weighed(graph=None, user="van", kind="van", utc=NOW, **content):
    return Weighing(graph or grid_town(), user, kind).weights_ms(layers_of(**content), utc)


def factor(value=2.0, **more):
    return TrafficFactor(from_utc=FROM, until_utc=UNTIL, factor=value, **more)


def zone(kind="hard", area=CORNER, **more):
    return Zone(zone_id="z", kind=kind, area=area, **more)


def test_without_conditions_the_base_holds():
    graph = grid_town()
    assert (weights_ms(graph, "van", NO_LAYERS, NOW) == base_ms(graph, "van")).all()


def test_a_live_speed_counts_in_its_direction():
    graph = grid_town()
    arc, back = arc_between(graph, 1, 2), arc_between(graph, 2, 1)
    weights = weighed(graph, segments=(SegmentSpeed(2, 3, 9),))  # OSM node n + 1 is node n
    assert weights[arc] == pytest.approx(100 / 9 * 3600, rel=1e-3)
    assert weights[back] == base_ms(graph, "van")[back]
    assert np.count_nonzero(weights != base_ms(graph, "van")) == 1


def test_a_live_speed_of_nothing_closes():
    graph = grid_town()
    weights = weighed(graph, segments=(SegmentSpeed(2, 3, 0),))
    assert weights[arc_between(graph, 1, 2)] == -1
    assert np.count_nonzero(weights == -1) == 1


def test_pairs_the_map_does_not_know_do_nothing():
    speeds = (SegmentSpeed(1, 30, 9), SegmentSpeed(977, 978, 0))
    assert (weighed(segments=speeds) == base_ms(grid_town(), "van")).all()


def test_traffic_does_not_hold_up_who_walks_or_cycles():
    for user in ("foot", "bicycle"):
        weights = weighed(user=user, kind="robot", segments=(SegmentSpeed(2, 3, 0),))
        assert (weights == base_ms(grid_town(), user)).all()


def test_a_factor_stretches_what_lies_in_its_area():
    graph = grid_town()
    weights, base = weighed(graph, factors=(factor(2.0, area=CORNER),)), base_ms(graph, "van")
    near, far = arc_between(graph, 0, 1), arc_between(graph, 20, 21)
    assert weights[near] == pytest.approx(1.5 * base[near], rel=0.11)  # half of it is inside
    assert weights[far] == base[far]


def test_factors_multiply():
    weights, base = weighed(factors=(factor(2.0), factor(1.5))), base_ms(grid_town(), "van")
    assert weights == pytest.approx(base * 3.0, abs=1)


def test_a_factor_may_be_for_some_classes_and_kinds():
    more = (("arc_class", CLASS_INDEX["primary"]),)
    graph = town([(0, 0), (100, 0), (200, 0)], [Street((0, 1), more=more), Street((1, 2))])
    base = base_ms(graph, "van")
    primary = graph.arc_class == CLASS_INDEX["primary"]
    stretched = weighed(graph, factors=(factor(2.0, road_classes=("primary",)),)) != base
    assert (stretched == primary).all()
    robots = (factor(2.0, vehicle_kinds=("robot",)),)
    assert (weighed(graph, factors=robots) == base).all()
    assert (weighed(graph, kind="robot", factors=robots) > base).all()


def test_a_closure_closes():
    line = (at(100, 3), at(200, 3))
    weights = weighed(closures=(Closure(from_utc=FROM, until_utc=UNTIL, line=line),))
    assert np.count_nonzero(weights == -1) == 2


@pytest.mark.parametrize(
    ("kind", "closes"), [("hard", True), ("permit", True), ("avoid", False)]
)
def test_a_zone_closes_what_touches_it_or_makes_it_dear(kind, closes):
    graph = grid_town()
    weights, base = weighed(graph, zones=(zone(kind),)), base_ms(graph, "van")
    changed = np.flatnonzero(weights != base)
    assert {int(graph.arc_tail[arc]) for arc in changed} == {0, 1, 6}
    assert ((weights[changed] == -1) == closes).all()
    if not closes:
        assert weights[changed] == pytest.approx(5.0 * base[changed], abs=3)


def test_a_zone_of_the_air_or_of_others_leaves_roads_alone():
    base = base_ms(grid_town(), "van")
    for other in (
        zone(lower_m=60.0, lower_reference="AGL", upper_m=120.0),
        zone(applies_to=("drone",)),
    ):
        assert (weighed(zones=(other,)) == base).all()
    low = zone(lower_m=0.0, lower_reference="AGL", upper_m=120.0)
    assert (weighed(zones=(low,)) == -1).any()


def test_rain_slows_a_van_down_and_its_end_ends_that():
    rain = Weather(from_utc=FROM, until_utc=UNTIL, rain_mm_h=20.0)
    weights, base = weighed(weather=(rain,)), base_ms(grid_town(), "van")
    assert (weights > base).all()
    assert (weighed(weather=(rain,), expires_utc=UNTIL, utc=UNTIL) == base).all()


def test_weather_holds_where_it_is():
    graph = town([(0, 0), (100, 0), (30_000, 0), (30_100, 0)], [Street((0, 1, 2, 3))])
    rain = Weather(
        from_utc=FROM,
        until_utc=UNTIL,
        rain_mm_h=20.0,
        area=Circle(centre=at(0, 0), radius_m=3000),
    )
    wet = weighed(graph, weather=(rain,)) > base_ms(graph, "van")
    assert wet[arc_between(graph, 0, 1)]
    assert not wet[arc_between(graph, 2, 3)]


ITEMS = st.lists(
    st.sampled_from(
        [
            {"factors": (factor(3.0, area=CORNER),)},
            {"factors": (factor(1.4),)},
            {"zones": (zone(),)},
            {"zones": (zone("avoid", Polygon(outer=(at(50, 50), at(350, 60), at(200, 300)))),)},
            {"segments": (SegmentSpeed(2, 3, 4), SegmentSpeed(9, 8, 0))},
            {
                "closures": (
                    Closure(from_utc=FROM, until_utc=UNTIL, line=(at(0, 2), at(90, 2))),
                )
            },
            {"weather": (Weather(from_utc=FROM, until_utc=UNTIL, snow_cm_h=5.0),)},
        ]
    ),
    max_size=7,
)


@settings(max_examples=40, deadline=None)
@given(ITEMS, st.randoms(use_true_random=False))
def test_the_end_of_a_layer_undoes_exactly_what_it_did(items, chance):
    graph = grid_town()
    weighing = Weighing(graph, "van")
    layers, before = NO_LAYERS, []
    for number, content in enumerate(items):
        lasts = timedelta(minutes=60 - number)  # the last to come is the first to go
        layer = Layer(
            name=f"l{number}", version=1, issued_utc=FROM, expires_utc=FROM + lasts, **content
        )
        before.append((FROM + lasts, weighing.weights_ms(layers, NOW)))
        layers = layers.take(layer, FROM)
    chance.shuffle(before)
    for gone_utc, weights in before:
        assert (weighing.weights_ms(layers, gone_utc) == weights).all()
        fresh = Weighing(graph, "van").weights_ms(layers.without_expired(gone_utc), gone_utc)
        assert (fresh == weights).all()
