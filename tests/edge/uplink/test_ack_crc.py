"""An acknowledgement that changed on the way is not believed: a bit in it would cost facts."""

from hypothesis import given
from hypothesis import strategies as st

from edge.messages.broker.stream import Ack, crc_of, with_crc
from edge.messages.broker.wire import UndecodableError, from_json, to_json


@given(st.integers(0, 10_000), st.lists(st.integers(1, 99), max_size=4), st.data())
def test_no_flipped_bit_makes_another_acknowledgement(upto, missing, data):
    ack = with_crc(Ack(stream="fact", epoch="e1", upto=upto, missing=tuple(missing)))
    payload = bytearray(to_json(ack))
    at = data.draw(st.integers(0, len(payload) - 1))
    payload[at] ^= 1 << data.draw(st.integers(0, 7))
    try:
        found = from_json(bytes(payload), Ack)
    except UndecodableError:
        return
    told = (found.stream, found.epoch, found.upto, found.window, found.missing)
    same = told == (ack.stream, ack.epoch, ack.upto, ack.window, ack.missing)
    assert same or found.crc is None or found.crc != crc_of(found)
    if found.crc is None:  # its name was hit, and nothing else can have been
        assert same
