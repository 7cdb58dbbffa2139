"""Whole days, by the shipped daemons and the shipped station, judged by their outcome."""

import json
import os
import subprocess
import sys
from itertools import pairwise

import pytest
from msgspec.structs import replace

from edge.messages.broker.wire import read_fact
from edge.messages.facts import Arrived, GnssLost, GnssRecovered, ParcelEnded, ScanRefused
from sim.depot.tally import facts_on_board
from sim.run import run_scenario
from sim.scenario import SHIPPED, Chaos, DeadZone, load_scenario

ELSEWHERE = {
    "breaks",
    "c2_broker_away",
    "contractor",
    "d1",
    "d1_small",
    "disruptions",
    "drone_day",
    "robot_day",
    "gps_outage",
    "porto_day",
}
"""Days that a test of their own drives, here or in the files beside this one."""
LONG = {"dead_zones", "first_day", "mixed_fleet", "one_van", "restarts"}
"""The demo is one of these; what strikes in the others strikes in the swarm's short days."""
NAMES = [
    pytest.param(name, marks=[pytest.mark.soak] if name in LONG else [])
    for name in sorted({file.stem for file in SHIPPED.glob("*.toml")} - ELSEWHERE)
]
ALL_FAULTS = """
name = "all_faults"
[fleet]
vehicles = 2
[orders]
stops = 14
pin_frac = 0.3
first_window = 8
last_window = 10
[cable]
split_frac = 0.3
loss_frac = 0.0002
damage_frac = 0.0005
[network]
jitter_s = 0.5
lost_frac = 0.1
twice_frac = 0.2
breaks_per_h = 20.0
[driver]
photo_kb = 150
lost_frac = 0.2
[chaos]
kills_per_h = 60.0
station_kills_per_h = 30.0
[[dead_zone]]
vehicle = "van-1"
at = "08:10"
minutes = 30
[[broker_down]]
at = "08:20"
minutes = 5
[[gnss_outage]]
vehicle = "van-2"
at = "08:15"
minutes = 20
how = "unplugged"
"""


def facts_of(folder, vehicle):
    (disk,) = (folder / vehicle).glob("disk-*")
    _, facts = facts_on_board(disk / "store")
    return [read_fact(sealed) for _, sealed in facts]


@pytest.mark.parametrize("name", NAMES)
def test_c6_every_shipped_day_ends_with_books_that_balance(name):
    result = run_scenario(load_scenario(name), 1)
    assert result.problems == ()
    assert result.good
    assert sum(result.outcomes.values()) == result.parcels > 40


@pytest.fixture(name="all_faults")
def _all_faults(tmp_path):
    path = tmp_path / "all_faults.toml"
    path.write_text(ALL_FAULTS)
    return path


@pytest.mark.parametrize("seed", [1])
def test_c3_after_any_mix_of_faults_every_parcel_has_one_outcome(all_faults, tmp_path, seed):
    result = run_scenario(load_scenario(str(all_faults)), seed, folder=tmp_path / "day")
    assert result.problems == ()
    assert (result.facts_lost, result.facts_counted_twice) == (0, 0)
    ended = [
        event.data.parcel_id
        for vehicle in ("van-1", "van-2")
        for event in facts_of(tmp_path / "day", vehicle)
        if isinstance(event.data, ParcelEnded)
    ]
    assert len(ended) == len(set(ended)) == result.parcels
    assert sum(result.outcomes.values()) == result.parcels


def test_c4_the_same_seed_gives_the_same_day_in_another_process(all_faults):
    def run(seed, hash_seed):
        return subprocess.Popen(
            [sys.executable, "-m", "sim", "run", str(all_faults), "--seed", seed, "--json"],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    days = [run("3", "1"), run("3", "2"), run("4", "1")]
    first, again, other = [json.loads(day.communicate()[0]) for day in days]
    for result in (first, again, other):
        del result["speed_factor"], result["wall_s"]
    assert first == again
    assert first["log_sha256"] != other["log_sha256"]


def test_c2_without_a_broker_the_vehicle_decides_as_with_one(tmp_path):
    scenario = load_scenario("one_van")
    scenario = replace(scenario, orders=replace(scenario.orders, stops=8))
    alone = replace(scenario, dead_zone=(DeadZone(at="07:59", minutes=480),))

    def decided(day, folder):
        result = run_scenario(day, 5, folder=folder)
        assert result.good, result.problems
        return [event.data for event in facts_of(folder, "van-1")], result

    with_one, _ = decided(scenario, tmp_path / "with")
    without, result = decided(alone, tmp_path / "without")
    assert without == with_one
    assert result.facts == len(without)


def test_f6_without_gps_stops_are_completed_and_proofs_say_no_fix(tmp_path):
    result = run_scenario(load_scenario("gps_outage"), 2, folder=tmp_path)
    assert result.good, result.problems
    assert sum(result.outcomes.values()) == result.parcels > 40
    events = facts_of(tmp_path, "van-2")
    turns = [e for e in events if isinstance(e.data, GnssLost | GnssRecovered)]
    outages = [pair for pair in pairwise(turns) if isinstance(pair[0].data, GnssLost)]
    lost, found = max(outages, key=lambda pair: pair[1].time - pair[0].time)
    meanwhile = [e.data for e in events if lost.seq < e.seq < found.seq]
    ended = [fact for fact in meanwhile if isinstance(fact, ParcelEnded)]
    assert len(ended) >= 5
    assert all(fact.place is None and fact.accuracy_m is None for fact in ended)
    arrived = [fact for fact in meanwhile if isinstance(fact, Arrived)]
    assert arrived
    assert all(fact.by == "driver" for fact in arrived)


def test_what_does_not_belong_on_the_van_is_refused_at_the_dock(tmp_path):
    result = run_scenario(load_scenario("contractor"), 1, folder=tmp_path)
    assert result.good, result.problems
    assert sum(result.outcomes.values()) == result.parcels > 40
    refused = [
        event.data.reason
        for vehicle in ("contractor-1", "contractor-2")
        for event in facts_of(tmp_path, vehicle)
        if isinstance(event.data, ScanRefused)
    ]
    assert {"not on this route", "scanned twice"} <= set(refused)
    assert result.outcomes["FAILED"] > 0
    assert result.outcomes["RETURNED"] > 0


def test_a_day_that_cannot_end_in_time_is_a_failed_one(tmp_path):
    scenario = load_scenario("one_van")
    short = replace(scenario, day=replace(scenario.day, limit_h=1.0))
    result = run_scenario(short, 1)
    assert not result.balanced
    assert result.problems[0].startswith("not over after 1.0 h: van-1 is ")


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 200))
def test_a_hundred_days_of_faults(all_faults, seed):
    scenario = load_scenario(str(all_faults))
    result = run_scenario(
        replace(scenario, chaos=Chaos(kills_per_h=200.0, station_kills_per_h=100.0)), seed
    )
    assert result.good, result.problems
