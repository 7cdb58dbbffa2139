"""The session as a whole: who is there, what it says, what we say, and for how long."""

import time
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.messages.machines import orders
from edge.messages.machines.autopilot import (
    AutopilotPresence,
    AutopilotState,
    AutopilotText,
    BatteryReading,
    HomePosition,
    VehicleAttitude,
    VehicleMotion,
    Wind,
)
from edge.messages.readings import GnssFix, GnssNoFix
from firmware_bridge.mavlink.session import MavlinkSession
from firmware_bridge.mavlink.vehicle.heartbeat import LOST_AFTER_S
from firmware_bridge.mavlink.vehicle.streams import USUAL_HZ
from firmware_bridge.mavlink.wire.dialect import crc_of, mavlink
from firmware_bridge.mavlink.wire.signing import Signing
from tests.firmware_bridge.mavlink.cable import GOOD, Cable, Faults
from tests.firmware_bridge.mavlink.scripted import ARDUPILOT, COPTER, PX4, ROVER, Scripted
from tests.firmware_bridge.mavlink.speak import heard, heartbeat, said, speaker, usual

KEY = bytes(range(32))
KINDS = [
    (ARDUPILOT, COPTER, "ardupilot_copter"),
    (ARDUPILOT, ROVER, "ardupilot_rover"),
    (PX4, COPTER, "px4_multicopter"),
    (PX4, ROVER, "px4_rover"),
]


@pytest.mark.parametrize(("firmware", "kind", "manner"), KINDS)
def test_an_autopilot_is_found_and_asked_who_it_is(firmware, kind, manner):
    cable = Cable(Scripted(firmware, kind)).run(3.0)
    first, known = cable.of(AutopilotPresence)
    assert (first.present, first.manner, first.version) == (True, manner, "")
    assert first.received_s < 0.1
    assert (known.version, known.missing) == ("4.7.0-dev", ())
    assert known.capabilities == (0xE8FF if firmware == PX4 else 0xFBEF)
    assert known.received_s < 0.5
    assert cable.of(HomePosition)[0].altitude_m == 448.0


@pytest.mark.parametrize("floods", [False, True])
@pytest.mark.parametrize(("firmware", "kind", "_manner"), KINDS)
def test_what_is_wanted_comes_as_often_as_it_is_wanted(firmware, kind, _manner, floods):
    cable = Cable(Scripted(firmware, kind, floods=floods)).run(60.0)
    for number, wanted_hz in USUAL_HZ.items():
        assert cable.session.rates_hz[number] == pytest.approx(wanted_hz, rel=0.3)
    unwanted = cable.session.rates_hz.get(105, 0.0)  # HIGHRES_IMU, 50 Hz of PX4's own accord
    assert unwanted == 0.0


def test_streams_that_a_start_has_stopped_are_asked_for_again():
    cable = Cable(Scripted()).run(20.0)
    cable.far.start(cable.now_s)
    cable.run(for_s=30.0)
    assert cable.session.rates_hz[mavlink.MAVLINK_MSG_ID_ATTITUDE] > 4


def test_telemetry_is_told_in_the_houses_units():
    cable = Cable(Scripted()).run(20.0)
    motion = cable.of(VehicleMotion)[-1]
    assert (motion.lat_deg, motion.lon_deg, motion.altitude_m) == (47.425, 8.5541666, 448.0)
    assert (motion.height_m, motion.up_mps, motion.heading_deg) == (0.0, 0.0, 90.0)
    fix = cable.of(GnssFix)[-1]
    assert (fix.accuracy_from, fix.satellites, fix.course_deg) == ("receiver", 12, None)
    assert fix.accuracy_m == pytest.approx(2.94)
    battery = cable.of(BatteryReading)[-1]
    assert battery.voltage_v == pytest.approx(12.3)
    assert (battery.remaining_frac, battery.current_a) == (0.8, 12.34)
    assert (battery.used_ah, battery.left_s, battery.temperature_c) == (0.3, None, 25.0)
    assert cable.of(VehicleAttitude)[-1].heading_deg == pytest.approx(90, abs=0.1)
    state = cable.of(AutopilotState)[-1]
    assert (state.mode, state.mode_name, state.armed) == ("manual", "STABILIZE", False)
    assert (state.landed, state.can_arm, state.ill) == ("on_ground", True, ("3d_mag",))


def hear(*messages, firmware=ARDUPILOT):
    """Readings of messages said right after the autopilot was found."""
    mav, session = speaker(), MavlinkSession(0.0)
    session.receive(said(mav, heartbeat(autopilot=firmware)), 0.0)
    return [n for m in messages for n in session.receive(said(mav, m), 1.0)]


def gps(fix_type=3, lat=474250000, lon=85541666, **more):
    given = {"eph": 65535, "epv": 65535, "vel": 65535, "cog": 65535, "seen": 255, **more}
    return mavlink.MAVLink_gps_raw_int_message(
        0,
        fix_type,
        lat,
        lon,
        448_000,
        given["eph"],
        given["epv"],
        given["vel"],
        given["cog"],
        given["seen"],
    )


@pytest.mark.parametrize(
    "message", [gps(fix_type=1), gps(lat=0, lon=0), gps(lat=2_000_000_000), gps(fix_type=0)]
)
def test_a_receiver_without_a_fix_is_no_place_at_zero(message):
    (told,) = hear(message)
    assert told == GnssNoFix(received_s=1.0)


def test_what_is_unknown_stays_unknown():
    (fix,) = hear(gps(fix_type=2))
    assert (fix.speed_mps, fix.course_deg, fix.accuracy_m, fix.hdop) == (None,) * 4
    assert (fix.satellites, fix.altitude_m, fix.accuracy_from) == (None, None, "unknown")
    blank = mavlink.MAVLink_battery_status_message(0, 0, 0, 32767, [65535] * 10, -1, -1, -1, -1)
    (battery,) = hear(blank)
    assert battery == BatteryReading(received_s=1.0, battery=0)
    nowhere = mavlink.MAVLink_global_position_int_message(0, 0, 0, 0, 0, 0, 0, 0, 65535)
    no_attitude = mavlink.MAVLink_attitude_message(0, float("nan"), 0, 0, 0, 0, 0)
    assert hear(nowhere, no_attitude) == []


def test_sentences_and_wind_are_told():
    text, wind = hear(
        mavlink.MAVLink_statustext_message(4, "Bad compass ü".encode()),
        mavlink.MAVLink_wind_message(-90.0, 4.5, 0.0),
    )
    assert text == AutopilotText(received_s=1.0, severity=4, text=text.text)
    assert text.text.startswith("Bad compass")
    assert wind == Wind(received_s=1.0, from_deg=270.0, speed_mps=4.5)


def test_a_gimbal_a_ground_station_or_another_vehicle_is_not_taken_for_the_autopilot():
    session = MavlinkSession(0.0, system=7)
    beats = (
        said(speaker(255, 190), heartbeat(kind=6, autopilot=8)),
        said(speaker(7, 154), heartbeat()),
        said(speaker(1, 1), heartbeat()),
    )
    assert [session.receive(beat, 0.0) for beat in beats] == [[], [], []]
    found, _ = session.receive(said(speaker(7, 1), heartbeat()), 0.0)
    assert found.system == 7
    # Somebody else's words do not count as ours.
    assert session.receive(said(speaker(1, 1), gps()), 0.1) == []


def test_firmware_that_we_do_not_know_is_named_and_refused():
    mav, session = speaker(), MavlinkSession(0.0)
    found, _ = session.receive(said(mav, heartbeat(autopilot=4, kind=1)), 0.0)
    assert (found.present, found.manner) == (True, "")
    assert "neither ArduPilot nor PX4" in found.why
    session.send(orders.Arm(order_id="a"), 0.1)
    (answer,) = session.wake(0.1)
    assert answer.why == "there is no autopilot that we know"


def test_we_beat_once_a_second_as_the_vehicles_own_companion_and_never_as_ground():
    cable = Cable(Scripted()).run(30.0)
    beats = [(t, m) for t, m in cable.far.heard if m.get_type() == "HEARTBEAT"]
    assert 29 <= len(beats) <= 31
    for _, beat in beats:
        assert (beat.get_srcSystem(), beat.get_srcComponent()) == (1, 191)
        assert (beat.type, beat.autopilot) == (18, 8)


def test_a_vehicle_of_another_number_gets_our_beat_under_its_own():
    mav, session = speaker(42, 1), MavlinkSession(0.0)
    session.receive(said(mav, heartbeat()), 0.0)
    session.wake(0.0)
    assert {m.get_srcSystem() for m in heard(session.outgoing())} == {42}


def test_loss_is_said_once_and_return_after_two_beats():
    cable = Cable(Scripted()).run(10.0)
    cable.faults, cable.news[:] = Faults(loss=1.0), []
    cable.run(for_s=30.0)
    (lost,) = cable.of(AutopilotPresence)
    assert (lost.present, lost.why) == (False, "no heartbeat")
    assert lost.received_s == pytest.approx(10.0 + LOST_AFTER_S, abs=1.0)
    cable.faults, cable.news[:] = GOOD, []
    cable.run(for_s=5.0)
    assert cable.of(AutopilotPresence)[0].present
    assert 1.0 <= cable.of(AutopilotPresence)[0].received_s - 40.0 <= 2.5


def test_what_never_comes_is_named():
    far = Scripted()
    far.request = lambda _m: 3
    cable = Cable(far).run(30.0)
    told = cable.of(AutopilotPresence)[-1]
    assert set(told.missing) == {"AUTOPILOT_VERSION", "HOME_POSITION"}


def test_the_clocks_are_put_side_by_side():
    cable = Cable(Scripted(), faults=Faults(delay_s=0.2, jitter_s=0.05)).run(20.0)
    clock = cable.session.clock
    assert clock.round_trip_s == pytest.approx(0.42, abs=0.06)
    assert clock.our_time_s(10.0) == pytest.approx(10.0, abs=0.06)


def test_a_clock_question_is_answered():
    mav, session = speaker(), MavlinkSession(0.0)
    session.receive(said(mav, heartbeat()), 0.0)
    session.receive(said(mav, mavlink.MAVLink_timesync_message(0, 77)), 2.0)
    answers = [m for m in heard(session.outgoing()) if m.get_type() == "TIMESYNC"]
    assert (answers[-1].ts1, answers[-1].tc1) == (77, 2_000_000_000)


def test_a_start_is_noticed_though_no_beat_was_missed():
    cable = Cable(Scripted()).run(15.0)
    cable.news.clear()
    cable.far.start(cable.now_s, pause_s=0.5)
    cable.run(for_s=8.0)
    assert "it started anew" in [n.why for n in cable.of(AutopilotPresence)]


def test_a_start_shows_in_the_autopilots_own_question_for_the_time():
    mav, session = speaker(), MavlinkSession(0.0)
    session.receive(said(mav, heartbeat()), 0.0)
    news = []
    for its_s in (100, 101, 100.5, 3):
        asking = mavlink.MAVLink_timesync_message(0, int(its_s * 1e9))
        news += session.receive(said(mav, asking), 1.0)
    assert [n.why for n in news if isinstance(n, AutopilotPresence)] == ["it started anew"]


def test_a_lost_link_is_a_lost_autopilot_and_answers_outlive_it():
    cable = Cable(Scripted()).run(5.0)
    order = orders.Grip(order_id="g", closed=False)
    first = cable.order(order)
    cable.session.receive(b"\xfd\x09\x00", cable.now_s)
    told = cable.session.link_lost(cable.now_s, "unplugged")
    assert (told[0].present, told[0].why) == (False, "unplugged")
    assert cable.session.link_lost(cable.now_s, "unplugged") == []
    assert cable.session.outgoing() == b""
    cable.news.clear()
    cable.run(for_s=5.0)
    assert cable.of(AutopilotPresence)[-1].present
    assert cable.order(order) == first
    assert cable.session.count.frames > 10


def test_answers_to_a_ground_station_on_the_same_link_are_not_ours():
    cable = Cable(Scripted()).run(5.0)
    cable.far.on_command_long = lambda _m: cable.far.say(
        mavlink.MAVLink_command_ack_message(211, 0, target_system=255, target_component=190)
    )
    assert cable.order(orders.Grip(order_id="g", closed=True)).result == "unanswered"


def signer(seconds=0):
    stamp = 10**12 + seconds
    return Signing(KEY, link_id=1, stamp=stamp, now_s=0.0, clock_is_known=True)


def test_with_a_key_only_who_holds_it_is_heard():
    session = MavlinkSession(0.0, signing=signer())
    assert session.receive(said(speaker(), heartbeat()), 0.0) == []
    signed = speaker(key=KEY, stamp=10**12)
    found, _ = session.receive(said(signed, heartbeat()), 0.0)
    assert found.present
    session.wake(0.0)
    assert all(m.get_signed() for m in heard(session.outgoing(), KEY))


@given(st.integers(0, 2**32), st.lists(st.integers(1, 200), min_size=1, max_size=9))
@settings(max_examples=60, deadline=None)
def test_any_bytes_in_any_pieces_crash_nothing(seed, sizes):
    rng, mav = Random(seed), speaker()
    session = MavlinkSession(0.0)
    frames = [said(mav, usual(rng)) for _ in range(20)]
    data = bytearray(b"".join(frames))
    for _ in range(rng.randrange(6)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    now_s = 0.0
    while data:
        for size in sizes:
            session.receive(bytes(data[:size]), now_s)
            del data[:size]
            now_s += 0.3
            if now_s >= session.wake_at_s:
                session.wake(now_s)
            session.outgoing()


def any_message(number, rng):
    """A message of any kind with values by chance, from our autopilot."""
    kind = mavlink.mavlink_map[number]
    fields = kind.unpacker.unpack(rng.randbytes(kind.unpacker.size))
    return kind.unpacker.pack(*fields)


def test_every_message_with_any_values_crashes_nothing():
    rng = Random(5)
    session = MavlinkSession(0.0)
    session.receive(said(speaker(), heartbeat()), 0.0)
    sequence = 0
    for _ in range(20):
        for number in sorted(mavlink.mavlink_map):
            payload = any_message(number, rng)
            head = bytes([len(payload), 0, 0, sequence % 256, 1, 1])
            body = head + number.to_bytes(3, "little") + payload
            sequence += 1
            raw = b"\xfd" + body + crc_of(body, number).to_bytes(2, "little")
            for news in session.receive(raw, sequence / 100):
                # Within the bounds that the words have on every wire.
                assert msgspec.convert(msgspec.to_builtins(news), type(news)) == news
            session.wake(sequence / 100)
            while session.outgoing():
                pass
    assert session.count.frames == sequence + 1


def fuzz(seed, size):
    """Damaged frames and noise for a session with orders under way; return bytes fed."""
    rng, done = Random(seed), 0
    while done < size:
        mav, session, now_s = speaker(), MavlinkSession(0.0), 0.0
        session.receive(said(mav, heartbeat()), 0.0)
        session.send(orders.CheckParameters(order_id="p"), 0.0)
        session.send(orders.LoadPlan(order_id="l", kind="mission", parts=()), 0.0)
        for number in range(200):
            raw = bytearray(said(mav, rng.choice(ANSWERS)(rng)))
            if rng.random() < 0.3:
                raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
            data = bytes(raw) + rng.randbytes(rng.choice((0, 0, 0, 30)))
            done += len(data)
            now_s += rng.choice((0.0, 0.01, 0.5))
            session.receive(data, now_s)
            if number == 100:
                session.send(orders.GoOnFrom(order_id="g", part=0), now_s)
                session.send(orders.ChangeMode(order_id="h", mode="hold"), now_s)
            if now_s >= session.wake_at_s:
                session.wake(now_s)
            while session.outgoing():
                pass
    return done


def byte(rng):
    return rng.randrange(256)


ANSWERS = (
    usual,
    lambda rng: mavlink.MAVLink_command_ack_message(
        rng.choice((176, 224, 511, 512)), byte(rng)
    ),
    lambda rng: mavlink.MAVLink_mission_ack_message(1, 191, byte(rng) % 17, byte(rng) % 3),
    lambda rng: mavlink.MAVLink_mission_count_message(1, 191, rng.randrange(4), 0),
    lambda rng: mavlink.MAVLink_mission_request_message(1, 191, rng.randrange(9), 0),
    lambda rng: mavlink.MAVLink_mission_item_message(
        1, 191, rng.randrange(4), 3, 16, 0, 1, 0, 0, 0, 0, float("nan"), 1e30, float("inf"), 0
    ),
    lambda rng: mavlink.MAVLink_mission_current_message(rng.randrange(65536)),
    lambda rng: mavlink.MAVLink_param_value_message(
        b"FENCE_ENABLE", float("nan"), byte(rng) % 12, 10, rng.randrange(12)
    ),
    lambda rng: mavlink.MAVLink_timesync_message(
        rng.choice((0, 1, -(2**62))), rng.choice((0, 5, 2**62))
    ),
    lambda rng: mavlink.MAVLink_system_time_message(0, rng.randrange(1 << 32)),
    lambda rng: heartbeat(kind=rng.choice((2, 10, 6)), custom_mode=rng.randrange(1 << 32)),
)


def test_damaged_and_hostile_answers_crash_nothing():
    assert fuzz(1, 100_000)


@pytest.mark.fuzz
@pytest.mark.timeout(0)
def test_ten_million_bytes_of_hostile_answers():
    seed = time.time_ns()
    print(f"seed {seed}: {fuzz(seed, 10_000_000)} bytes")
