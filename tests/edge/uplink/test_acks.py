"""Which acknowledgements are believed: a wrong one would let a vehicle forget facts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import PeerError
from edge.handover.proof import SigningKey
from edge.messages.broker.stream import Ack, with_crc
from edge.messages.broker.wire import from_json, to_json
from edge.uplink.acks import read_ack, seal_ack

KEY = SigningKey.from_seed(b"k" * 32)
OTHER = SigningKey.from_seed(b"o" * 32)
ACK = Ack(stream="fact", epoch="e1", upto=35, missing=(37,))


def read(payload, *, vehicle="van-1", sealed_only=False):
    keys = [OTHER.public, KEY.public]
    return read_ack(payload, vehicle=vehicle, keys=keys, sealed_only=sealed_only)


def told(ack):
    return (ack.stream, ack.epoch, ack.upto, ack.window, ack.missing)


def test_a_sealed_acknowledgement_says_what_was_put_in():
    found = read(seal_ack(ACK, vehicle="van-1", key=KEY), sealed_only=True)
    assert told(found) == told(ACK)
    assert found.signature


def test_a_reader_of_before_the_signature_understands_it():
    class Before(Ack, frozen=True, kw_only=True):
        pass

    found = from_json(seal_ack(ACK, vehicle="van-1", key=KEY), Before)
    assert told(found) == told(ACK)
    assert found.crc == with_crc(ACK).crc


@pytest.mark.parametrize("payload", [to_json(ACK), to_json(with_crc(ACK))])
def test_an_unsigned_one_is_believed_of_a_peer_that_never_signed(payload):
    assert told(read(payload)) == told(ACK)
    with pytest.raises(PeerError, match="not signed, and this peer signs"):
        read(payload, sealed_only=True)


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"", "not understood"),
        (b'{"stream":"fact","epoch":"e1","upto":-1}', "upto"),
        (to_json(with_crc(ACK)).replace(b"35", b"37"), "changed on the way"),
        (seal_ack(ACK, vehicle="van-1", key=SigningKey.from_seed(b"?" * 32)), "nobody known"),
        (seal_ack(ACK, vehicle="van-2", key=KEY), "meant for 'van-2'"),
    ],
    ids=["nothing", "none", "damaged", "forged", "another's"],
)
def test_what_is_not_believed_says_why(payload, why):
    with pytest.raises(PeerError, match=why):
        read(payload)


@pytest.mark.parametrize("sealed_only", [False, True])
@given(st.integers(0, 10_000), st.lists(st.integers(1, 99), max_size=4), st.data())
def test_no_flipped_bit_makes_another_acknowledgement(sealed_only, upto, missing, data):
    ack = Ack(stream="fact", epoch="e1", upto=upto, missing=tuple(missing))
    sealed = bytearray(seal_ack(ack, vehicle="van-1", key=KEY))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= 1 << data.draw(st.integers(0, 7))
    try:
        found = read(bytes(sealed), sealed_only=sealed_only)
    except PeerError:
        return
    assert told(found) == told(ack), "of an unsigned one the name of the signature was hit"
    assert not sealed_only
