from datetime import timedelta

import pytest

from edge.position.receiver_clock import BELIEVE_S, LATEST_S, ReceiverClock
from tests.edge.position.fixes import START_UTC, fix_at


def taken(pairs):
    """Feed (arrival, the receiver's time); return the clock and the steps it told."""
    clock = ReceiverClock()
    steps = [
        clock.take(
            fix_at(
                0.0,
                received_s=arrived_s,
                utc=None if told_s is None else START_UTC + timedelta(seconds=told_s),
            )
        )
        for arrived_s, told_s in pairs
    ]
    return clock, steps


def test_how_late_a_fix_is_is_told_from_the_quickest_ones():
    clock, steps = taken([*((n + 0.05, n) for n in range(20)), (20.35, 20)])
    assert clock.lag_s == pytest.approx(0.3, abs=0.01)
    assert steps[-1] == pytest.approx(1.0)
    assert clock.moved == ""


def test_lateness_has_a_bound():
    clock, _ = taken([*((n, n) for n in range(5)), (6.4, 5)])
    assert clock.lag_s == LATEST_S


def test_without_a_receivers_time_arrivals_count():
    clock, steps = taken([(0.0, None), (1.2, None)])
    assert (steps, clock.lag_s, clock.moved) == ([0.0, 1.2], 0.0, "")


def test_a_clock_that_is_moved_is_told_and_then_believed():
    before, after = [(n, n) for n in range(5)], [(n, n + 37) for n in range(5, 30)]
    clock, steps = taken([*before, *after[:3]])
    assert clock.moved == "the receiver's clock moved by 37 s"
    assert steps[-3:] == [1.0, 1.0, 1.0]
    clock, _ = taken([*before, *after])
    assert clock.moved == ""
    held, _ = taken([*before, *after[: int(BELIEVE_S)]])
    assert held.moved


def test_the_drift_of_two_clocks_is_no_lateness():
    clock, _ = taken([(n * 1.0001, n) for n in range(3600)])
    assert clock.lag_s < 0.01
