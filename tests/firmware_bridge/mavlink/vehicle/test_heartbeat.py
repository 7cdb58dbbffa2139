import math

from firmware_bridge.mavlink.vehicle.heartbeat import (
    HIGH_LATENCY_LOST_AFTER_S,
    LOST_AFTER_S,
    MOST_PEERS,
    Peers,
    our_beat,
)
from firmware_bridge.mavlink.wire.dialect import mavlink
from firmware_bridge.mavlink.wire.frames import Framer
from tests.firmware_bridge.mavlink.scripted import ROVER
from tests.firmware_bridge.mavlink.speak import heartbeat, said, speaker


def hear(peers, message, now_s, system=1, component=1):
    (frame,) = Framer().feed(said(speaker(system, component), message), now_s)
    return peers.heard(frame, frame.decode(), now_s)


def high_latency():
    return mavlink.MAVLink_high_latency2_message(
        0, 2, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
    )


def test_found_at_the_first_beat_lost_after_silence_back_after_two():
    peers = Peers()
    assert peers.wake_at_s == math.inf
    assert hear(peers, heartbeat(), 1.0)
    assert not hear(peers, heartbeat(), 2.0)
    assert peers.wake_at_s == 2.0 + LOST_AFTER_S
    assert not peers.wake(6.9)
    assert peers.wake(7.0)
    assert not peers.wake(8.0)
    assert not hear(peers, heartbeat(), 9.0)
    assert hear(peers, heartbeat(), 10.0)


def test_any_word_of_the_autopilot_is_a_sign_of_life_and_nobody_elses():
    peers = Peers()
    hear(peers, heartbeat(), 0.0)
    peers.heard_from((1, 1), 4.0)
    peers.heard_from((1, 154), 8.0)
    assert peers.wake_at_s == 4.0 + LOST_AFTER_S


def test_a_link_of_high_latency_is_given_its_time():
    peers = Peers()
    assert hear(peers, high_latency(), 0.0)
    assert peers.wake_at_s == HIGH_LATENCY_LOST_AFTER_S


def test_a_flood_of_others_neither_fills_the_memory_nor_hides_the_autopilot():
    peers = Peers()
    for number in range(1000):
        hear(peers, heartbeat(), 0.0, system=number % 250 + 1, component=number // 250 + 2)
    assert len(peers._peers) == MOST_PEERS
    assert hear(peers, heartbeat(), 0.0, system=77)
    for number in range(1000):
        hear(peers, heartbeat(), 1.0, system=number % 250 + 1, component=number // 250 + 2)
    assert peers.wake_at_s == LOST_AFTER_S
    assert len(peers._peers) <= MOST_PEERS + 1


def test_an_autopilot_that_has_become_another_vehicle_is_found_anew():
    peers = Peers()
    hear(peers, heartbeat(), 0.0)
    assert hear(peers, heartbeat(kind=ROVER), 1.0)
    assert peers.manner.name == "ardupilot_rover"


def test_our_beat_is_no_ground_stations_and_no_autopilots():
    beat = our_beat()
    assert beat.type != mavlink.MAV_TYPE_GCS
    assert beat.autopilot == mavlink.MAV_AUTOPILOT_INVALID
