"""Pavements as lines of their own: beside streets, round corners, over mapped crossings."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from station.roads.pavements.ground import Ground

XY = tuple[float, float]
"""East and north of anywhere [m]."""

CROSSING_M = 3.0  # wide
CLEAR_M = 0.5  # from the gutter of a street without a pavement, where one ends
STEP_M = 0.3  # nearer than that two points of a line are one
SHARP_COS = -0.5
CORNER_M = 25.0  # farther from its junction no corner lies: the streets nearly follow another


@dataclass(slots=True)
class Street:
    """A piece of street between two junctions; `xy` are its nodes."""

    refs: Sequence[int]
    xy: Sequence[XY]
    ground: Ground
    along_m: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.along_m = [0.0]
        for a, b in pairwise(self.xy):
            self.along_m.append(self.along_m[-1] + math.dist(a, b))


@dataclass(slots=True)
class Line:
    """A way on foot that the map did not have; its nodes are numbered below zero."""

    refs: list[int]
    xy: list[XY]
    width_m: float
    crosses: bool = False


@dataclass(frozen=True, slots=True)
class _Arm:
    """One end of a street at a junction, seen outwards."""

    street: int
    end: int
    """0: it begins here; 1: it ends here."""
    towards: XY
    half_m: float
    left_m: float
    right_m: float


@dataclass(frozen=True, slots=True)
class _Corner:
    """Where the pavement of one side of an arm begins, and its node if it goes round."""

    after_m: float
    ref: int | None
    xy: XY


class Pavements:
    """Makes the lines of all streets at once: they share the nodes of their corners."""

    def __init__(self, streets: Sequence[Street], crossings: Collection[int]) -> None:
        self._streets = streets
        self._crossings = crossings
        self._last = 0
        self._corners: dict[tuple[int, int, bool], _Corner] = {}
        """By street, end of it, and whether it is the side to the left of who goes along it."""

    def lines(self) -> list[Line]:
        """Return every pavement and crossing."""
        for arms in self._junctions().values():
            self._turn(arms)
        found: list[Line] = []
        for number, street in enumerate(self._streets):
            sides = [self._side(number, street, is_left=is_left) for is_left in (True, False)]
            found += [line for line in sides if line is not None]
            if sides[0] is not None and sides[1] is not None:
                found += self._over(street, sides[0], sides[1])
        return found

    def _junctions(self) -> Mapping[int, list[_Arm]]:
        arms: dict[int, list[_Arm]] = defaultdict(list)
        for number, street in enumerate(self._streets):
            ground, half_m = street.ground, street.ground.width_m / 2
            beside = ground.left_m, ground.right_m
            for end in (0, 1):
                xy = street.xy if end == 0 else street.xy[::-1]
                left_m, right_m = beside if end == 0 else beside[::-1]
                towards = _unit(xy[0], xy[1])
                arm = _Arm(number, end, towards, half_m, left_m, right_m)
                arms[street.refs[-end]].append(arm)
        return arms

    def _turn(self, arms: list[_Arm]) -> None:
        """Find the corners between neighbouring arms of a junction, to the left of each."""
        if len(arms) < 2:
            return
        arms.sort(key=lambda arm: math.atan2(arm.towards[1], arm.towards[0]))
        for arm, after in zip(arms, (*arms[1:], arms[0]), strict=True):
            street = self._streets[arm.street]
            at = street.xy[-arm.end]
            reach = _meeting(arm, after)
            if arm.left_m and after.right_m and reach is not None:
                out_m, after_m = reach
                away = arm.half_m + arm.left_m / 2
                corner = _off(at, arm.towards, out_m, away)
                self._last -= 1
                self._set(arm, True, _Corner(out_m, self._last, corner))
                self._set(after, False, _Corner(after_m, self._last, corner))
                continue
            narrow = _is_narrow(arm, after)
            if arm.left_m:
                gap_m = after.half_m + CLEAR_M if narrow else 0.0
                self._set(arm, True, _Corner(gap_m, None, at))
            if after.right_m:
                gap_m = arm.half_m + CLEAR_M if narrow else 0.0
                self._set(after, False, _Corner(gap_m, None, at))

    def _set(self, arm: _Arm, is_left: bool, corner: _Corner) -> None:
        """Keep a corner by the street's own direction: seen from its end left is right."""
        self._corners[arm.street, arm.end, is_left == (arm.end == 0)] = corner

    def _side(self, number: int, street: Street, *, is_left: bool) -> Line | None:
        width_m = street.ground.left_m if is_left else street.ground.right_m
        if not width_m:
            return None
        off_m = (street.ground.width_m + width_m) / 2 * (1 if is_left else -1)
        first = self._corners.get((number, 0, is_left))
        last = self._corners.get((number, 1, is_left))
        length_m = street.along_m[-1]
        from_m = max(0.0, first.after_m) if first else 0.0
        until_m = length_m - (max(0.0, last.after_m) if last else 0.0)
        if until_m - from_m < STEP_M:
            return None
        line = Line([], [], width_m)
        if first is not None and first.ref is not None:
            line.refs.append(first.ref)
            line.xy.append(first.xy)
        for point in self._beside(street, off_m, from_m, until_m):
            if not line.xy or math.dist(line.xy[-1], point) > STEP_M:
                self._last -= 1
                line.refs.append(self._last)
                line.xy.append(point)
        if last is not None and last.ref is not None:
            if len(line.xy) > 1 and math.dist(line.xy[-1], last.xy) <= STEP_M:
                line.refs.pop()
                line.xy.pop()
            line.refs.append(last.ref)
            line.xy.append(last.xy)
        return line if len(line.refs) > 1 else None

    def _beside(
        self, street: Street, off_m: float, from_m: float, until_m: float
    ) -> Iterator[XY]:
        """Yield points beside a street: where it is cut, and beside its nodes between."""
        marks = [from_m, *(m for m in street.along_m if from_m < m < until_m), until_m]
        for along_m in marks:
            yield beside(street, along_m, off_m)

    def _over(self, street: Street, left: Line, right: Line) -> Iterator[Line]:
        """Yield the crossings from one pavement of a street to the other."""
        for ref, xy in zip(street.refs[1:-1], street.xy[1:-1], strict=True):
            if ref not in self._crossings:
                continue
            ends = [self._joined(line, xy) for line in (left, right)]
            (left_ref, left_xy), (right_ref, right_xy) = ends
            yield Line([left_ref, ref, right_ref], [left_xy, xy, right_xy], CROSSING_M, True)

    def _joined(self, line: Line, xy: XY) -> tuple[int, XY]:
        """Return the node of a line nearest to a point, made if there is none."""
        spots = [_nearest(a, b, xy) for a, b in pairwise(line.xy)]
        at = min(range(len(spots)), key=lambda one: math.dist(spots[one], xy))
        point = spots[at]
        for near in (at, at + 1):
            if math.dist(line.xy[near], point) <= STEP_M:
                return line.refs[near], line.xy[near]
        self._last -= 1
        line.refs.insert(at + 1, self._last)
        line.xy.insert(at + 1, point)
        return self._last, point


def beside(street: Street, along_m: float, off_m: float) -> XY:
    """Return the point so far along a street, and to its left; at a bend on the bisector."""
    xy, marks = street.xy, street.along_m
    at = next((n for n in range(1, len(marks)) if along_m <= marks[n]), len(marks) - 1)
    ahead = _unit(xy[at - 1], xy[at])
    part_m = marks[at] - marks[at - 1]
    share = (along_m - marks[at - 1]) / part_m if part_m else 0.0
    a, b = xy[at - 1], xy[at]
    point = a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
    if along_m == marks[at] and at + 1 < len(marks):
        after = _unit(xy[at], xy[at + 1])
        cos = ahead[0] * after[0] + ahead[1] * after[1]
        if cos > SHARP_COS:
            scale = off_m / (1 + cos)
            return (
                point[0] - (ahead[1] + after[1]) * scale,
                point[1] + (ahead[0] + after[0]) * scale,
            )
    return point[0] - ahead[1] * off_m, point[1] + ahead[0] * off_m


def _meeting(arm: _Arm, after: _Arm) -> tuple[float, float] | None:
    """Return how far out along both arms the left side of one meets the right of the next."""
    (ax, ay), (bx, by) = arm.towards, after.towards
    a_m, b_m = arm.half_m + arm.left_m / 2, after.half_m + after.right_m / 2
    # a · out − b · after = right of b − left of a
    x, y = by * b_m + ay * a_m, -bx * b_m - ax * a_m
    turn = ax * -by + ay * bx
    if abs(turn) < 0.05:
        ahead = ax * bx + ay * by
        return (0.0, 0.0) if ahead < 0 and abs(a_m - b_m) < CLEAR_M else None
    out_m = (x * -by + y * bx) / turn
    after_m = (ax * y - ay * x) / turn
    return (out_m, after_m) if max(abs(out_m), abs(after_m)) <= CORNER_M else None


def _is_narrow(arm: _Arm, after: _Arm) -> bool:
    """Tell whether the next arm lies within half a turn to the left."""
    return arm.towards[0] * after.towards[1] - arm.towards[1] * after.towards[0] > 0


def _off(at: XY, towards: XY, along_m: float, left_m: float) -> XY:
    return (
        at[0] + towards[0] * along_m - towards[1] * left_m,
        at[1] + towards[1] * along_m + towards[0] * left_m,
    )


def _unit(a: XY, b: XY) -> XY:
    away_m = math.dist(a, b) or 1.0
    return (b[0] - a[0]) / away_m, (b[1] - a[1]) / away_m


def _nearest(a: XY, b: XY, point: XY) -> XY:
    east, north = b[0] - a[0], b[1] - a[1]
    squared = east * east + north * north
    if not squared:
        return a
    share = ((point[0] - a[0]) * east + (point[1] - a[1]) * north) / squared
    share = min(1.0, max(0.0, share))
    return a[0] + east * share, a[1] + north * share
