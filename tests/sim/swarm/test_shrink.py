"""Delta debugging, on days that nobody has to run; what is written is read back the same."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.faults.computers import Kill, PowerCut
from sim.faults.network import LinkLoss
from sim.scenario import Group, Scenario, load_scenario
from sim.swarm.coverage import Coverage, reachable
from sim.swarm.random_day import random_day
from sim.swarm.shrink import minimal, shrink
from sim.swarm.toml import to_toml


@given(st.sets(st.integers(0, 40), min_size=1, max_size=4))
def test_the_minimal_parts_are_exactly_those_that_matter(needed):
    assert set(minimal(range(41), lambda parts: needed <= set(parts))) == needed


def test_nothing_is_needed_of_what_fails_anyway():
    assert minimal(range(9), lambda _parts: True) == []


def test_a_day_is_made_as_small_as_its_failure_allows():
    day = random_day(5, minutes=60, kinds=("van",))
    group = (Group(name="van", kind="van", vehicles=3), Group(name="spare", kind="van"))
    cause = PowerCut(vehicle="van-1", at_s=812.345, down_s=77.0, writes=31)
    helper = LinkLoss(vehicle="station", at_s=700.4, lasts_s=512.0)
    faults = (*(Kill(vehicle="van-3", at_s=float(at)) for at in range(20)), helper, cause)
    day = Scenario(name="x", group=group, orders=day.orders, network=day.network, fault=faults)
    tried = []

    def fails(smaller):
        tried.append(smaller)
        cuts = [f for f in smaller.fault if isinstance(f, PowerCut) and f.writes >= 4]
        losses = [f for f in smaller.fault if isinstance(f, LinkLoss)]
        return bool(cuts and losses and smaller.orders.stops >= 2)

    small = shrink(day, fails, tries=200)
    assert fails(small)
    assert len(small.fault) == 2
    assert small.names() == ("van-1",)
    assert small.orders.stops == 2
    (cut,) = [f for f in small.fault if isinstance(f, PowerCut)]
    assert cut.writes < 8
    assert cut.at_s == 812.0
    assert len(tried) <= 201


def test_tries_have_a_bound():
    day, tried = random_day(6, minutes=60), []

    def fails(smaller):
        tried.append(smaller)
        return len(tried) % 2 == 0

    shrink(day, fails, tries=7)
    assert len(tried) <= 7


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.sampled_from([3.0, 60.0]))
def test_a_scenario_that_is_written_is_the_same_when_it_is_read(
    tmp_path_factory, seed, minutes
):
    day = random_day(seed, minutes=minutes)
    path = tmp_path_factory.mktemp("toml") / "day.toml"
    path.write_text(to_toml(day, remarks=("why",)), encoding="utf-8")
    assert load_scenario(str(path)) == day


def test_coverage_counts_what_struck_whom_in_which_sub_state():
    cells = reachable(["van"], never=["bit_rot"])
    assert ("kill", "van", "at_stop") in cells
    assert ("broker_restart", "broker", "") in cells
    assert not any(fault == "bit_rot" or kind == "drone" for fault, kind, _ in cells)
    coverage = Coverage(cells)
    assert coverage.pct == 0
    assert set(coverage.missing()) == cells
