from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from edge.messages.geo import Place
from edge.messages.routes import Stop, TimeWindow
from edge.native.replan.kernel import solve
from edge.planner.foresight.doubt import BROKEN_MS, MOST_MS, doubt_pct, doubtful_ms
from edge.planner.problem import Budget, problem_of

MINUTE_MS = 60_000
ZERO = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("closes_min", "span_min"), [(-30, 2.0), (0, 2.0), (50, 8.0), (100, 14.0), (600, 20.0)]
)
def test_the_further_ahead_a_promise_is_the_sooner_it_is_in_doubt(closes_min, span_min):
    first, last = doubtful_ms([(0, 1), (2, closes_min * MINUTE_MS)])
    assert last == closes_min * MINUTE_MS
    assert last - first == span_min * MINUTE_MS


def test_a_broken_promise_costs_an_hour_however_long_it_was_in_doubt():
    for closes in range(0, 5 * MOST_MS, 12_345):
        first, last = doubtful = doubtful_ms([(0, closes)])
        assert (last - first) * doubt_pct(doubtful) / 100 == pytest.approx(BROKEN_MS, rel=0.005)
    assert doubt_pct(doubtful_ms([])) == 0


def stop(number, closes_min=None):
    until = None if closes_min is None else ZERO + timedelta(minutes=closes_min)
    windows = () if until is None else (TimeWindow(opens_utc=ZERO, closes_utc=until),)
    place = Place(lat_deg=52.0, lon_deg=5.0)
    return Stop(stop_id=f"stop-{number}", place=place, service_s=60.0, windows=windows)


@pytest.mark.parametrize(("closes_min", "order"), [(45, (2, 1)), (90, (1, 2))])
def test_a_plan_drives_further_rather_than_arrive_as_a_window_closes(closes_min, order):
    travel = np.full((4, 4), 60, dtype=np.int32) * MINUTE_MS
    travel[0, 1] = travel[1, 2] = travel[2, 3] = 20 * MINUTE_MS  # 1 lies on the way to 2
    travel[0, 2] = travel[2, 1] = travel[1, 3] = 25 * MINUTE_MS
    problem = problem_of(
        [stop(1), stop(2, closes_min)],
        travel,
        zero_utc=ZERO,
        shift_end_utc=ZERO + timedelta(hours=8),
    )
    assert solve(problem, (1, 2), Budget(200)).simulation.order == order
