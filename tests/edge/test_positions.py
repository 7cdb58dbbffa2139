"""Readings to what the driver is told of the position."""

from types import SimpleNamespace

import pytest

from edge.messages.readings import GnssFix, InertialSample, WheelSpeed
from edge.messages.state import VehicleState
from edge.positions import Positions
from edge.streams import Latest
from edge.vehicles.van import VAN
from tests.edge.position.test_driving import drive


class StandingClock:
    """Says the time of the newest reading, and takes any correction."""

    source = "gnss"

    def __init__(self):
        self.at_s = 0.0

    def now_s(self):
        return self.at_s

    def correct(self, _utc, _source):
        return None


@pytest.fixture
def positions():
    config = SimpleNamespace(
        vehicle=SimpleNamespace(name="van-1"),
        gnss=SimpleNamespace(source="nmea", latency_s=0.11),
    )
    state: Latest[VehicleState] = Latest()
    return Positions(config, VAN, executor=None, track=None, state=state, clock=StandingClock())


def test_by_wheels_the_position_stays_known_and_the_driver_is_told(positions):
    for reading in drive(70):
        if not isinstance(reading, GnssFix) or reading.received_s < 60:
            positions._clock.at_s = reading.received_s
            positions.publish(reading)
    assert positions.known
    assert positions._state.value.fix == "dead_reckoning"
    assert positions.warning.startswith("No GPS: position by wheels and gyro, known to ")


def test_wheels_and_gyro_alone_are_no_position_and_no_receiver(positions):
    positions.publish(WheelSpeed(received_s=0.0, speed_mps=10.0))
    positions.publish(InertialSample(received_s=0.0, turn_dps=0.0))
    assert not positions.known
    assert positions.warning == "The GPS receiver is still searching."
