"""D1: vans released in waves, forty with 180 stops each; a small cousin for every day."""

from itertools import pairwise

import pytest

from edge.messages.facts import DayClosed, LoadingStarted, ParcelEnded
from sim.run import run_scenario
from sim.scenario import load_scenario
from tests.scenarios.test_days import facts_of


@pytest.mark.parametrize(
    ("name", "most_h"),
    [("d1_small", 4), pytest.param("d1", 11.5, marks=pytest.mark.soak)],
)
def test_d1_a_day_in_waves_is_imported_driven_and_balanced(name, most_h, tmp_path):
    scenario = load_scenario(name)
    told = []
    result = run_scenario(scenario, 1, folder=tmp_path / "day", tell=told.append)
    assert (result.problems, result.good) == ((), True)
    assert not [line for line in told if line.startswith("not on any route")]
    assert sum(result.outcomes.values()) == result.parcels >= scenario.orders.stops
    waves, ended = [], []
    for group in scenario.groups:
        begins = []
        for vehicle in group.names():
            events = facts_of(tmp_path / "day", vehicle)
            (loads,) = [e.time for e in events if isinstance(e.data, LoadingStarted)]
            (closes,) = [e.time for e in events if isinstance(e.data, DayClosed)]
            assert 0 <= (loads - scenario.local(group.shift_start)).total_seconds() < 120
            assert (closes - loads).total_seconds() < most_h * 3600
            begins.append(loads)
            ended += [e.data.parcel_id for e in events if isinstance(e.data, ParcelEnded)]
        waves.append(begins)
    assert all(max(wave) < min(later) for wave, later in pairwise(waves))
    assert len(ended) == len(set(ended)) == result.parcels
