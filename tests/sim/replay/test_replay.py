"""A recorded day of kills lived again: every fact byte for byte; damage is named; what if."""

import json
import subprocess
import sys

import pytest
from msgspec.structs import replace

from edge.config import PlannerSection
from edge.errors import ConfigError
from edge.record.shelf import tapes_of
from edge.record.tape import TapeError
from sim.replay.replay import key_of, read_day, replay_day
from sim.replay.what_if import what_if
from sim.run import PLAN_ROUNDS, run_scenario
from sim.scenario import Chaos, Day, Fleet, Scenario
from sim.town.orders import OrderBook
from sim.town.town import TownSize
from sim.wire import NetworkFaults, WireFaults

DAY = Scenario(
    name="recorded",
    day=Day(opens="07:55"),
    town=TownSize(avenues=6, streets=6, block_m=80.0),
    fleet=Fleet(vehicles=2, capacity_kg=80.0),
    orders=OrderBook(stops=8, window_frac=0.0, pin_frac=0.3),
    network=NetworkFaults(jitter_s=0.4, lost_frac=0.1, twice_frac=0.2, breaks_per_h=20.0),
    cable=WireFaults(split_frac=0.3, loss_frac=0.0002, damage_frac=0.0005),
    chaos=Chaos(kills_per_h=40.0, station_kills_per_h=10.0),
)


@pytest.fixture(name="day", scope="module")
def _day(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recorded")
    result = run_scenario(DAY, 1, folder=folder, record=True)
    assert result.good
    assert result.log_sha256 == run_scenario(DAY, 1).log_sha256, "recording changed the day"
    return folder


def tapes_in(day, vehicle):
    (disk,) = (day / vehicle).glob("disk-*")
    return disk / "store" / "record" / "2026-11-23"


@pytest.mark.parametrize("vehicle", ["van-1", "van-2"])
def test_a_day_with_kills_is_lived_again_to_the_identical_log(day, vehicle):
    tapes = read_day(tapes_in(day, vehicle))
    replayed = replay_day(tapes, key=key_of(tapes[0], None))
    assert replayed.differences == ()
    assert replayed.identical
    assert replayed.log_sha256 == replayed.recorded_sha256
    assert replayed.lives > 4
    assert replayed.facts == replayed.recorded > 30


def test_a_fact_that_comes_out_otherwise_is_named(day):
    tapes = read_day(tapes_in(day, "van-1"))
    other = key_of(read_day(tapes_in(day, "van-2"))[0], None)
    signed = replay_day(tapes, key=other)
    assert signed.same
    assert not signed.identical, "another key seals other bytes"
    mute = [replace(tape, entries=tape.entries[:40]) for tape in tapes]
    replayed = replay_day(mute, key=key_of(tapes[0], None))
    assert not replayed.same
    assert "is missing" in replayed.differences[-1]


def test_a_torn_end_is_left_out_and_damage_is_named_with_its_place(day, tmp_path):
    whole = tapes_of(tapes_in(day, "van-1"))[0].read_bytes()
    file = tmp_path / "000001.tape"
    file.write_bytes(whole[:-7])
    (tape,) = read_day(file)
    assert tape.torn_b > 0
    assert tape.entries
    spoilt = bytearray(whole)
    spoilt[len(whole) - 7] ^= 4
    file.write_bytes(spoilt)
    with pytest.raises(TapeError, match=r"000001\.tape: damaged at byte \d+: its checksum"):
        read_day(file)
    file.write_bytes(b"%PDF" + whole)
    with pytest.raises(TapeError, match="byte 0: no tape"):
        read_day(file)
    with pytest.raises(ConfigError, match="no tapes here"):
        read_day(tmp_path / "nothing")
    with pytest.raises(ConfigError, match="tapes of van-1, van-2"):
        read_day(day)


def test_another_policy_makes_other_plans_of_the_same_day(day):
    tapes = read_day(tapes_in(day, "van-1"))
    key = key_of(tapes[0], None)
    same = what_if(tapes, PlannerSection(max_iterations=PLAN_ROUNDS), key=key)
    assert same.planned == same.recorded
    assert (same.first_other, same.parted) == (None, None)
    fixed = what_if(tapes, PlannerSection(replanning=False, max_iterations=1), key=key)
    assert len(fixed.planned) == 1
    assert fixed.recorded == same.recorded


def test_the_command_line_replays_and_draws(day, tmp_path):
    picture = tmp_path / "day.svg"
    done = subprocess.run(
        [sys.executable, "-m", "sim", "replay", tapes_in(day, "van-2"), "--json",
         "--plot", picture],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["identical"]
    drawn = picture.read_text(encoding="utf-8")
    for word in ("phase", "broker", "faults", "underway", "daemon killed", "polyline"):
        assert word in drawn
