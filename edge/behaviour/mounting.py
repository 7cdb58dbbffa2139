"""How the accelerometer's box sits in the vehicle: learnt while driving, and looked at again.

Up is where gravity points on average: slopes and manoeuvres cancel out over minutes. Forward is
where the box feels what the speed and the turning say: the mean force between two speeds,
laid against the change of speed and speed times turn, as one rotation.
"""

import math
from dataclasses import dataclass

from edge.behaviour.limits import G_MPS2

Vector = tuple[float, float, float]

LEARN_S = 600.0  # of samples before anything is believed (facts: 10 to 15 min)
TRY_AGAIN_S = 30.0
GIVE_UP_S = 3600.0  # what it learnt so far does not fit together: anew
CHECK_S = 300.0  # span whose mean must still point up
TILTED_RAD = math.radians(12)  # of that mean: more, and the box was moved
ENOUGH = 150.0  # [m2/s3]: sum of squared manoeuvres times their length
ALIKE = 0.75  # correlation of what is felt with what is driven
GRAVITY_TOLERANCE_MPS2 = 0.6


@dataclass(frozen=True, slots=True)
class Mounting:
    """Unit vectors of the vehicle in the axes of the box."""

    forward: Vector
    right: Vector
    up: Vector

    def horizontal(self, force: Vector) -> tuple[float, float]:
        """Return forward and right of a specific force [m/s2]; level ground assumed."""
        return _dot(force, self.forward), _dot(force, self.right)


class Learner:
    """Gathers samples until it knows the mounting, and notices when it no longer holds."""

    def __init__(self, known: Mounting | None = None) -> None:
        self.mounting = known
        self._begin()
        self._check = [0.0, 0.0, 0.0, 0.0]

    def _begin(self) -> None:
        self._sum = [0.0, 0.0, 0.0, 0.0]
        self._try_at_s = LEARN_S
        self._steps: list[tuple[Vector, float, float, float]] = []

    def sample(self, force: Vector, dt_s: float) -> None:
        """Take a sample in: means of the whole and of the span that is checked."""
        for total in (self._sum, self._check):
            for axis in range(3):
                total[axis] += force[axis] * dt_s
            total[3] += dt_s
        if self._check[3] >= CHECK_S:
            self._look_again()

    def driven(self, mean: Vector, forward: float, right: float, lasted_s: float) -> None:
        """Take in what was felt on average while speed and turning changed so [m/s2]."""
        if self.mounting is not None or math.hypot(forward, right) < 0.5:
            return
        self._steps.append((mean, forward, right, lasted_s))
        if self._sum[3] >= self._try_at_s:
            self._try_at_s = self._sum[3] + TRY_AGAIN_S
            self.mounting = self._made()
            if self.mounting is not None or self._sum[3] > GIVE_UP_S:
                self._begin()

    def _look_again(self) -> None:
        total = self._check
        self._check = [0.0, 0.0, 0.0, 0.0]
        if self.mounting is None:
            return
        mean = _unit((total[0], total[1], total[2]))
        if _dot(mean, self.mounting.up) < math.cos(TILTED_RAD):
            self.mounting = None
            self._begin()

    def _made(self) -> Mounting | None:
        total = self._sum
        mean = (total[0] / total[3], total[1] / total[3], total[2] / total[3])
        if abs(math.sqrt(_dot(mean, mean)) - G_MPS2) > GRAVITY_TOLERANCE_MPS2:
            return None  # not an accelerometer at rest on average, or not in m/s2
        up = _unit(mean)
        side: Vector = (1.0, 0.0, 0.0) if abs(up[0]) < 0.8 else (0.0, 1.0, 0.0)
        first = _unit(
            _cross(side, up)
        )  # both level; (first, second) turns clockwise from above
        second = _cross(first, up)
        real = imaginary = felt = driven = 0.0
        for force, forward, right, lasted_s in self._steps:
            a, b = _dot(force, first), _dot(force, second)
            real += (a * forward + b * right) * lasted_s
            imaginary += (b * forward - a * right) * lasted_s
            felt += (a * a + b * b) * lasted_s
            driven += (forward * forward + right * right) * lasted_s
        size = math.hypot(real, imaginary)
        if driven < ENOUGH or size < ALIKE * math.sqrt(felt * driven):
            return None
        cosine, sine = real / size, imaginary / size
        forward_axis = _sum_of(first, cosine, second, sine)
        return Mounting(forward_axis, _cross(forward_axis, up), up)


def _dot(a: Vector, b: Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _cross(a: Vector, b: Vector) -> Vector:
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )


def _unit(a: Vector) -> Vector:
    size = math.sqrt(_dot(a, a)) or 1.0
    return a[0] / size, a[1] / size, a[2] / size


def _sum_of(a: Vector, of_a: float, b: Vector, of_b: float) -> Vector:
    return (
        a[0] * of_a + b[0] * of_b,
        a[1] * of_a + b[1] * of_b,
        a[2] * of_a + b[2] * of_b,
    )
