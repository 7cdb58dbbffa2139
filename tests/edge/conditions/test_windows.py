"""When zones apply: days, times of day, midnight, summer time."""

from datetime import UTC, datetime, timedelta

import pytest

from edge.conditions.windows import changes, is_open, time_zone
from edge.messages.conditions import Window


def utc(text):
    return datetime.fromisoformat(text).astimezone(UTC)


BERLIN = Window(days=("MON", "FRI"), opens="08:00", closes="18:00", time_zone="Europe/Berlin")
NIGHT = Window(days=("SAT",), opens="22:00", closes="06:00")


@pytest.mark.parametrize(
    ("window", "instant", "wanted"),
    [
        (Window(), "2026-11-23T00:00Z", True),
        (BERLIN, "2026-11-23T07:00Z", True),  # a Monday, 08:00 there
        (BERLIN, "2026-11-23T06:59:59Z", False),
        (BERLIN, "2026-11-23T17:00Z", False),
        (BERLIN, "2026-11-24T09:00Z", False),
        (BERLIN, "2026-07-06T06:00Z", True),  # summer time
        (NIGHT, "2026-11-21T22:00Z", True),  # a Saturday
        (NIGHT, "2026-11-22T05:59Z", True),  # still the Saturday's
        (NIGHT, "2026-11-22T23:00Z", False),
        (Window(opens="06:00", closes="06:00"), "2026-11-22T01:00Z", True),
        (Window(opens="10:00", closes="12:00", time_zone="+05:30"), "2026-11-22T05:00Z", True),
        (Window(opens="10:00", closes="12:00", time_zone="-03:00"), "2026-11-22T10:30Z", False),
        (Window(from_utc=utc("2026-11-22T10:00Z")), "2026-11-22T09:59Z", False),
        (Window(until_utc=utc("2026-11-22T10:00Z")), "2026-11-22T10:00Z", False),
        (
            Window(opens="10:00", closes="11:00", time_zone="No"),
            "2026-11-22T03:00Z",
            True,
        ),
    ],
)
def test_a_window_is_open_when_it_says(window, instant, wanted):
    assert is_open(window, utc(instant)) is wanted


@pytest.mark.parametrize("window", [BERLIN, NIGHT])
def test_changes_are_where_it_opens_and_closes(window):
    start = utc("2026-10-22T00:00Z")  # summer time ends on the 25th
    minute = timedelta(minutes=1)
    wanted = {
        start + n * minute
        for n in range(1, 7 * 24 * 60)
        if is_open(window, start + n * minute) != is_open(window, start + (n - 1) * minute)
    }
    found = {change for change in changes(window, start) if change < start + timedelta(days=7)}
    assert wanted <= found
    assert len(found) <= len(wanted) + 2


@pytest.mark.parametrize("name", ["", "+1:00", "+25:00", "../etc/passwd", "Mars", "+ab:cd"])
def test_a_time_zone_that_is_none_is_not_known(name):
    assert time_zone(name) is None
