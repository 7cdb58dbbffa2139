"""C2: eight hours without a broker, and the vehicle decides what it decides with one."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from edge.messages.facts import Arrived, ParcelEnded, PlanChanged
from sim.run import run_scenario
from sim.scenario import load_scenario
from tests.scenarios.test_days import facts_of


@pytest.mark.soak
def test_c2_eight_hours_without_a_broker_change_no_decision(tmp_path):
    alone = load_scenario("c2_broker_away")

    def day(scenario, folder):
        result = run_scenario(scenario, 1, folder=folder)
        assert result.good, result.problems
        return facts_of(folder, "van-1"), result

    with_one, _ = day(replace(alone, broker_down=()), tmp_path / "with")
    without, result = day(alone, tmp_path / "without")
    assert [event.data for event in without] == [event.data for event in with_one]
    assert result.facts == len(without)
    # The comparison means something: plans changed, and work was done, while it was away.
    began = alone.local("08:30")
    away = [e.data for e in without if began < e.time < began + timedelta(hours=8)]
    assert sum(isinstance(fact, PlanChanged) for fact in away) >= 2
    assert sum(isinstance(fact, Arrived) for fact in away) >= 50
    assert sum(isinstance(fact, ParcelEnded) for fact in away) >= 60
