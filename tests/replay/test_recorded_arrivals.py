"""Arrivals and drive-bys on drives that were really driven."""

import itertools
import math

import numpy as np
import pytest

from edge.executor.driving.arrival import ArrivalDetector
from edge.messages.geo import Place, east_north_m
from edge.position.estimator import Estimator
from edge.vehicles.contractor import CONTRACTOR
from edge.vehicles.van import VAN
from tests.replay.recordings import RECEIVERS, drive

STAND_S = 20.0


@pytest.fixture(params=RECEIVERS)
def recorded(request, shared):
    return drive(shared, request.param)


def track(recorded):
    """The true places and speeds at the times of the fixes: (n,) seconds, places, (n,) m/s."""
    seconds = np.array([fix.received_s for fix in recorded.fixes])
    told = np.array([fix.utc.timestamp() % 86_400 for fix in recorded.fixes])
    lat_deg = np.interp(told, recorded.truth[:, 0], recorded.truth[:, 1])
    lon_deg = np.interp(told, recorded.truth[:, 0], recorded.truth[:, 2])
    places = [
        Place(lat_deg=lat, lon_deg=lon) for lat, lon in zip(lat_deg, lon_deg, strict=True)
    ]
    steps_m = [gap_m(here, there) for here, there in itertools.pairwise(places)]
    return seconds, places, np.array([0.0, *steps_m]) / np.diff(seconds, prepend=seconds[0] - 1)


def gap_m(one, other):
    return math.hypot(*east_north_m(one, other))


def stands(seconds, places, speeds_mps):
    """Where and when the truth stood for a while."""
    since = None
    for number, speed_mps in enumerate(speeds_mps):
        if speed_mps < 0.2:
            since = number if since is None else since
        else:
            if since is not None and seconds[number - 1] - seconds[since] >= STAND_S:
                yield places[since], seconds[since], seconds[number - 1]
            since = None


def estimated(recorded):
    estimator = Estimator()
    return [estimator.take(fix) for fix in recorded.fixes]


def arrivals(states, place, radius_m):
    """When the vehicle is said to arrive at a place, on the whole drive."""
    watching = ArrivalDetector(place, radius_m, VAN.arrival_dwell_s, VAN.arrival_max_speed_mps)
    return [state.at_s for state in states if watching.update(state)], watching


@pytest.mark.parametrize("radius_m", [20.0, 30.0, 50.0, 60.0, 80.0])
def test_every_stand_at_a_stop_is_found_within_ten_seconds(recorded, radius_m):
    found = list(stands(*track(recorded)))
    assert found
    states, first_at = estimated(recorded), {}
    for place, since_s, until_s in found:
        told, _ = arrivals(states, place, radius_m)
        assert len(told) == 1
        near_before = any(
            gap_m(place, other) < 2 * radius_m and other_s < since_s
            for other, other_s in first_at.items()
        )
        first_at[place] = since_s
        if not near_before and since_s > 10:  # a queue moves up in small stands
            assert told[0] <= since_s + VAN.arrival_dwell_s + 2
            assert told[0] < until_s


@pytest.mark.parametrize("kind", [VAN, CONTRACTOR])
def test_a_stop_that_is_passed_is_not_arrived_at(recorded, kind):
    """A stop every 200 m of the drive, wherever the truth was never slow nearby."""
    _seconds, places, speeds_mps = track(recorded)
    slow = [place for place, speed in zip(places, speeds_mps, strict=True) if speed < 2.0]
    states, passed, last = estimated(recorded), 0, places[0]
    for place in places:
        if gap_m(last, place) < 200:
            continue
        last = place
        if min(gap_m(place, other) for other in slow) > 90:
            told, watching = arrivals(states, place, kind.arrival_radius_m)
            assert told == []
            assert watching.closest_m < 12
            passed += 1
    assert passed >= 10
