"""The scalar filter against the same filter written with matrices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.position.filter import ACCELERATION_NOISE, MotionFilter

VALUES = st.floats(-1000, 1000)
PAIRS = st.tuples(VALUES, VALUES)
SIGMAS = st.floats(0.5, 50)
STEPS = st.one_of(
    st.tuples(st.just("predict"), st.floats(0, 3.5)),
    st.tuples(st.just("position"), PAIRS, SIGMAS),
    st.tuples(st.just("velocity"), PAIRS, SIGMAS),
)


class MatrixFilter:
    """x: (4,) east, north [m], velocities [m/s]; the textbook form."""

    def __init__(self, position_enu_m, sigma_m, velocity_enu_mps, sigma_mps):
        self.x = np.array([*position_enu_m, *velocity_enu_mps])
        self.p = np.diag([sigma_m**2, sigma_m**2, sigma_mps**2, sigma_mps**2])

    def predict(self, dt_s):
        one, eye = np.eye(2), np.eye(4)
        f = eye + dt_s * np.eye(4, k=2)
        q = ACCELERATION_NOISE * np.block(
            [[dt_s**3 / 3 * one, dt_s**2 / 2 * one], [dt_s**2 / 2 * one, dt_s * one]]
        )
        self.x = f @ self.x
        self.p = f @ self.p @ f.T + q

    def update(self, first, measured, sigma):
        h = np.zeros((2, 4))
        h[0, first] = h[1, first + 1] = 1
        s = h @ self.p @ h.T + sigma**2 * np.eye(2)
        gain = self.p @ h.T @ np.linalg.inv(s)
        residual = np.array(measured) - h @ self.x
        misfit = residual @ np.linalg.inv(s) @ residual
        self.x = self.x + gain @ residual
        self.p = (np.eye(4) - gain @ h) @ self.p
        return misfit


@given(PAIRS, SIGMAS, PAIRS, SIGMAS, st.lists(STEPS, max_size=30))
def test_it_is_the_matrix_filter_to_the_ninth_digit(position, sigma, velocity, sigma_v, steps):
    scalar = MotionFilter(position, sigma, velocity, sigma_v)
    matrix = MatrixFilter(position, sigma, velocity, sigma_v)
    for step in steps:
        match step:
            case ("predict", dt_s):
                expected_m = scalar.sigma_after_m(dt_s)
                scalar.predict(dt_s)
                matrix.predict(dt_s)
                assert scalar.sigma_m == pytest.approx(expected_m, rel=1e-12)
            case ("position", measured, sigma_m):
                misfit = scalar.position_misfit(measured, sigma_m)
                scalar.update_position(measured, sigma_m)
                assert misfit == pytest.approx(matrix.update(0, measured, sigma_m), rel=1e-9)
            case ("velocity", measured, sigma_mps):
                misfit = scalar.velocity_misfit(measured, sigma_mps)
                scalar.update_velocity(measured, sigma_mps)
                assert misfit == pytest.approx(matrix.update(2, measured, sigma_mps), rel=1e-9)
        state = (scalar.east_m, scalar.north_m, scalar.east_mps, scalar.north_mps)
        assert state == pytest.approx(matrix.x, rel=1e-9, abs=1e-9)
        assert scalar.sigma_m**2 == pytest.approx(matrix.p[0, 0], rel=1e-9)
        assert scalar.sigma_m**2 == pytest.approx(matrix.p[1, 1], rel=1e-9)
        assert scalar.sigma_mps**2 == pytest.approx(matrix.p[2, 2], rel=1e-9)
        assert np.linalg.eigvalsh(matrix.p).min() > 0
        assert matrix.p[0, 1] == matrix.p[0, 3] == 0  # the axes never mix
