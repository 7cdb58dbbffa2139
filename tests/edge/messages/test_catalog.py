"""The catalog: topics that every public broker takes, and one row for every message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.messages.broker.catalog import (
    BY_NAME,
    CATALOG,
    MAX_PAYLOAD_B,
    MAX_PIECE_B,
    filters,
    parse_topic,
    topic,
)
from edge.messages.broker.stream import ProofChunk
from edge.messages.broker.wire import to_msgpack

names = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9_-]{0,62}\Z")
rows = st.sampled_from(CATALOG)


def matches(wanted, given):
    """Tell whether a topic fits a filter, as MQTT 5 §4.7 says."""
    pairs = list(zip(wanted.split("/"), given.split("/"), strict=False))
    return len(wanted.split("/")) == len(given.split("/")) and all(
        w in ("+", g) for w, g in pairs
    )


@given(names, names, rows)
def test_a_topic_is_read_back_as_it_was_made(org, vehicle, row):
    assert parse_topic(topic(org, vehicle, row.name)) == (org, vehicle, row)


@given(names, names, rows)
def test_topics_fit_the_public_cloud_brokers(org, vehicle, row):
    full = topic(org, vehicle, row.name)
    assert full.count("/") <= 7
    assert len(full.encode()) <= 256


@given(names, names, rows)
def test_each_direction_hears_its_own_messages_and_no_others(org, vehicle, row):
    full = topic(org, vehicle, row.name)
    for direction in ("up", "down"):
        heard = [f for f in filters(org, direction, vehicle) if matches(f, full)]
        everywhere = [f for f in filters(org, direction) if matches(f, full)]
        assert len(heard) == len(everywhere) == (1 if row.direction == direction else 0)


@given(st.text(max_size=60) | st.lists(st.text("fletv1upac/+#", max_size=5)).map("/".join))
def test_any_other_topic_is_not_ours(text):
    found = parse_topic(text)
    if found is not None:
        org, vehicle, row = found
        assert topic(org, vehicle, row.name) == text


@pytest.mark.parametrize(
    "strange",
    [
        "",
        "fleet/v1/acme/van-1/up",
        "fleet/v1/acme/van-1/up/fact/more",
        "fleet/v2/acme/van-1/up/fact",
        "Fleet/v1/acme/van-1/up/fact",
        "fleet/v1/acme/van-1/up/nothing",
        "/fleet/v1/acme/van-1/up/fact",
    ],
)
def test_strange_topics_are_not_ours(strange):
    assert parse_topic(strange) is None


def test_names_and_topics_are_unique():
    assert len(BY_NAME) == len(CATALOG)
    assert len({row.topic for row in CATALOG}) == len(CATALOG)
    assert all(row.topic.startswith(row.direction + "/") for row in CATALOG)


def test_what_must_not_be_lost_is_sent_at_least_once_and_kept():
    assert {row.name for row in CATALOG if row.recorded} == {
        "fact", "track", "proof", "route", "command",
    }  # fmt: skip
    assert all(row.qos == 1 for row in CATALOG if row.recorded)
    assert {row.name for row in CATALOG if row.retained} == {"status"}
    assert {row.name for row in CATALOG if row.qos == 0} == {"live", "help", "helped"}


def test_every_row_says_what_it_is_for():
    assert all(row.summary.endswith(".") for row in CATALOG)


def test_the_largest_piece_of_a_photo_fits_a_message():
    chunk = ProofChunk(
        epoch="f" * 16,
        seq=2**53,
        sha256="f" * 64,
        media_type="image/jpeg",
        index=999,
        count=1000,
        piece=bytes(MAX_PIECE_B),
    )
    assert len(to_msgpack(chunk)) <= MAX_PAYLOAD_B
