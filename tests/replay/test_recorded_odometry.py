"""What wheels and gyro promise, on drives that recorded them; more of it is in the bench."""

import numpy as np
import pytest

from edge.messages.readings import GnssFix
from edge.position.estimator import Estimator
from tests.bench.positions.drives import journeys
from tests.bench.positions.measures import (
    bad_after_gap,
    errors_m,
    jumps,
    offsets,
    outages,
    replayed,
)
from tests.replay.odometry import balzer_journey, comma_journey
from tests.replay.recordings import rms

COMMA = "data/position/comma2k19/seg40/comma2k19_example_seg40.npz"
BALZER = "data/position/balzer82/2014-03-26-000-Data.csv.gz"


@pytest.fixture
def motorway(shared):
    return comma_journey(shared / COMMA)


@pytest.fixture
def city(shared):
    return balzer_journey(shared / BALZER)


def test_with_wheels_and_gyro_it_is_better_than_the_receiver(motorway):
    raw_m, own_m, published_m = errors_m(motorway, replayed(motorway.readings))
    assert rms(raw_m) == pytest.approx(1.47, abs=0.01)
    assert rms(own_m) <= 0.8
    assert np.mean(own_m <= published_m) >= 0.93
    assert np.median(published_m) <= 10


def test_by_fixes_alone_it_does_no_harm_at_ten_hertz(motorway):
    raw_m, own_m, _ = errors_m(motorway, replayed(motorway.fixes))
    assert rms(own_m) <= 1.03 * rms(raw_m)


def test_half_a_minute_without_fixes_on_a_motorway(motorway):
    error_m, way_m, published_m, _ = outages(motorway, 30.0, 4.0).T
    assert np.median(error_m / way_m) <= 0.015
    assert np.all(error_m <= published_m)


def test_half_a_minute_without_fixes_in_a_city(city):
    error_m, _, published_m, unsure_m = outages(city, 30.0, 5.0).T
    assert np.median(error_m) <= 18
    assert np.mean(error_m <= published_m + unsure_m) >= 0.7  # the held-out fixes err, too


def test_jumps_are_refused_and_sound_fixes_are_not(motorway, city):
    for journey in (motorway, city):
        thrown, followed, false, sound = jumps(journey, 3)
        assert thrown >= 15
        assert followed <= 0.005 * thrown
        assert false <= 0.005 * sound


def test_an_offset_is_flagged_at_once_and_not_followed(motorway, city):
    for journey in (motorway, city):
        flagged_s, followed_s = offsets(journey, 5, 3)
        assert flagged_s
        assert max(flagged_s) <= 2
        assert min(followed_s) >= 8


def test_a_bad_fix_after_a_gap_begins_nothing(motorway, city):
    for journey in (motorway, city):
        tried, believed = bad_after_gap(journey, 5, 5)
        assert (tried, believed) == (5, 0)


def test_a_receiver_that_comes_back_from_an_outage_is_believed_soon(city):
    estimator, states = Estimator(), []
    for reading in city.readings:
        if isinstance(reading, GnssFix) and 60 <= reading.received_s < 80:
            continue
        state = estimator.take(reading)
        if isinstance(reading, GnssFix) and 80 <= reading.received_s < 90:
            states.append(state)
    assert states[0].fix == "dead_reckoning"
    assert states[-1].fix == "gnss"
    assert states[-1].doubtful == ""


def test_every_drive_of_the_folder_is_found(shared):
    found = {journey.name: journey for journey in journeys(shared / "data" / "position")}
    assert {"Pixel4", "Pixel4XLModded", "comma2k19_example_seg40"} <= found.keys()
    assert len(found) == 5
    assert sum(journey.truth is None for journey in found.values()) == 1
