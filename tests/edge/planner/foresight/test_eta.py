"""Arrivals with their spread: calibrated on days by chance, robust, shrunk to a prior."""

import math
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.planner.foresight.eta import (
    ODD,
    SPREADS,
    Paces,
    Span,
    arrivals,
    learnt,
    outlook,
)
from tests.edge.planner.foresight.days import Town, day

TOWNS = {
    "as assumed": Town(),
    "slow": Town(leg_bias=0.15, service_bias=0.2),
    "fast": Town(leg_bias=-0.1),
    "calm": Town(leg_spread=0.15, service_spread=0.3, leg_day_spread=0.05),
    "wild": Town(leg_spread=0.4, service_spread=0.6),
}


def taught(driven, paces=None):
    paces = paces or Paces()
    for one in driven:
        paces = paces.learn_leg(one.leg_s, one.real_leg_s)
        paces = paces.learn_service(one.service_s, one.real_service_s)
    return paces


def covered(town, *, known, ahead, days=250):
    """Return which share of arrivals came before their P10, P50 and P90."""
    rng, before = Random(1), [0, 0, 0]
    for _ in range(days):
        driven = day(rng, town)
        paces = taught(driven[:known])
        rest = driven[known : known + ahead]
        seen = arrivals([Span(one.leg_s, one.service_s) for one in rest], paces)[-1]
        real_s = sum(one.real_leg_s + one.real_service_s for one in rest)
        real_s -= rest[-1].real_service_s
        for place, quantile_s in enumerate((seen.p10_s, seen.p50_s, seen.p90_s)):
            before[place] += real_s <= quantile_s
    return [share / days for share in before]


@pytest.mark.parametrize("ahead", [1, 5, 20])
@pytest.mark.parametrize("name", ["as assumed", "fast"])
def test_p90_covers_85_to_95_percent_once_the_day_has_taught(name, ahead):
    p10, p50, p90 = covered(TOWNS[name], known=25, ahead=ahead)
    assert 0.85 <= p90 <= 0.95
    assert 0.35 <= p50 <= 0.65
    assert p10 <= 0.2


@pytest.mark.parametrize("name", TOWNS)
def test_no_town_is_far_out_once_the_day_has_taught(name):
    _, _, p90 = covered(TOWNS[name], known=25, ahead=8)
    assert 0.78 <= p90 <= 0.98


def test_p90_covers_85_to_95_percent_from_the_first_stop_of_an_average_day():
    for ahead in (1, 5, 20):
        assert 0.85 <= covered(TOWNS["as assumed"], known=0, ahead=ahead)[2] <= 0.95


def test_the_first_leg_of_the_day_decides_nothing():
    one = Paces().learn_leg(300.0, 900.0)
    assert learnt(one).long_leg < 1.3  # it took three times as long
    assert learnt(Paces()).long_leg == 1.0


def test_a_day_that_is_half_as_fast_again_is_learnt():
    paces = Paces()
    for _ in range(40):
        paces = paces.learn_leg(300.0, 450.0)
    assert 1.35 < learnt(paces).long_leg < 1.5
    assert learnt(paces).short_leg == 1.0


def test_one_lunch_break_is_cut_off():
    calm = Paces()
    for _ in range(20):
        calm = calm.learn_service(120.0, 120.0)
    lunch = calm.learn_service(120.0, 3600.0)
    assert learnt(lunch).service <= math.exp(ODD / 21)


def test_what_is_too_short_to_say_anything_says_nothing():
    assert Paces().learn_leg(5.0, 300.0) == Paces()
    assert Paces().learn_service(120.0, 0.0) == Paces()


def test_a_wait_for_a_window_swallows_the_spread():
    loose = [Span(600.0, 120.0)] * 6
    waits = [*loose[:3], Span(600.0, 120.0, ((30_000.0, 40_000.0),)), *loose[:2]]
    free, held = arrivals(loose, Paces())[-1], arrivals(waits, Paces())[-1]
    assert held.mean_s > 30_000
    assert held.deviation_s < free.deviation_s


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 4000), st.floats(0, 4000), st.floats(0, 50_000)), max_size=30
    ),
    st.lists(st.tuples(st.floats(0, 5000), st.floats(0, 50_000)), max_size=40),
)
def test_quantiles_rise_with_their_order_and_along_the_route(legs, known):
    paces = Paces()
    for planned_s, real_s in known:
        paces = paces.learn_leg(planned_s, real_s).learn_service(planned_s, real_s)
    for kind in SPREADS:
        seen = outlook(paces.of(kind), kind)
        assert 0.1 < seen.mean < 20
        assert 0 < seen.bias_deviation < 10
    spans = [Span(leg, service, ((opens, opens + 900),)) for leg, service, opens in legs]
    told = arrivals(spans, paces)
    assert len(told) == len(spans)
    for one in told:
        assert one.p10_s <= one.p50_s <= one.p90_s
        assert 0.0 <= one.chance_after(1800.0) <= 1.0
    means = [one.mean_s for one in told]
    assert means == sorted(means)
