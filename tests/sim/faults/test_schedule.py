"""The schedule of a day's faults: drawn from the seed, written as TOML, the same day again."""

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from edge.errors import ConfigError
from sim.faults.computers import Kill, PowerCut
from sim.faults.drawing import LOTS
from sim.faults.fault import NAMES, Fault, Faults
from sim.faults.network import LinkLoss, Poison
from sim.faults.schedule import draw, kinds_of
from sim.faults.striking.play import STRIKES
from sim.run import run_scenario
from sim.scenario import Group, load_scenario

DAY = load_scenario("one_van")
MANY = replace(DAY, faults=Faults(per_h=200, hours=5))
SHORT = replace(DAY, orders=replace(DAY.orders, stops=3, first_window=8, last_window=9))


def test_every_kind_of_fault_can_be_drawn_and_strikes_somehow():
    assert set(NAMES) == set(LOTS) == set(STRIKES)


def test_a_seed_draws_the_same_faults_in_order_and_another_one_others():
    drawn = draw(MANY, 1)
    assert drawn == draw(MANY, 1) != draw(MANY, 2)
    assert [fault.at_s for fault in drawn] == sorted(fault.at_s for fault in drawn)
    assert {fault.name for fault in drawn} == set(kinds_of(MANY))
    assert all(fault.at_s <= 5 * 3600 for fault in drawn)


def test_every_drawn_fault_survives_being_written_and_read():
    mixed = (Group(name="drone", kind="drone"), Group(name="robot", kind="robot"))
    drawn = draw(replace(MANY, group=mixed, faults=Faults(per_h=600, hours=5)), 3)
    assert msgspec.convert(msgspec.to_builtins(drawn), tuple[Fault, ...]) == drawn
    assert {"stuck_lid", "autopilot_reboot"} <= {fault.name for fault in drawn}


def test_only_and_never_bound_what_is_drawn():
    bounds = Faults(per_h=200, only=("kill", "power_cut", "delay"), never=("delay",))
    assert {each.name for each in draw(replace(DAY, faults=bounds), 1)} == {"kill", "power_cut"}
    with pytest.raises(ConfigError, match="no fault 'meteor'"):
        draw(replace(DAY, faults=Faults(only=("meteor",))), 1)
    with pytest.raises(ConfigError, match="nothing that could strike"):
        draw(replace(DAY, faults=Faults(only=("stuck_lid",))), 1)


def test_named_faults_in_a_file_are_read_and_a_vehicle_that_is_not_there_is_an_error(tmp_path):
    file = Path(tmp_path / "day.toml")
    file.write_text(
        'name = "d"\n[[fault]]\nkind = "power_cut"\nat_s = 900.5\n'
        'vehicle = "van-1"\nwrites = 3\n'
    )
    assert load_scenario(str(file)).fault == (PowerCut(vehicle="van-1", at_s=900.5, writes=3),)
    file.write_text('name = "d"\n[[fault]]\nkind = "kill"\nat_s = 1\nvehicle = "van-9"\n')
    with pytest.raises(ConfigError, match="no vehicle 'van-9'"):
        load_scenario(str(file))


def test_c4_drawn_or_named_the_faults_make_the_same_day_and_the_books_balance():
    drawn = replace(SHORT, faults=Faults(per_h=60, hours=0.6))
    named = replace(SHORT, fault=draw(drawn, 5))
    first, again = run_scenario(drawn, 5), run_scenario(named, 5)
    assert first.good, (first.problems, first.findings)
    assert len(first.struck) > 15
    assert (first.log_sha256, first.struck) == (again.log_sha256, again.struck)


def test_a_fault_says_whom_it_struck_when_and_at_what():
    faults = (
        PowerCut(vehicle="van-1", at_s=900.0, writes=2, turns=3),
        Kill(vehicle="station", at_s=1000.0),
        LinkLoss(vehicle="*", at_s=1100.0, lasts_s=30.0),
        Poison(vehicle="van-1", at_s=1200.0),
    )
    result = run_scenario(replace(SHORT, fault=faults), 1)
    assert result.good, (result.problems, result.findings)
    assert [(each.fault, each.vehicle, each.vehicle_kind) for each in result.struck] == [
        ("power_cut", "van-1", "van"),
        ("kill", "station", "station"),
        ("link_loss", "van-1", "van"),
        ("poison", "van-1", "van"),
    ]
    cut = result.struck[0]
    assert 900.0 < cut.at_s < 930.0
    assert cut.sub_state in {"loading", "underway", "at_stop"}
