"""A life's beginning, for tapes that nobody replays."""

from datetime import UTC, datetime

from msgspec.structs import replace

from edge.record import entries as said

BEGUN = said.Begun(
    format=said.FORMAT,
    version="0",
    vehicle="van-1",
    at_s=0.0,
    round=0,
    utc=datetime(2026, 11, 23, 7, tzinfo=UTC),
    source="simulated",
    chance=(1, 2, 3),
    config=b"{}",
    folder="/",
    store={"facts.db": b"x" * 100},
)


def begun(**changes):
    return replace(BEGUN, **changes)
