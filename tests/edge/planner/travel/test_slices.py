"""Tables of the day become one table and classes, as near to them as is said."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.native.replan.problem import LONGEST_LEG_MS
from edge.planner.travel.slices import MOST_CLASSES, STEADY, sliced


def restored(found, kept):
    """Return the table of one slice, as the kernel takes it."""
    pace = found.permille[found.class_of, kept]
    return np.minimum(found.base_ms * (pace / 1000), LONGEST_LEG_MS)


def tables_of(rng, size, count, spread):
    base = rng.integers(30_000, 2_000_000, (size, size))
    np.fill_diagonal(base, 0)
    return [
        np.rint(base * np.exp(rng.uniform(0, spread, base.shape))).astype(np.int32)
        for _ in range(count)
    ]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 14), st.integers(1, 5), st.floats(0, 1.5))
def test_no_time_is_wrong_by_more_than_is_said(seed, size, count, spread):
    tables = tables_of(np.random.default_rng(seed), size, count, spread)
    found = sliced(tables)
    assert found.permille.shape[0] <= MOST_CLASSES
    assert found.class_of.max() < found.permille.shape[0]
    for at, kept in enumerate(found.kept):
        wrong = np.abs(restored(found, at) - tables[kept])
        assert (wrong <= found.worst_frac * tables[kept] * 1.0001 + 2).all()


@pytest.mark.parametrize(("slices", "worst"), [(2, 0.004), (3, 0.03), (4, 0.09)])
def test_ways_of_a_city_are_right_to_some_hundredths(slices, worst):
    """150 stops whose ways are up to a half slower, each slice on its own: harder than real."""
    found = sliced(tables_of(np.random.default_rng(1), 152, slices, np.log(1.5)))
    assert found.worst_frac <= worst


def test_few_different_paces_are_kept_to_a_thousandth():
    base = np.full((20, 20), 600_000, dtype=np.int32)
    jam = base.copy()
    jam[:10] = 840_000
    found = sliced([base, jam, base])
    assert found.worst_frac <= 0.0005
    assert found.kept == (0, 1, 2)
    assert restored(found, 1) == pytest.approx(jam, rel=0.0005)


def test_tables_that_are_as_the_one_before_are_left_out():
    base = tables_of(np.random.default_rng(1), 5, 1, 0)[0]
    found = sliced([base, base.copy(), base * 2, base * 2, base])
    assert found.kept == (0, 2, 4)
    assert sliced([base, base]).kept == (0,)
    assert (sliced([base]).class_of == STEADY).all()
    assert (sliced([base]).base_ms == base).all()


def test_a_way_closed_for_a_while_is_very_slow_meanwhile():
    base = np.full((3, 3), 60_000, dtype=np.int32)
    closed = base.copy()
    closed[0, 1] = LONGEST_LEG_MS
    found = sliced([closed, base])
    assert found.base_ms[0, 1] == 60_000
    assert found.permille[found.class_of[0, 1]].tolist() == [100_000, 1000]
    assert found.permille[found.class_of[1, 0]].tolist() == [1000, 1000]


def test_a_way_closed_all_day_stays_so():
    closed = np.full((2, 2), LONGEST_LEG_MS, dtype=np.int32)
    np.fill_diagonal(closed, 0)
    open_later = closed.copy()
    open_later[1, 0] = 5000
    found = sliced([closed, open_later])
    assert found.base_ms.tolist() == [[0, LONGEST_LEG_MS], [5000, 0]]
    assert found.class_of[0, 1] == STEADY
