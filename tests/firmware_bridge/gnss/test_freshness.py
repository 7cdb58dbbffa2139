from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.gnss.freshness import LATE_S, SETTLE_S, Freshness

T0 = 1_770_000_000.0


def test_fixes_that_come_as_they_are_made_are_fresh():
    freshness = Freshness()
    assert all(freshness.is_fresh(T0 + n, 5.0 + n) for n in range(100))


def test_the_same_time_again_is_not_fresh():
    freshness = Freshness()
    assert freshness.is_fresh(T0, 5.0)
    assert not freshness.is_fresh(T0, 6.0)
    assert not freshness.is_fresh(T0, 7.0)
    assert "repeats" in freshness.why


def test_a_burst_of_old_fixes_is_refused_and_the_present_one_taken():
    """As gpsd 3.22 does when it wakes after hanging for twelve seconds."""
    freshness = Freshness()
    for n in range(4):
        assert freshness.is_fresh(T0 + n, 5.0 + n)
    assert [freshness.is_fresh(T0 + n, 20.0) for n in range(4, 16)] == [False] * 10 + [True] * 2
    assert freshness.is_fresh(T0 + 16, 21.0)


def test_jitter_of_half_a_second_is_not_late():
    freshness = Freshness()
    for n in range(100):
        assert freshness.is_fresh(T0 + n, 5.0 + n + (n % 7) / 14)


def test_a_receiver_clock_set_back_is_believed_after_some_seconds():
    freshness = Freshness()
    for n in range(10):
        assert freshness.is_fresh(T0 + n, float(n))
    told = [freshness.is_fresh(T0 + n - 18, float(n)) for n in range(10, 30)]
    assert told.index(True) == SETTLE_S
    assert all(told[int(SETTLE_S) :])


def test_a_receiver_clock_set_ahead_is_believed_at_once():
    freshness = Freshness()
    assert freshness.is_fresh(T0, 1.0)
    assert freshness.is_fresh(T0 + 619_315_200.0, 2.0)


def test_a_drifting_host_clock_makes_nothing_late():
    """500 ppm for a day, ten times what a bad crystal does."""
    freshness = Freshness()
    assert all(freshness.is_fresh(T0 + n, n * 1.0005) for n in range(0, 86_400, 7))


@given(st.lists(st.tuples(st.floats(0.001, 5), st.floats(0, 0.08)), min_size=1, max_size=60))
def test_whatever_is_fresh_came_as_quickly_as_the_quickest(steps):
    """Within the span after which a receiver's clock is believed to have been set back."""
    freshness, told_s, now_s = Freshness(), T0, 0.0
    delays = []
    for told_step_s, now_step_s in steps:
        told_s += told_step_s - 2.0
        now_s += now_step_s
        delay_s = now_s - told_s
        if freshness.is_fresh(told_s, now_s):
            assert delay_s <= min(delays, default=delay_s) + LATE_S + 0.01
        delays.append(delay_s)
