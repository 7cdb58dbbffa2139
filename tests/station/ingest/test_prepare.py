"""What a group of messages comes to: the books' own rules, one signature for a whole chain."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.handover.proof import VerifyingKey
from edge.messages.broker.stream import ProofChunk, TrackItem
from edge.messages.broker.wire import to_msgpack
from station.books.admission import Counted, admit, admit_batch
from station.books.intake import Received
from station.ingest.prepare import prepare
from tests.station.live.vans import Van

VAN = Van()
DAY = VAN.day(3)
KEYS = VAN.keys[VAN.name]
THIEF = Van("thief").day(1)
STRANGERS = [DAY[0].replace(b"van-1", b"van-2"), THIEF[2], b"{}", b'{"id": 1}', b"[[]]"]


class Counting(VerifyingKey):
    """A key that counts what it is asked."""

    def __init__(self, key):
        super().__init__(key._public)
        self.asked = 0

    def signed(self, sealed):
        self.asked += 1
        return super().signed(sealed)


def test_one_signature_covers_an_unbroken_run():
    key = Counting(VAN.key.public)
    facts = admit_batch(DAY, VAN.name, {key.key_id: key})
    assert all(isinstance(fact, Counted) and fact.event for fact in facts)
    assert key.asked == 1
    assert [fact.sealed for fact in facts] == DAY


def test_each_break_of_the_chain_costs_one_signature_more():
    key = Counting(VAN.key.public)
    pieces = [*DAY[10:], *DAY[:5], *DAY[6:8]]
    facts = admit_batch(pieces, VAN.name, {key.key_id: key})
    assert all(isinstance(fact, Counted) for fact in facts)
    assert key.asked == 3


@given(st.data())
def test_a_batch_admits_what_would_be_admitted_one_by_one(data):
    """Whatever is dropped, swapped, doubled, altered or put between."""
    pieces = data.draw(st.lists(st.sampled_from([*DAY[:12], *STRANGERS]), max_size=20))
    for _ in range(data.draw(st.integers(0, 3))):
        if pieces:
            at = data.draw(st.integers(0, len(pieces) - 1))
            piece = bytearray(pieces[at])
            piece[data.draw(st.integers(0, len(piece) - 1))] ^= data.draw(st.integers(1, 255))
            pieces[at] = bytes(piece)
    together = admit_batch(pieces, VAN.name, KEYS)
    assert together == [admit(sealed, VAN.name, KEYS) for sealed in pieces]


@given(st.sampled_from(["fact", "track", "proof"]), st.binary(max_size=300))
def test_any_bytes_are_refused_and_nothing_else(lane, payload):
    batch = prepare([VAN.received(lane, payload)], VAN.keys)
    assert not batch.items
    assert [refused.content for refused in batch.refused] in ([payload], [])


def test_bytes_that_postgres_cannot_keep_do_not_reach_it():
    group = [
        VAN.received("track", to_msgpack(TrackItem("\0", 1, b""))),
        VAN.received("track", to_msgpack(TrackItem("e", 2**60, b""))),
        VAN.received("proof", to_msgpack(ProofChunk("e", 1, "a\0b", "c\0d", 0, 1, b"x"))),
        Received("nobody", "track", "t\0", to_msgpack(TrackItem("e", 1, b""))),
    ]
    batch = prepare(group, VAN.keys)
    assert [(refused.topic, refused.kind) for refused in batch.refused] == [
        (group[0].topic, "quarantine"),
        (group[1].topic, "quarantine"),
        ("t\N{REPLACEMENT CHARACTER}", "quarantine"),
    ]
    assert batch.items["proof"] == {(VAN.name, "e"): {1: ("ab", "cd", 0, 1, b"x")}}


def damaged(rng, payload):
    """One of the damages that a wire or an enemy does."""
    at = rng.randrange(len(payload) + 1)
    match rng.randrange(4):
        case 0:
            return payload[:at]
        case 1:
            return payload[:at] + rng.randbytes(rng.randrange(9)) + payload[at:]
        case 2:
            return payload[:at] + bytes([rng.randrange(256)]) + payload[at + 1 :]
        case _:
            return payload[:at] + payload[at // 2 :]


def run_fuzz(inputs, seed):
    rng = Random(seed)
    whole = [
        VAN.facts_of(*DAY[:4]),
        VAN.facts_of(DAY[5]),
        VAN.track(1, 5),
        *VAN.chunks(b"ink" * 30),
    ]
    genuine = set(DAY)
    for _ in range(inputs):
        received = rng.choice(whole)
        payload = received.payload
        for _ in range(rng.randint(1, 3)):
            payload = damaged(rng, payload)
        batch = prepare([VAN.received(received.lane, payload)], VAN.keys)
        for stream in batch.items.get("fact", {}).values():
            assert all(row[0] in genuine for row in stream.values()), payload


def test_no_damage_makes_a_fact_that_was_never_written():
    run_fuzz(1_000, seed=1)


@pytest.mark.fuzz
def test_no_damage_makes_a_fact_that_was_never_written_for_long():
    run_fuzz(10_000_000, seed=2)
