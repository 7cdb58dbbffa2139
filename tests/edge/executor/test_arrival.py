import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.executor.driving.arrival import ArrivalDetector, ArrivalSnapshot
from edge.messages.geo import Place, metres_per_degree
from edge.messages.state import VehicleState

DOOR = Place(lat_deg=47.4, lon_deg=8.55)
NORTH_M, EAST_M = metres_per_degree(DOOR.lat_deg)
RADIUS_M, DWELL_S, SLOW_MPS = 30.0, 8.0, 1.5


def at(second, east_m=0.0, north_m=0.0, *, speed_mps=0.0, accuracy_m=5.0, **changes):
    fields = {
        "at_s": float(second),
        "fix": "gnss",
        "place": Place(
            lat_deg=DOOR.lat_deg + north_m / NORTH_M, lon_deg=DOOR.lon_deg + east_m / EAST_M
        ),
        "accuracy_m": accuracy_m,
        "speed_mps": speed_mps,
        **changes,
    }
    return VehicleState(**fields)


def unknown(second):
    return VehicleState(at_s=float(second), fix="none", doubtful="no fix")


def detector(snapshot=None, radius_m=RADIUS_M):
    return ArrivalDetector(DOOR, radius_m, DWELL_S, SLOW_MPS, snapshot)


def arrivals(states, watching=None):
    """Return the instants at which the vehicle is said to arrive."""
    watching = watching or detector()
    return [state.at_s for state in states if watching.update(state)]


def test_standing_at_the_stop_for_the_dwell_is_an_arrival_said_once():
    assert arrivals(at(n) for n in range(60)) == [8.0]


def test_coming_to_a_stop_counts_from_standstill():
    approach = [at(n, 200.0 - 10.0 * n, speed_mps=10.0) for n in range(20)]
    assert arrivals(approach + [at(20 + n) for n in range(30)]) == [28.0]


@pytest.mark.parametrize("speed_mps", [3.0, 8.0, 15.0])
def test_driving_by_is_no_arrival_however_near(speed_mps):
    watching = detector()
    drive = [at(n, -300.0 + speed_mps * n, 4.0, speed_mps=speed_mps) for n in range(200)]
    assert arrivals(drive, watching) == []
    assert watching.closest_m == pytest.approx(4.0, abs=0.1)


def test_the_nearest_point_lies_between_fixes():
    """45 m/s: no fix falls within 20 m of the stop."""
    watching = detector()
    assert (
        arrivals([at(n, -112.5 + 45.0 * n, 6.0, speed_mps=45.0) for n in range(6)], watching)
        == []
    )
    assert watching.closest_m == pytest.approx(6.0, abs=0.1)


def test_a_red_light_shorter_than_the_dwell_is_no_arrival():
    states = [at(n) for n in range(7)] + [
        at(7 + n, 10.0 * n, speed_mps=10.0) for n in range(20)
    ]
    assert arrivals(states) == []


def test_two_short_stands_do_not_add_up():
    states = [at(n) for n in range(6)] + [at(6, speed_mps=4.0)] + [at(7 + n) for n in range(6)]
    assert arrivals(states) == []


def test_the_accuracy_counts_against_arriving():
    edge_m = RADIUS_M - 5.0
    assert arrivals(at(n, edge_m, accuracy_m=10.0) for n in range(20)) == [8.0]
    assert arrivals(at(n, edge_m, accuracy_m=20.0) for n in range(20)) == []


def test_a_position_vaguer_than_the_radius_is_not_known():
    watching = detector()
    assert arrivals((at(n, accuracy_m=31.0) for n in range(60)), watching) == []
    assert watching.distance_m is None
    assert watching.closest_m is None


def test_a_doubtful_position_does_not_count():
    assert arrivals(at(n, doubtful="fixes refused: 3") for n in range(60)) == []


def test_not_knowing_for_a_while_neither_counts_nor_undoes():
    states = [at(n) for n in range(6)] + [unknown(n) for n in range(6, 30)]
    states += [at(30 + n) for n in range(10)]
    assert arrivals(states) == [33.0]


def test_not_knowing_for_a_minute_begins_the_dwell_again():
    states = [at(n) for n in range(6)] + [at(100 + n) for n in range(20)]
    assert arrivals(states) == [108.0]


def test_an_unknown_speed_is_not_taken_for_standing():
    assert arrivals(at(n, speed_mps=None) for n in range(60)) == []


def test_leaving_takes_distance_and_time():
    watching = detector()
    arrivals([at(n) for n in range(20)], watching)
    for n in range(20, 40):
        watching.update(at(n, 44.0, speed_mps=1.0))
    assert not watching.left
    for n in range(40, 45):
        watching.update(at(n, 60.0, speed_mps=1.0))
    assert not watching.left
    watching.update(at(45, 60.0, speed_mps=1.0))
    assert watching.left


def test_losing_the_fix_is_not_leaving():
    watching = detector()
    arrivals([at(n) for n in range(20)], watching)
    for n in range(20, 600):
        watching.update(unknown(n))
    watching.update(at(601, 500.0, accuracy_m=200.0))
    assert not watching.left
    assert watching.distance_m is None


def test_one_that_never_arrived_has_not_left():
    watching = detector()
    arrivals([at(n, 500.0, speed_mps=10.0) for n in range(20)], watching)
    assert not watching.left
    assert watching.distance_m == pytest.approx(500.0, abs=0.5)


def test_a_restart_in_mid_dwell_keeps_what_was_waited():
    before = detector()
    assert arrivals([at(n) for n in range(6)], before) == []
    kept = msgspec.json.decode(msgspec.json.encode(before.snapshot()), type=ArrivalSnapshot)
    after = detector(kept)
    assert arrivals([at(n) for n in range(1000, 1010)], after) == [1003.0]
    assert arrivals([at(n) for n in range(5)], detector(after.snapshot())) == []


STATES = st.lists(
    st.builds(
        lambda step, east, north, speed, accuracy, known: (
            step,
            at(0, east, north, speed_mps=speed, accuracy_m=accuracy) if known else unknown(0),
        ),
        st.floats(0.1, 5),
        st.floats(-100, 100),
        st.floats(-100, 100),
        st.floats(0, 5),
        st.floats(1, 40),
        st.booleans(),
    ),
    max_size=60,
)


@given(STATES)
def test_an_arrival_has_always_stood_inside_for_the_dwell(steps):
    watching, now_s, stood_s, last_s = detector(), 0.0, 0.0, None
    told = 0
    for step_s, state in steps:
        now_s += step_s
        known = state.fix != "none" and state.accuracy_m <= RADIUS_M
        arrived = watching.update(msgspec.structs.replace(state, at_s=now_s))
        if known:
            inside = watching.distance_m <= RADIUS_M and state.speed_mps < SLOW_MPS
            if last_s is not None and now_s - last_s <= 3.0:
                stood_s += now_s - last_s
            stood_s = stood_s if inside else 0.0
            last_s = now_s
        else:
            last_s = None
        told += arrived
        assert not arrived or stood_s >= DWELL_S - 1e-6
    assert told <= 1
