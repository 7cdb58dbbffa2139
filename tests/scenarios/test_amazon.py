"""Recorded routes of the Amazon challenge, each driven to the end with its own travel times."""

import pytest

from sim.run import run_scenario
from sim.scenario import load_scenario

QUICK = ("00575ca4",)
LONG = (
    "008bf177",
    "0016bc70",
    "00337a3a",
    "00092558",
    "001b4ee3",
    "0036cf37",
    "00573a3d",
    "00ae3f5e",
    "00da9f9b",
)


@pytest.mark.parametrize(
    "route", [*QUICK, *(pytest.param(route, marks=pytest.mark.soak) for route in LONG)]
)
def test_every_parcel_of_a_recorded_route_has_one_outcome(shared, route):
    file = shared / "data" / "planning" / "amazon" / f"RouteID_{route}.json.gz"
    result = run_scenario(load_scenario("one_van"), 1, amazon=file)
    assert result.problems == ()
    assert result.good
    assert sum(result.outcomes.values()) == result.parcels > 100
