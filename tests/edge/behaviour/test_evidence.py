"""Evidence comes back as it was packed, and bad bytes are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.behaviour.evidence import MOST_READINGS, Ring, pack, unpack
from edge.errors import PeerError
from edge.messages.driving.signals import Acceleration
from edge.messages.readings import WheelSpeed


def test_packed_evidence_reads_back_the_same():
    readings = (
        WheelSpeed(received_s=1.0, speed_mps=3.0),
        Acceleration(received_s=1.02, x_mps2=0.1, y_mps2=-0.2, z_mps2=9.7),
    )
    evidence = unpack(pack(1.0, readings))
    assert evidence.at_s == 1.0
    assert evidence.readings == readings


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(packed):
    with pytest.raises(PeerError):
        unpack(packed)


@given(st.integers(0, 200), st.integers(1, 255))
def test_a_damaged_byte_never_crashes(at, flip):
    packed = bytearray(pack(1.0, [WheelSpeed(received_s=1.0, speed_mps=3.0)]))
    packed[at % len(packed)] ^= flip
    try:
        at_s = unpack(bytes(packed)).at_s
    except PeerError:
        return
    assert isinstance(at_s, float)


def test_the_ring_is_bounded_in_time_and_number():
    ring = Ring()
    for number in range(3 * MOST_READINGS):
        ring.add(WheelSpeed(received_s=number / 1000, speed_mps=1.0))
    assert len(ring._readings) == MOST_READINGS
    ring.add(WheelSpeed(received_s=1000.0, speed_mps=1.0))
    assert len(ring._readings) == 1
