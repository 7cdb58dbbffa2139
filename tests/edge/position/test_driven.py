"""The scalar filter of wheels and gyro against the same filter written with matrices."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.position.driven import (
    BIAS_NOISE,
    BLIND_HEADING_NOISE,
    HEADING_NOISE,
    POSITION_NOISE,
    REST_TURN_SIGMA_RADPS,
    SPEED_NOISE,
    TURN_NOISE,
    DrivenFilter,
)

PLACES = st.tuples(st.floats(-500, 500), st.floats(-500, 500))
TURNS = st.none() | st.floats(-1, 1)
STEPS = st.one_of(
    st.tuples(st.just("predict"), st.floats(0, 0.25), TURNS),
    st.tuples(st.just("rest"), st.floats(0, 0.25), TURNS),
    st.tuples(st.just("speed"), st.floats(-10, 40), st.floats(0.1, 2)),
    st.tuples(st.just("heading"), st.floats(-7, 7), st.floats(0.02, 1)),
    st.tuples(st.just("position"), PLACES, st.floats(0.5, 20)),
    st.tuples(st.just("widen"), st.floats(0, 20)),
)
STARTS = st.tuples(PLACES, st.floats(0, math.tau), st.floats(-5, 30), st.floats(-0.1, 0.1))
SIGMAS = (3.0, 0.1, 0.5, 0.05)


class MatrixFilter:
    """x: (5,) east, north [m], heading [rad], speed [m/s], bias [rad/s]; the textbook form."""

    def __init__(self, place, heading, speed, bias):
        self.x = np.array([*place, heading, speed, bias])
        self.p = np.diag([SIGMAS[0], *SIGMAS]) ** 2

    def predict(self, dt_s, turn):
        _, _, heading, speed, bias = self.x
        rate = 0.0 if turn is None else turn - bias
        middle = heading + rate * dt_s / 2
        way = dt_s * np.array([math.sin(middle), math.cos(middle)])
        f = np.eye(5)
        f[0, 2], f[1, 2] = speed * way[1], -speed * way[0]
        f[0, 3], f[1, 3] = way
        q = np.diag(
            [POSITION_NOISE, POSITION_NOISE, BLIND_HEADING_NOISE, SPEED_NOISE, BIAS_NOISE]
        )
        if turn is not None:
            f[2, 4] = -dt_s
            q[2, 2] = HEADING_NOISE + TURN_NOISE * rate**2
        self.x = self.x + np.array([*(speed * way), rate * dt_s, 0, 0])
        self.p = f @ self.p @ f.T + q * dt_s

    def rest(self, dt_s, turn):
        self.x[3] = 0.0
        self.p[3, :] = self.p[:, 3] = 0.0
        self.p[3, 3] = 1e-4
        self.p[4, 4] += BIAS_NOISE * dt_s
        if turn is not None:
            self.update([4], [turn - self.x[4]], REST_TURN_SIGMA_RADPS)

    def update(self, rows, off, sigma):
        h = np.eye(5)[rows]
        s = h @ self.p @ h.T + sigma**2 * np.eye(len(rows))
        gain = self.p @ h.T @ np.linalg.inv(s)
        misfit = np.array(off) @ np.linalg.inv(s) @ np.array(off)
        self.x = self.x + gain @ np.array(off)
        rest = np.eye(5) - gain @ h
        self.p = rest @ self.p @ rest.T + sigma**2 * gain @ gain.T
        return misfit


def both(start):
    return DrivenFilter(*start, SIGMAS), MatrixFilter(*start)


def play(scalar, matrix, step):
    """Do a step on both sides."""
    match step:
        case ("predict", dt_s, turn):
            scalar.predict(dt_s, turn)
            matrix.predict(dt_s, turn)
        case ("rest", dt_s, turn):
            scalar.rest(dt_s, turn)
            matrix.rest(dt_s, turn)
        case ("speed", speed, sigma):
            matrix.update([3], [speed - matrix.x[3]], sigma)
            scalar.update_speed(speed, sigma)
        case ("heading", heading, sigma):
            misfit = scalar.heading_misfit(heading, sigma)
            off = math.remainder(heading - scalar.heading_rad, math.tau)
            assert misfit == pytest.approx(matrix.update([2], [off], sigma), rel=1e-6, abs=1e-9)
            scalar.update_heading(heading, sigma)
        case ("position", place, sigma):
            misfit = scalar.position_misfit(place, sigma)
            off = np.array(place) - matrix.x[:2]
            assert misfit == pytest.approx(
                matrix.update([0, 1], off, sigma), rel=1e-6, abs=1e-9
            )
            scalar.update_position(place, sigma)
        case ("widen", sigma):
            scalar.widen(sigma)
            matrix.p[0, 0] += sigma**2
            matrix.p[1, 1] += sigma**2


def numbers(scalar):
    return (
        scalar.east_m,
        scalar.north_m,
        scalar.heading_rad,
        scalar.speed_mps,
        scalar.bias_radps,
    )


@settings(deadline=None)
@given(STARTS, st.lists(STEPS, max_size=30))
def test_it_is_the_matrix_filter_to_the_ninth_digit(start, steps):
    scalar, matrix = both(start)
    for step in steps:
        play(scalar, matrix, step)
        scale = 1 + np.abs(matrix.x).max()
        assert np.array(numbers(scalar)) == pytest.approx(matrix.x, rel=1e-9, abs=1e-9 * scale)
        upper = matrix.p[np.triu_indices(5)]
        large = 1e-9 * (1 + np.abs(upper).max())
        assert np.array(scalar.covariance) == pytest.approx(upper, rel=1e-9, abs=large)
        assert np.linalg.eigvalsh(matrix.p).min() > -large
        worst = math.sqrt(np.linalg.eigvalsh(matrix.p[:2, :2]).max())
        assert scalar.sigma_m == pytest.approx(worst, rel=1e-6)


@settings(deadline=None)
@given(STARTS, st.lists(STEPS, max_size=20), st.floats(-3, 3), PLACES)
def test_turned_and_moved_it_is_the_same_drive(start, steps, by_rad, to_m):
    """The laws of the filter know neither north nor an origin."""

    def turned(place):
        east, north = place
        cosine, sine = math.cos(by_rad), math.sin(by_rad)
        return to_m[0] + cosine * east + sine * north, to_m[1] - sine * east + cosine * north

    place, heading, speed, bias = start
    here = DrivenFilter(place, heading, speed, bias, SIGMAS)
    there = DrivenFilter(turned(place), heading + by_rad, speed, bias, SIGMAS)
    for step in steps:
        if step[0] == "heading" and abs(abs(_off(here, step[1])) - math.pi) < 1e-6:
            continue  # straight behind: either way round is as short
        _do(here, step)
        match step:
            case ("heading", told, sigma):
                _do(there, ("heading", told + by_rad, sigma))
            case ("position", told, sigma):
                _do(there, ("position", turned(told), sigma))
            case _:
                _do(there, step)
    east, north = turned((here.east_m, here.north_m))
    scale = 1e-6 * (1 + abs(east) + abs(north))
    assert there.east_m == pytest.approx(east, abs=scale)
    assert there.north_m == pytest.approx(north, abs=scale)
    assert there.speed_mps == pytest.approx(here.speed_mps, rel=1e-6, abs=1e-6)
    assert there.sigma_m == pytest.approx(here.sigma_m, rel=1e-6)


def _off(scalar, heading):
    return math.remainder(heading - scalar.heading_rad, math.tau)


def _do(scalar, step):
    kind, *values = step
    {
        "predict": scalar.predict,
        "rest": scalar.rest,
        "speed": scalar.update_speed,
        "heading": scalar.update_heading,
        "position": scalar.update_position,
        "widen": scalar.widen,
    }[kind](*values)


def test_a_steady_turn_is_a_circle():
    scalar = DrivenFilter((0.0, 0.0), 0.0, 10.0, 0.02, SIGMAS)
    rate = math.tau / 60
    for _ in range(6000):
        scalar.predict(0.01, rate + 0.02)
    assert math.hypot(scalar.east_m, scalar.north_m) < 0.01
    assert scalar.heading_rad == pytest.approx(math.tau)


def test_without_a_gyro_it_soon_knows_less():
    sigmas = (3.0, 0.02, 0.5, 0.001)
    seeing, blind = (DrivenFilter((0.0, 0.0), 0.0, 10.0, 0.0, sigmas) for _ in range(2))
    for _ in range(100):
        seeing.predict(0.1, 0.0)
        blind.predict(0.1, None)
        for scalar in (seeing, blind):
            scalar.update_speed(10.0, 0.15)
    assert blind.sigma_m > 2 * seeing.sigma_m


def test_at_rest_the_gyro_tells_its_bias_and_nothing_moves():
    scalar = DrivenFilter((3.0, 4.0), 1.0, 0.0, 0.0, SIGMAS)
    for _ in range(500):
        scalar.rest(0.01, 0.03)
    assert scalar.bias_radps == pytest.approx(0.03, abs=1e-3)
    assert (scalar.east_m, scalar.north_m, scalar.heading_rad) == (3.0, 4.0, 1.0)
