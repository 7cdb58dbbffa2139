"""What is an order of the station to this vehicle, and what is not."""

from datetime import timedelta
from hashlib import sha256

import msgspec
import pytest

from edge.handover.proof import SigningKey
from edge.uplink.orders import Forged, Genuine, Unreadable, expired, judge
from tests.edge.uplink.peers import MORNING, STATION_KEY, command, sealed

KEYS = [SigningKey.from_seed(b"t" * 32).public, STATION_KEY.public]


def judged(payload):
    return judge(payload, vehicle="van-1", keys=KEYS)


def seal(**fields):
    """Sign whatever a newer station may say."""
    kind = msgspec.defstruct("Said", [(name, type(value)) for name, value in fields.items()])
    return STATION_KEY.seal(kind(**fields))


def dance(**changes):
    fields = {"vehicle": "van-1", "epoch": "c1", "seq": 5, "order": {"kind": "dance"}}
    return seal(**fields | changes)


def test_an_order_with_the_stations_signature_is_genuine():
    payload = sealed(3)
    found = judged(payload)
    assert isinstance(found, Genuine)
    assert found.sealed == payload
    assert (found.command.seq, found.command.order) == (3, command(3).order)


def test_any_of_the_stations_keys_will_do():
    other = SigningKey.from_seed(b"t" * 32).seal(command(1))
    assert isinstance(judged(other), Genuine)


@pytest.mark.parametrize("at", [0, 30, 200, -100, -3])
def test_one_altered_byte_makes_it_a_forgery(at):
    payload = bytearray(sealed(3))
    payload[at] ^= 1
    assert isinstance(judged(bytes(payload)), Forged)


@pytest.mark.parametrize("payload", [b"", b"{}", b"\xff" * 300, b"[" * 300])
def test_rubbish_is_a_forgery(payload):
    assert judged(payload) == Forged("not signed by the station")


def test_an_order_to_another_vehicle_is_none_of_ours():
    assert judged(sealed(3, vehicle="van-2")) == Forged("addressed to van-2")


def test_an_order_of_an_unknown_kind_keeps_its_place_in_the_stream():
    payload = dance()
    found = judged(payload)
    assert isinstance(found, Unreadable)
    assert (found.epoch, found.seq) == ("c1", 5)
    assert (found.told.stream, found.told.seq) == ("command", 5)
    assert found.told.sha256 == sha256(payload).hexdigest()
    assert "Command" in found.told.why


@pytest.mark.parametrize(
    "payload", [seal(greeting="hello"), dance(seq=0), dance(vehicle="van-2")]
)
def test_signed_bytes_without_a_place_in_our_stream_are_ignored(payload):
    assert isinstance(judged(payload), Forged)


@pytest.mark.parametrize(
    ("source", "after", "refused"),
    [
        ("ntp", 13, True),
        ("gnss", 13, True),
        ("simulated", 13, True),
        ("host", 13, False),
        ("none", 13, False),
        ("ntp", 11, False),
        ("ntp", -10_000, False),
    ],
)
def test_an_order_expires_only_by_a_clock_that_somebody_vouches_for(source, after, refused):
    refusal = expired(command(7), MORNING + timedelta(hours=after), source)
    if refused:
        assert (refusal.order, refusal.command_seq) == ("cancel_stops", 7)
        assert refusal.reason == "expired at 2026-11-20 18:00:00 UTC"
    else:
        assert refusal is None
