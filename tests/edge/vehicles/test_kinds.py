"""Every kind of vehicle can be asked for by name and says sensible things of itself."""

import typing

import pytest

from edge.config import VehicleSection
from edge.pilot.crafts import CRAFTS
from edge.vehicles import KINDS, MACHINES, kind_named
from edge.vehicles.jurisdictions import JURISDICTIONS, WALKING_PACE


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


def test_vehicle_toml_may_name_the_machines_that_the_pilot_can_move():
    assert set(MACHINES) == {"drone", "robot"}
    assert set(MACHINES) & set(KINDS) == set(CRAFTS)


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_a_machine_says_sensible_things_of_itself(name):
    kind = MACHINES[name]
    figures = kind.machine
    assert kind.name == name
    assert kind.departs_by_itself
    assert 1 <= kind.arrival_radius_m <= 15
    motion, energy, weather = figures.motion, figures.energy, figures.weather
    assert 0 < motion.speed_mps <= 20
    assert 1 <= motion.braking_mps2 <= 5
    assert 0 < motion.reaction_s <= 0.5
    assert (motion.highest_m > 0) == (figures.moves == "air")
    assert energy.reserve_j > energy.level_w * 120  # two minutes
    assert energy.airspeed_mps <= motion.speed_mps
    assert weather.most_wind_mps < weather.most_gust_mps
    assert weather.least_temp_c < weather.most_temp_c
    assert "lid" in figures.parts or "winch" in figures.parts


def test_no_jurisdiction_is_faster_than_a_robot_or_faster_among_people():
    fastest_mps = MACHINES["robot"].machine.motion.speed_mps
    for law in JURISDICTIONS.values():
        assert law.shared_mps <= law.crossing_mps <= law.footway_mps <= fastest_mps
    assert WALKING_PACE.footway_mps == 1.8
