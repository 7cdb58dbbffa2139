"""Every kind of vehicle can be asked for by name and says sensible things of itself."""

import typing

import pytest

from edge.config import VehicleSection
from edge.vehicles import KINDS, kind_named


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_kind_is_found_by_its_own_name(name):
    assert kind_named(name).name == name


def test_an_unknown_kind_is_refused_with_the_names_there_are():
    with pytest.raises(KeyError, match=r"'tram'.*van, contractor"):
        kind_named("tram")


def test_the_configuration_offers_exactly_these_kinds():
    offered = typing.get_args(typing.get_type_hints(VehicleSection)["kind"])
    assert set(offered) == set(KINDS)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_arrival_asks_for_standing_near_the_stop_for_some_seconds(name):
    kind = kind_named(name)
    assert 3 <= kind.arrival_radius_m <= 150
    assert 1 <= kind.arrival_dwell_s <= 30
    assert 0 < kind.arrival_max_speed_mps <= 2


def test_only_a_contractor_hides_where_it_is_outside_work():
    hiding = {name for name, kind in KINDS.items() if not kind.reports_outside_work}
    assert hiding == {"contractor"}
