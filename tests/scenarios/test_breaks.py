"""A day with a break for every driver: taken once, and whole, whatever happens meanwhile."""

import pytest

from edge.messages.facts import BreakEnded, BreakStarted, DaemonStarted, LegStarted
from sim.run import run_scenario
from sim.scenario import load_scenario
from tests.scenarios.test_days import facts_of

pytestmark = [pytest.mark.soak, pytest.mark.xdist_group("breaks")]  # one day for all


@pytest.fixture(scope="module", name="day")
def _day(tmp_path_factory):
    folder = tmp_path_factory.mktemp("breaks") / "day"
    return run_scenario(load_scenario("breaks"), 1, folder=folder), folder


def test_the_books_balance_and_every_parcel_ends(day):
    result, _ = day
    assert (result.problems, result.good) == ((), True)
    assert sum(result.outcomes.values()) == result.parcels


@pytest.mark.parametrize("van", ["van-1", "van-2"])
def test_each_driver_takes_the_break_once_and_whole_and_drives_on(day, van):
    events = facts_of(day[1], van)
    facts = [event.data for event in events]
    began = [i for i, fact in enumerate(facts) if isinstance(fact, BreakStarted)]
    ended = [i for i, fact in enumerate(facts) if isinstance(fact, BreakEnded)]
    assert len(began) == len(ended) == 1
    assert facts[ended[0]].whole
    assert (events[ended[0]].time - events[began[0]].time).total_seconds() >= 1800
    assert not any(isinstance(f, LegStarted) for f in facts[began[0] : ended[0]])
    assert any(isinstance(f, LegStarted) for f in facts[ended[0] :])


def test_a_break_outlives_a_daemon_that_is_killed_in_the_midst_of_it(day):
    facts = [event.data for event in facts_of(day[1], "van-1")]
    began = next(i for i, fact in enumerate(facts) if isinstance(fact, BreakStarted))
    ended = next(i for i, fact in enumerate(facts) if isinstance(fact, BreakEnded))
    assert any(isinstance(fact, DaemonStarted) for fact in facts[began:ended])


@pytest.mark.soak
def test_the_same_seed_gives_the_same_day(day):
    again = run_scenario(load_scenario("breaks"), 1)
    assert again.log_sha256 == day[0].log_sha256
