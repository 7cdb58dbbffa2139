"""The swarm finds planted bugs, makes their days small, and what it writes fails again."""

import json
import subprocess
import sys

import msgspec
import pytest
from msgspec.structs import replace

from edge.errors import ConfigError
from edge.guard import guard
from sim.scenario import load_scenario
from sim.swarm.random_day import KINDS, random_day
from sim.swarm.swarm import Swarmed, Wanted, swarm
from sim.swarm.trial import Trial, Workers, try_day
from tests.sim.swarm import plants

CREWED = ("van", "contractor")
SHORT_MIN = 3.0
FINDS_IT, FOUND_BY_H = 6, 0.061


def plant(name):
    return f"{plants.__name__}:{name}"


@pytest.mark.xdist_group("swarm")
@pytest.mark.parametrize(
    ("bug", "tries", "most_faults"),
    [
        ("sequence_reset", 8, 4),
        pytest.param("sequence_reset", 60, 1, marks=pytest.mark.soak),
        pytest.param("acknowledged_before_commit", 60, 3, marks=pytest.mark.soak),
    ],
)
def test_a_planted_bug_is_found_made_small_and_fails_again(bug, tries, most_faults, tmp_path):
    told = []
    wanted = Wanted(
        seeds=range(500), minutes=SHORT_MIN, kinds=("van",), jobs=1, tries=tries,
        out=tmp_path, plant=plant(bug),
    )  # fmt: skip
    found = swarm(wanted, told.append)
    (failure,) = found.failures
    assert failure.checker in ("C1", "C3")  # the books miss what the numbers miss
    assert found.days <= 500
    small = load_scenario(failure.scenario)
    assert len(small.fault) <= most_faults, told
    assert small.seed == failure.seed
    assert try_day(Trial(small.seed, small)).findings == ()
    workers = Workers(1, 60.0)
    try:
        again = workers.one(Trial(small.seed, small, plant(bug)))
    finally:
        workers.close()
    assert failure.checker in {finding.checker for finding in again.findings}


@pytest.mark.soak
def test_a_rule_that_the_guard_lost_is_found_within_500_seeds(tmp_path):
    wanted = Wanted(
        seeds=range(500), minutes=SHORT_MIN, kinds=("robot",), jobs=2, tries=0,
        out=tmp_path, plant=plant("no_yielding"), keep_going=False,
    )  # fmt: skip
    told = []
    swarm(wanted, told.append)
    assert "guard: robot-1: it goes on at" in "".join(told), told


def test_the_swarm_sees_that_the_guard_lost_its_rule_about_people(monkeypatch):
    """The seed is the first of those that find it; its day is cut off soon after."""
    day = random_day(FINDS_IT, minutes=SHORT_MIN, kinds=("robot",))
    day = replace(day, day=replace(day.day, limit_h=FOUND_BY_H))

    def found():
        return {f.what for f in try_day(Trial(FINDS_IT, day)).findings if f.checker == "guard"}

    assert found() == set()
    for rules in ("ON_THE_GROUND", "WATCHED_ON_THE_GROUND"):
        monkeypatch.setattr(guard, rules, getattr(guard, rules))  # put back at the end
    plants.no_yielding()
    (what,) = found()
    assert "into somebody before it" in what


def test_a_day_that_dies_or_hangs_is_a_failure_and_harms_no_other():
    day = random_day(1, minutes=SHORT_MIN, kinds=("van",))
    patient, hasty = Workers(1, 120.0), Workers(1, 2.0)
    try:
        died = patient.one(Trial(1, day, plant("exits")))
        hung = hasty.one(Trial(1, day, plant("hangs")))
    finally:
        patient.close()
        hasty.close()
    assert [f.checker for f in died.findings] == ["crash"]
    assert [f.checker for f in hung.findings] == ["hang"]
    assert "more than 2 s" in hung.findings[0].what


@pytest.mark.parametrize("minutes", [SHORT_MIN, 60.0])
def test_random_days_have_somebody_at_work_and_five_faults(minutes):
    kinds = set()
    for seed in range(200):
        day = random_day(seed, minutes=minutes)
        assert day == random_day(seed, minutes=minutes)
        assert len(day.fault) >= 5
        assert day.faults is None
        kinds |= {group.kind for group in day.groups}
    assert kinds == set(KINDS)


def test_the_command_line_says_what_came_of_it(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "sim", "swarm", "--seeds", "0:2", "--minutes", "3",
         "--kinds", "van", "--jobs", "1", "--out", tmp_path, "--json"],
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert set(answer) == set(Swarmed.__struct_fields__)
    assert answer["days"] == 2
    assert answer["facts_lost"] == answer["facts_counted_twice"] == 0
    assert answer["faults"] >= 8
    assert "never struck" in done.stderr
    assert msgspec.json.decode(done.stdout, type=Swarmed).failures == ()


def test_a_swarm_that_was_ended_goes_on_where_it_was(tmp_path):
    log = tmp_path / "days.jsonl"

    def asked(seeds, minutes=SHORT_MIN):
        return Wanted(
            seeds=seeds, minutes=minutes, kinds=("van",), jobs=1, out=tmp_path, log=log
        )

    begun = swarm(asked(range(1)))
    lines = log.read_bytes()
    log.write_bytes(lines + lines.splitlines()[1][:40])  # killed while it wrote the next
    whole = swarm(asked(range(2)))
    assert (begun.days, whole.days) == (1, 2)
    assert len(log.read_bytes().splitlines()) == 3
    with pytest.raises(ConfigError, match="of another swarm"):
        swarm(asked(range(2), minutes=4.0))
    log.write_bytes(b"{}\n")
    with pytest.raises(ConfigError, match="line 1"):
        swarm(asked(range(2)))


@pytest.mark.xdist_group("swarm")
def test_200_short_days_pass(tmp_path):
    """About a minute of processor time; the days of an hour are `make soak`'s."""
    found = swarm(
        Wanted(seeds=range(200), minutes=SHORT_MIN, kinds=CREWED, jobs=2, out=tmp_path)
    )
    assert found.failures == ()
    assert found.days == 200
    assert found.kills > 50
    assert found.power_cuts > 50
    assert found.coverage_pct >= 95


@pytest.mark.soak
def test_10000_days_of_an_hour_pass_every_checker(tmp_path):
    told = []
    found = swarm(Wanted(seeds=range(10_000), minutes=12.0, out=tmp_path), told.append)
    assert found.failures == (), told
    assert found.facts_lost == found.facts_counted_twice == 0
    assert found.kills >= 10_000
    assert found.power_cuts >= 5_000
    assert found.coverage_pct >= 95, told[-1]
