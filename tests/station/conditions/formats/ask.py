"""Reading the samples, and the faults of what is none."""

from datetime import UTC, datetime, timedelta

import pytest

from station.conditions.formats.auto import read_conditions
from station.conditions.formats.reading import FaultyConditionsError

NOW_UTC = datetime(2026, 11, 23, 5, 55, tzinfo=UTC)
DAY = timedelta(days=1)


def utc(text):
    return datetime.fromisoformat(f"2026-11-{text}+00:00")


def read(text, kind="auto", file="test.json", **more):
    content = text if isinstance(text, bytes) else text.encode()
    return read_conditions(file, content, kind, NOW_UTC, **more)[1]


def faults(text, kind="auto", file="test.json"):
    with pytest.raises(FaultyConditionsError) as raised:
        read(text, kind, file)
    assert file in str(raised.value)
    return str(raised.value)
