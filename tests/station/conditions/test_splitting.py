"""Big layers in parts: each fits a broker, together they are the whole, in order."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.conditions.layers import NO_LAYERS
from edge.errors import RefusedError
from edge.messages.broker.wire import to_json
from edge.messages.conditions import Polygon, SegmentSpeed, Zone
from station.conditions.formats.reading import Found
from station.conditions.splitting import FIELDS, MAX_PART_B, counts_of, layer_parts
from tests.edge.conditions.some import NOW_UTC, east

FIRST_NODE = 9_000_000_000


def found(segments=0, zones=0, corners=40):
    made = Found(NOW_UTC, NOW_UTC + timedelta(hours=1))
    nodes = range(FIRST_NODE, FIRST_NODE + segments)
    made.segments = {(node, node + 1): SegmentSpeed(node, node + 1, 33) for node in nodes}
    ring = tuple(east(k * 1.37, (k * 7 % 5) * 1.91) for k in range(corners))
    made.zones = [
        Zone(zone_id=f"z{n}", kind="hard", area=Polygon(outer=ring)) for n in range(zones)
    ]
    return made


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 20_000), st.integers(0, 150))
def test_parts_are_the_whole_and_fit(segments, zones):
    whole = found(segments, zones)
    parts = layer_parts("big", 7, whole)
    assert [part.part for part in parts] == list(range(1, len(parts) + 1))
    assert all(len(to_json(part)) <= MAX_PART_B for part in parts)
    joined = {field: [x for part in parts for x in getattr(part, field)] for field in FIELDS}
    assert joined["segments"] == list(whole.segments.values())
    assert joined["zones"] == whole.zones
    layers = NO_LAYERS
    for part in reversed(parts):
        assert layers.parts == ()
        layers = layers.take(part, NOW_UTC)
    assert layers.parts == parts
    assert sum(counts_of(parts).values()) == segments + zones


def test_parts_are_as_full_as_they_may_be():
    parts = layer_parts("big", 1, found(segments=20_000))
    assert all(len(to_json(part)) > 0.95 * MAX_PART_B for part in parts[:-1])


def test_what_cannot_be_sent_says_how_it_could():
    with pytest.raises(RefusedError, match="cut the file to the area"):
        layer_parts("big", 1, found(segments=250_000))
    with pytest.raises(RefusedError, match="choose another --name"):
        layer_parts("Capital Letters!", 1, found())
