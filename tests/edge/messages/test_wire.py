"""The codecs: round trips, strangers' bytes, newer versions, and bounds that hold."""

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.messages.broker.catalog import CATALOG
from edge.messages.broker.stream import Ack, ProofChunk, TrackItem
from edge.messages.broker.wire import (
    UndecodableError,
    content_hash,
    from_json,
    from_msgpack,
    join_facts,
    read_fact,
    split_facts,
    to_json,
    to_msgpack,
)
from edge.messages.commands import AnyDriverAction, Command
from edge.messages.facts import Fact, FactEvent
from edge.messages.machines.assistance import HelpAnswer, HelpWord
from edge.messages.plan import Plan
from edge.messages.readings import Reading
from edge.messages.routes import Route
from edge.messages.state import Live, Status, TrackBatch, VehicleState
from edge.messages.view import ActResult, DayView
from tests.edge.messages.strategies import beyond_bounds, plain, structs_in, values_of

JSON_KINDS = [
    Live, Status, Ack, Command, FactEvent, Fact, AnyDriverAction, Reading, Route, Plan,
    VehicleState, DayView, ActResult, HelpWord, HelpAnswer,
]  # fmt: skip
BINARY_KINDS = [TrackItem, ProofChunk, TrackBatch]
STRUCTS = structs_in(*JSON_KINDS, *BINARY_KINDS)
quick = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def named(kind):
    return getattr(kind, "__name__", "union")


json_kinds = pytest.mark.parametrize("kind", JSON_KINDS, ids=named)
binary_kinds = pytest.mark.parametrize("kind", BINARY_KINDS, ids=named)


def test_every_message_of_the_catalog_is_tried_here():
    assert {row.struct for row in CATALOG} <= set(JSON_KINDS) | set(BINARY_KINDS)


@json_kinds
@given(data=st.data())
@quick
def test_json_comes_back_as_it_went(kind, data):
    message = data.draw(values_of(kind))
    sent = to_json(message)
    assert from_json(sent, kind) == message
    assert to_json(from_json(sent, kind)) == sent
    assert content_hash(message) == content_hash(from_json(sent, kind))


@binary_kinds
@given(data=st.data())
@quick
def test_msgpack_comes_back_as_it_went(kind, data):
    message = data.draw(values_of(kind))
    sent = to_msgpack(message)
    assert from_msgpack(sent, kind) == message
    assert to_msgpack(from_msgpack(sent, kind)) == sent


def decoded_or_refused(decode, data, kind):
    try:
        decode(data, kind)
    except UndecodableError:
        return


@json_kinds
@given(data=st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
@quick
def test_any_bytes_are_a_message_or_refused(kind, data):
    decoded_or_refused(from_json, data, kind)


@binary_kinds
@given(data=st.binary(max_size=200))
@quick
def test_any_bytes_are_a_binary_message_or_refused(kind, data):
    decoded_or_refused(from_msgpack, data, kind)


def damaged(draw, sent):
    at = draw(st.integers(0, len(sent) - 1))
    return draw(
        st.sampled_from(
            [
                sent[:at],
                sent[:at] + sent[at + 1 :],
                sent[:at] + bytes([sent[at] ^ draw(st.integers(1, 255))]) + sent[at + 1 :],
                sent[:at] + sent[at:] * 2,
            ]
        )
    )


@json_kinds
@given(data=st.data())
@quick
def test_a_damaged_message_is_read_or_refused(kind, data):
    sent = to_json(data.draw(values_of(kind)))
    decoded_or_refused(from_json, damaged(data.draw, sent), kind)


@binary_kinds
@given(data=st.data())
@quick
def test_a_damaged_binary_message_is_read_or_refused(kind, data):
    sent = to_msgpack(data.draw(values_of(kind)))
    decoded_or_refused(from_msgpack, damaged(data.draw, sent), kind)


@pytest.mark.parametrize("open_with", [b"[", b'{"order":', b'{"a":[{"data":'])
def test_endless_nesting_is_refused(open_with):
    for kind in (*JSON_KINDS, *BINARY_KINDS):
        decoded_or_refused(from_json, open_with * 50_000, kind)
    decoded_or_refused(lambda data, _: split_facts(data), open_with * 50_000, None)


def with_extras(value):
    """Put a field nobody knows into every object."""
    if isinstance(value, dict):
        grown = {key: with_extras(item) for key, item in value.items()}
        return {"a_newer_field": {"x": [1]}, **grown, "another": None}
    return [with_extras(item) for item in value] if isinstance(value, list) else value


# Free dictionaries carry data, not fields: a key more is a value more.
WITHOUT_DICTIONARIES = [kind for kind in JSON_KINDS if kind not in (FactEvent, Fact)]


@pytest.mark.parametrize("kind", WITHOUT_DICTIONARIES, ids=named)
@given(data=st.data())
@quick
def test_fields_of_a_newer_minor_version_are_ignored(kind, data):
    message = data.draw(values_of(kind))
    newer = msgspec.json.encode(with_extras(plain(message)))
    assert from_json(newer, kind) == message


@given(data=st.data())
@quick
def test_a_newer_fact_is_read_whatever_it_adds(data):
    event = data.draw(values_of(FactEvent))
    newer = plain(event)
    newer["data"]["a_newer_field"] = [1, {"x": 2}]
    newer["a_newer_attribute"] = "tracestate"
    assert read_fact(msgspec.json.encode(newer)) == event


@binary_kinds
@given(data=st.data())
@quick
def test_a_newer_binary_message_is_read(kind, data):
    message = data.draw(values_of(kind))
    raw = msgspec.msgpack.decode(to_msgpack(message))
    newer = [*raw, "more"] if isinstance(raw, list) else {**raw, "more": 1}
    assert from_msgpack(msgspec.msgpack.encode(newer), kind) == message


BOUNDED = [
    (info, field, wrong)
    for info in STRUCTS
    for field in info.fields
    for wrong in beyond_bounds(field.type)
]


@pytest.mark.parametrize(
    ("info", "field", "wrong"),
    BOUNDED,
    ids=[f"{info.cls.__name__}.{field.name}-{wrong!r:.20}" for info, field, wrong in BOUNDED],
)
def test_a_value_beyond_its_bound_is_refused_by_name(info, field, wrong):
    message = sample(info.cls)
    raw = plain(message)
    if isinstance(raw, list):
        names = [f.name for f in info.fields]
        raw[names.index(field.name)] = wrong
    else:
        raw[field.encode_name] = wrong
    with pytest.raises(UndecodableError, match=r"\$"):
        from_json(msgspec.json.encode(raw), info.cls)


def sample(cls):
    found = []

    @settings(max_examples=1, database=None, deadline=None, derandomize=True)
    @given(values_of(cls))
    def draw(message):
        found.append(message)

    draw()
    return found[0]


def test_there_are_bounds_to_try():
    tried = {(info.cls.__name__, field.name) for info, field, _ in BOUNDED}
    assert len(tried) > 80
    assert {("Place", "lat_deg"), ("HandOver", "parcel_ids"), ("Ack", "upto")} <= tried


def test_what_no_wire_carries_is_refused_when_it_is_sent():
    class Homemade:
        pass

    for encode in (to_json, to_msgpack):
        with pytest.raises(TypeError, match="Homemade does not cross a wire"):
            encode({"x": Homemade()})


@given(st.lists(values_of(FactEvent).map(to_json), max_size=4))
@quick
def test_a_batch_gives_back_the_very_bytes_of_each_fact(events):
    assert split_facts(join_facts(events)) == events
    for event in events:
        assert split_facts(event) == [event]


@given(st.lists(values_of(FactEvent).map(to_json), min_size=1, max_size=3))
@quick
def test_blanks_between_facts_do_not_touch_their_bytes(events):
    assert split_facts(b" [ " + b" ,\n".join(events) + b" ] ") == events


@given(st.binary(max_size=200))
def test_any_bytes_are_a_batch_or_refused(payload):
    try:
        parts = split_facts(payload)
    except UndecodableError:
        return
    for part in parts:
        decoded_or_refused(lambda data, _: read_fact(data), part, None)


@pytest.mark.parametrize("payload", [b"", b"   ", b"[", b"[1,]", b"]", b"{", b"[1] x", b"\xff"])
def test_what_is_no_json_is_no_batch(payload):
    with pytest.raises(UndecodableError, match="fact batch"):
        split_facts(payload)
