"""Days on which the simulator once found a bug: they stay good."""

import pytest

from sim.run import run_scenario
from sim.scenario import SHIPPED, load_scenario

FILES = sorted((SHIPPED / "regressions").glob("*.toml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_day_that_once_found_a_bug_stays_good(file):
    scenario = load_scenario(str(file))
    result = run_scenario(scenario, scenario.seed or 1)
    assert result.good, (result.problems, result.findings)
    assert result.struck
