import pytest
from msgspec.structs import replace

from edge.errors import ConfigError, RefusedError
from sim.checks.findings import Finding
from sim.compare.compare import Trial, calm, compare, figures_of, seeds_of, table
from sim.run import run_scenario
from sim.scenario import Day, Fleet, Scenario, load_scenario
from sim.town.orders import OrderBook
from sim.town.town import TownSize

SMALL = Scenario(
    name="small",
    town=TownSize(avenues=6, streets=6, bridges=2),
    fleet=Fleet(vehicles=1),
    orders=OrderBook(stops=8, window_frac=1.0, hour_frac=0.5, first_window=8, last_window=9),
)


@pytest.mark.parametrize(
    ("text", "seeds"), [("1:4", (1, 2, 3)), ("7", (7,)), ("0:1", (0,)), ("9:11", (9, 10))]
)
def test_seeds_are_from_a_up_to_but_without_b(text, seeds):
    assert seeds_of(text) == seeds


@pytest.mark.parametrize("text", ["", "a:b", "3:3", "4:2", ":5", "1:2:3", "-1:2"])
def test_seeds_that_are_none_are_answered(text):
    with pytest.raises(ConfigError, match="--seeds"):
        seeds_of(text)


def test_a_comparison_drives_each_seed_both_ways_and_adds_the_figures_up():
    told = []
    found = compare(SMALL, (1, 2), jobs=1, tell=told.append)
    with_it, without = found.rows
    assert (with_it.replanning, without.replanning) == (True, False)
    assert [day.seed for day in with_it.seeds] == [day.seed for day in without.seeds] == [1, 2]
    assert with_it.promises == without.promises == 16
    assert sum(day.figures.kept for day in with_it.seeds) == round(with_it.kept_pct * 0.16)
    assert all(day.figures.plans == 1 for day in without.seeds)
    assert found.gained_points == pytest.approx(with_it.kept_pct - without.kept_pct, abs=0.01)
    assert len(told) == 4
    head, *lines = table(found)
    assert "kept %" in head
    assert lines[0].split()[:2] == ["with", "16"]
    assert lines[1].split()[:2] == ["without", "16"]
    assert "2 days of 'small'" in lines[2]


def test_a_day_that_does_not_balance_ends_the_comparison():
    endless = replace(SMALL, day=Day(limit_h=0.5))
    with pytest.raises(RefusedError, match="seed 3: not over after"):
        compare(endless, (3,), jobs=1)


def test_lateness_in_silence_is_wrong_only_where_it_could_be_foreseen():
    silent = Finding(
        checker="promises", vehicle="van-1", what="N1 was late by 0:09, in silence"
    )
    day = replace(run_scenario(SMALL, 1), findings=(silent,))
    assert figures_of(Trial(SMALL, 1, replanning=False), day) == day.figures
    with pytest.raises(RefusedError, match="seed 1: N1 was late by 0:09"):
        figures_of(Trial(SMALL, 1, replanning=True), day)


def test_a_calm_day_is_the_same_day_without_disruptions():
    stormy = load_scenario("disruptions")
    assert stormy.road_closed
    assert stormy.traffic
    still = calm(stormy)
    assert (still.road_closed, still.traffic) == ((), ())
    assert (still.orders, still.news) == (stormy.orders, stormy.news)
