from datetime import UTC, date, datetime

import pytest

from firmware_bridge.gnss.dates import Calendar, after_rollovers

BUILT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("2026-11-22", "2026-11-22"),
        ("2007-04-08", "2026-11-22"),  # one rollover
        ("1987-08-23", "2026-11-22"),  # two
        ("2020-02-07", "2020-02-07"),  # a recording keeps its date
        ("1999-08-21", "2019-04-06"),  # april6_2019.log, as its author meant it
        ("2031-01-01", "2031-01-01"),
    ],
)
def test_weeks_run_over_toward_the_build_date(told, meant):
    start = datetime.fromisoformat(told).replace(tzinfo=UTC)
    assert after_rollovers(start, BUILT).date() == date.fromisoformat(meant)


def test_a_time_without_any_date_has_no_utc_but_still_counts_on():
    calendar = Calendar(BUILT)
    calendar.advance(86_399.0)
    before_s = calendar.told_s
    assert calendar.utc is None
    calendar.advance(0.0)
    assert calendar.told_s - before_s == 1.0
    assert calendar.utc is None


def test_a_time_past_midnight_belongs_to_the_next_day():
    calendar = Calendar(BUILT)
    calendar.tell_date(date(2026, 11, 22), 86_398.0)
    calendar.advance(86_399.0)
    assert calendar.utc == datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC)
    calendar.advance(0.5)
    assert calendar.utc == datetime(2026, 11, 23, 0, 0, 0, 500_000, tzinfo=UTC)


def test_a_date_told_after_midnight_is_not_counted_twice():
    calendar = Calendar(BUILT)
    calendar.tell_date(date(2026, 11, 22), 86_399.0)
    calendar.advance(86_399.0)
    calendar.tell_date(date(2026, 11, 23), 0.0)
    calendar.advance(0.0)
    assert calendar.utc == datetime(2026, 11, 23, tzinfo=UTC)


def test_a_late_sentence_of_the_old_day_does_not_move_the_new_one():
    calendar = Calendar(BUILT)
    calendar.tell_date(date(2026, 11, 23), 1.0)
    calendar.advance(86_399.0)
    assert calendar.utc == datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC)


def test_a_leap_second_is_the_first_of_the_next_day():
    calendar = Calendar(BUILT)
    calendar.tell_date(date(2026, 12, 31), 86_400.0)
    assert calendar.utc == datetime(2027, 1, 1, tzinfo=UTC)
