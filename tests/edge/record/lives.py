"""A life's beginning, for tapes that nobody replays, and what seals them."""

from datetime import UTC, datetime

from msgspec.structs import replace

from edge.handover.proof import SigningKey
from edge.record import entries as said
from edge.record.seal import Label

KEY = SigningKey.from_seed(b"v" * 32)
LABEL = Label(
    version="0", vehicle="van-1", folder="/", key_file="key", key_id=KEY.key_id, salt=b"s" * 16
)

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


def with_key(label):
    """Return the key that opens the tapes here."""
    assert label.vehicle == "van-1"
    return KEY
