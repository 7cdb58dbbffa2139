"""Days on which the simulator once found a bug: they stay good."""

import pytest

from sim.run import run_scenario
from sim.scenario import SHIPPED, load_scenario

FILES = sorted((SHIPPED / "regressions").glob("*.toml"))
LONG = {"autopilot_that_began_anew"}  # a robot's day takes a quarter of a minute


def _marked(file):
    return pytest.param(file, marks=pytest.mark.soak if file.stem in LONG else ())


@pytest.mark.parametrize(
    "file", [_marked(file) for file in FILES], ids=[file.stem for file in FILES]
)
def test_a_day_that_once_found_a_bug_stays_good(file):
    scenario = load_scenario(str(file))
    result = run_scenario(scenario, scenario.seed or 1)
    assert result.good, (result.problems, result.findings)
    assert result.struck
