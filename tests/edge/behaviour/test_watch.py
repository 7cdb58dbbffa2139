"""Precision and recall on labelled drives, and what is no event."""

import pytest

from edge.behaviour.evidence import unpack
from edge.behaviour.limits import LIMITS
from edge.behaviour.watch import DriverWatch
from edge.messages.driving.signals import ReverseGear, SeatBelt
from edge.messages.readings import GnssFix, WheelSpeed
from sim.driving.sensors import Sensors
from tests.edge.behaviour.drives import balzer_labels, balzer_samples, watched
from tests.replay.odometry import balzer_journey

BALZER = "data/position/balzer82/2014-03-26-000-Data.csv.gz"


@pytest.mark.parametrize(
    ("sensors", "lasts_s", "least_s", "from_s"),
    [
        (Sensors(gnss_hz=1), 1500, 0.4, 800),
        (Sensors(gnss_hz=10, accelerometer=False), 1200, 1.0, 5),
        (Sensors(gnss_hz=1, accelerometer=False), 2400, 2.0, 5),
        (Sensors(gnss_hz=1, wheel_hz=10, accelerometer=False), 1200, 2.0, 5),
    ],
    ids=["accelerometer", "gnss 10 Hz", "gnss 1 Hz", "wheels"],
)
def test_d4_harsh_moments_are_found_and_nothing_else(sensors, lasts_s, least_s, from_s):
    total, _, _ = watched(1, sensors, lasts_s, least_s, from_s=from_s)
    total += watched(2, sensors, lasts_s, least_s, from_s=from_s)[0]
    assert total.hit >= 25
    assert total.precision >= 0.98
    assert total.recall >= 0.98


def test_d4_every_event_keeps_ten_seconds_of_raw_readings():
    _, seen, _ = watched(4, Sensors(gnss_hz=5, accelerometer=False), 300, 1.0)
    assert seen
    for event in seen:
        evidence = unpack(event.evidence)
        times = [reading.received_s for reading in evidence.readings]
        assert times == sorted(times)
        assert event.at_s - 5 <= times[0] <= event.at_s - 4.5
        assert event.at_s + 4.5 <= times[-1] <= event.at_s + 5


def test_d4_a_recorded_calm_drive_has_no_harsh_braking_or_cornering(shared):
    path = shared / BALZER
    samples, mounting = balzer_samples(path)
    journey = balzer_journey(path)
    known = [label for label in balzer_labels(path, LIMITS) if label.sure]
    assert {label.kind for label in known} <= {"acceleration"}
    for readings in (
        journey.readings,
        sorted([*journey.readings, *samples], key=lambda reading: reading.received_s),
    ):
        watch = DriverWatch(mounting=mounting)
        seen = [event for reading in readings for event in watch.take(reading)]
        assert {event.kind for event in seen} <= {"acceleration"}


def fed(watch, *spans, hz=10.0):
    """Feed (lasts_s, speed_mps, belt, reverse) spans of wheel speeds; return the events."""
    seen, now_s = [], 0.0
    for lasts_s, speed_mps, belt, reverse in spans:
        for _ in range(round(lasts_s * hz)):
            now_s += 1 / hz
            if belt is not None:
                seen += watch.take(SeatBelt(received_s=now_s, fastened=belt))
            if reverse is not None:
                seen += watch.take(ReverseGear(received_s=now_s, engaged=reverse))
            seen += watch.take(WheelSpeed(received_s=now_s, speed_mps=speed_mps))
    return seen


def test_d4_driving_without_the_belt_is_one_event_and_walking_pace_is_none():
    rolling = fed(DriverWatch(), (30, 2.5, False, None))
    assert rolling == []
    seen = fed(DriverWatch(), (20, 6.0, False, None), (20, 6.0, True, None))
    assert [event.kind for event in seen] == ["belt_off"]
    assert seen[0].lasts_s == pytest.approx(20, abs=0.5)


def test_d4_an_unsaid_belt_is_unknown_and_no_event():
    watch = DriverWatch()
    seen = fed(watch, (1, 0.0, False, None), (60, 8.0, None, None))
    assert seen == []


@pytest.mark.parametrize(("metres", "events"), [(5.0, []), (6.5, ["reversing"])])
def test_d4_reversing_counts_from_five_and_a_half_metres(metres, events):
    seen = fed(DriverWatch(), (metres, 1.0, None, True), (10, 0.0, None, False))
    assert [event.kind for event in seen] == events
    assert all(event.worst == pytest.approx(metres, abs=0.3) for event in seen)


@pytest.mark.parametrize(
    ("posted_mps", "events"), [(50 / 3.6, []), (40 / 3.6, ["speeding"]), (None, [])]
)
def test_d4_over_the_posted_limit_by_more_than_the_tolerance(posted_mps, events):
    watch, seen = DriverWatch(), []
    for second in range(40):
        watch.limit(second, posted_mps if second < 30 else None)
        fix = GnssFix(received_s=second, lat_deg=51.0, lon_deg=13.0, speed_mps=54 / 3.6)
        seen += watch.take(fix)
    assert [event.kind for event in seen] == events


def test_off_duty_nothing_is_kept():
    watch = DriverWatch()
    fed(watch, (4, 6.0, False, None))
    watch.off_duty()
    assert fed(watch, (10, 0.0, True, None)) == []


def test_one_wrong_speed_is_no_braking():
    watch, seen = DriverWatch(), []
    for second in range(40):
        speed_mps = 2.0 if second == 20 else 14.0
        fix = GnssFix(
            received_s=second,
            lat_deg=51.0 + second * 14 / 111_250,
            lon_deg=13.0,
            speed_mps=speed_mps,
            course_deg=0.0,
        )
        seen += watch.take(fix)
    assert seen == []
    assert watch.refuted > 0
