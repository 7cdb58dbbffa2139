"""A planner that wants everything that is forbidden, at every moment, with any numbers."""

import math
from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edge.guard.bounds import Barred
from edge.guard.guard import Guard
from edge.guard.shapes import Cornered, Round, away_m, holds
from edge.guard.truth import (
    Assistance,
    Charge,
    PartsState,
    Permission,
    Posture,
    ProvenCode,
    Whereabouts,
)
from edge.messages.machines.actuators import (
    CloseLid,
    Drop,
    GoToward,
    Hold,
    Land,
    Lock,
    Move,
    OpenLid,
    PayOut,
    Return,
    TakeIn,
    Unlock,
)
from edge.messages.machines.cleared import Clipped, Passed, SafeStop
from tests.edge.guard.scene import (
    FULL_J,
    box,
    crossing,
    drone_bounds,
    drone_truth,
    go,
    hold,
    lease,
    move,
    place,
    robot_bounds,
    robot_truth,
    site,
)

TICK_S = 0.1
ROAD, SLOW = crossing()
speeds = st.sampled_from((-9.0, -1.8, -0.5, 0.0, 0.3, 1.0, 1.8, 5.0, float("nan")))
numbers = st.integers(-2, 3)
ages_s = st.sampled_from((-0.1, 0.0, 0.1, 0.4, 0.6, 5.0))
lasts_s = st.sampled_from((0.0, 0.2, 0.5, 3.0))


class Machine:
    """Obeys what is cleared, as firmware does, until it expires; brakes otherwise."""

    def __init__(self, brakes_mps2, speeds_up_mps2):
        self.position, self.velocity, self.height_m = [0.0, 0.0], [0.0, 0.0], 60.0
        self.brakes_mps2, self.speeds_up_mps2 = brakes_mps2, speeds_up_mps2
        self.wanted = None

    @property
    def speed_mps(self):
        return math.hypot(*self.velocity)

    def step(self, now_s, bounds):
        wish = (0.0, 0.0)
        command = self.wanted
        if command is not None and now_s >= command.expires_s:
            command = self.wanted = None
        if isinstance(command, Move):
            wish = (command.east_mps, command.north_mps)
        elif isinstance(command, GoToward):
            target = bounds.point(command.place)
            away = math.dist(target, self.position)
            pace = min(command.speed_mps, away)
            if away > 1e-6:
                wish = tuple(
                    (t - p) / away * pace for t, p in zip(target, self.position, strict=True)
                )
        change = [w - v for w, v in zip(wish, self.velocity, strict=True)]
        faster = math.hypot(*wish) > self.speed_mps
        most = (self.speeds_up_mps2 if faster else self.brakes_mps2) * TICK_S
        share = min(1.0, most / max(math.hypot(*change), 1e-9))
        for axis in (0, 1):
            self.velocity[axis] += change[axis] * share
            self.position[axis] += self.velocity[axis] * TICK_S


class HostilePlanner(RuleBasedStateMachine):
    """A robot on a pavement with a road across, and a planner that may ask anything."""

    def __init__(self):
        super().__init__()
        self.bounds = robot_bounds(
            stay_in=(box(-8.0, -4.0, 30.0, 4.0),), crossings=(ROAD,), slow=(SLOW,)
        )
        self.guard = Guard(self.bounds)
        self.robot = Machine(1.5, 1.0)
        self.now_s, self.number = 1000.0, 0
        self.lid, self.unlocked = "closed", set()
        self.lost, self.code, self.permitted, self.helper = False, False, -1.0, None
        self.lifted = False
        self.on_the_road, self.over_s = False, 0.0

    @initialize(east_m=st.sampled_from((0.0, 15.0, -5.0)))
    def put_down(self, east_m):
        self.robot.position[0] = east_m

    def truth(self):
        where = Whereabouts(
            self.now_s, place(*self.robot.position), 0.5, (*self.robot.velocity, 0.0)
        )
        locks = tuple((n, "unlocked" if n in self.unlocked else "locked") for n in "AB")
        return robot_truth(
            self.now_s,
            whereabouts=None if self.lost else where,
            charge=Charge(self.now_s, FULL_J),
            parts=PartsState(self.now_s, lid=self.lid, locks=locks),
            posture=Posture(self.now_s, 0.0, lifted=self.lifted),
            permissions=(Permission("X", "signal", self.permitted),),
            proven=(ProvenCode("S1", self.now_s + 1.0),) if self.code else (),
            assistance=self.helper,
        )

    def told(self, number, age_s, lasts_s, by="executor"):
        issued_s = self.now_s - age_s
        self.number += max(number, 0)
        return {
            "number": max(0, self.number + min(number, 0)),
            "issued_s": issued_s,
            "expires_s": issued_s + lasts_s,
            "by": by,
        }

    def ask(self, command):
        truth, before = self.truth(), self.guard.memory.last_number
        verdict = self.guard.judge(command, truth, self.now_s)
        if isinstance(verdict, SafeStop):
            self.robot.wanted = None
        if not isinstance(verdict, Passed | Clipped):
            return
        obeyed = verdict.cleared.command
        if isinstance(command, Hold):
            self.robot.wanted = None
            return
        assert command.number > before
        assert self.now_s < obeyed.expires_s <= min(command.expires_s, command.issued_s + 0.5)
        if isinstance(obeyed, Move | GoToward):
            assert self.lid == "closed"
            assert not self.unlocked
            assert not self.lost
            assert not self.lifted
            if command.by == "assistance":
                assert self.now_s - self.helper.heard_s <= 2.0
            self.robot.wanted = obeyed
        elif isinstance(obeyed, OpenLid | Unlock):
            assert self.code
            assert self.robot.speed_mps <= 0.1
            assert math.hypot(*self.robot.position) <= 15.0
            if isinstance(obeyed, OpenLid):
                self.lid = "open"
            else:
                assert obeyed.compartment == "A"
                self.unlocked.add("A")
        elif isinstance(obeyed, CloseLid):
            self.lid = "closed"
        elif isinstance(obeyed, Lock):
            self.unlocked.clear()

    @rule(east=speeds, north=speeds, number=numbers, age=ages_s, lasts=lasts_s,
          by=st.sampled_from(("executor", "assistance")))  # fmt: skip
    def move(self, east, north, number, age, lasts, by):
        self.ask(Move(**self.told(number, age, lasts, by), east_mps=east, north_mps=north))

    @rule(east=speeds, north=speeds, ticks=st.integers(1, 40))
    def keep_moving(self, east, north, ticks):
        for _ in range(ticks):
            self.ask(Move(**self.told(1, 0.0, 0.5), east_mps=east, north_mps=north))
            self.tick()

    @rule(east=st.integers(-12, 40), north=st.integers(-6, 6), ticks=st.integers(1, 40))
    def keep_going(self, east, north, ticks):
        for _ in range(ticks):
            told = self.told(1, 0.0, 0.5)
            self.ask(GoToward(**told, place=place(east, north), speed_mps=5.0))
            self.tick()

    @rule(kind=st.sampled_from((OpenLid, CloseLid, Unlock, Lock, Hold)), number=numbers,
          name=st.sampled_from("AB"), stop=st.sampled_from(("S1", "S2")))  # fmt: skip
    def open_or_close(self, kind, number, name, stop):
        named = {OpenLid: {"stop_id": stop}, Unlock: {"stop_id": stop, "compartment": name}}
        self.ask(kind(**self.told(number, 0.0, 0.5), **named.get(kind, {})))

    @rule(lost=st.booleans(), code=st.booleans(), lasts=st.integers(-1, 9))
    def the_world_changes(self, lost, code, lasts):
        self.lost, self.code, self.permitted = lost, code, self.now_s + lasts

    @rule(heard=st.sampled_from((None, 0.0, 1.9, 2.1)))
    def somebody_helps(self, heard):
        self.helper = (
            None if heard is None else Assistance("ann", self.now_s + 9.0, self.now_s - heard)
        )

    @rule(lifted=st.booleans())
    def somebody_lifts_it(self, lifted):
        self.lifted = lifted
        if not lifted:
            self.guard.looked_after(self.truth(), self.now_s)

    @rule()
    def somebody_opens_the_lid(self):
        if self.robot.speed_mps <= 0.1 and self.robot.wanted is None:
            self.lid = "open"

    @rule(ticks=st.integers(1, 30))
    def wait(self, ticks):
        for _ in range(ticks):
            self.tick()

    def tick(self):
        if self.guard.watch(self.truth(), self.now_s) is not None:
            self.robot.wanted = None
        self.robot.step(self.now_s, self.bounds)
        self.now_s += TICK_S
        self.check()

    def check(self):
        robot = self.robot
        point = tuple(robot.position)
        assert holds(self.bounds.stay_in[0], (point,) * 3, 0.0), point
        on_the_road = away_m(ROAD.shape, point) == 0.0
        if on_the_road and not self.on_the_road:
            assert "X" in self.guard.memory.crossings
        self.on_the_road = on_the_road
        self.over_s = self.over_s + TICK_S if robot.speed_mps > 1.9 else 0.0
        assert self.over_s <= 0.5
        if self.lid != "closed":
            assert robot.wanted is None

    @invariant()
    def what_moves_is_led(self):
        if self.robot.wanted is not None:
            assert self.robot.wanted.expires_s <= self.now_s + 0.6


TestHostilePlanner = HostilePlanner.TestCase
TestHostilePlanner.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)


@pytest.mark.soak
class TestHostilePlannerForLong(HostilePlanner.TestCase):
    settings = settings(max_examples=3000, stateful_step_count=60, deadline=None)


def thrown(rng):
    """Zones of any shape, none of which holds home."""
    zones = []
    for number in range(rng.randint(1, 3)):
        centre = (rng.uniform(-200, 200), rng.uniform(-200, 200))
        size_m = rng.uniform(10.0, 80.0)
        if math.hypot(*centre) < 1.6 * size_m + 12.0:
            continue
        if rng.random() < 0.3:
            shape = Round(centre, size_m)
        else:
            count = rng.randint(3, 9)
            shape = Cornered((tuple(
                (centre[0] + rng.uniform(0.3, 1.5) * size_m * math.cos(math.tau * n / count),
                 centre[1] + rng.uniform(0.3, 1.5) * size_m * math.sin(math.tau * n / count))
                for n in range(count)
            ),))  # fmt: skip
        zones.append(Barred(f"Z{number}", shape, rng.choice((0.0, 40.0)), 200.0))
    return tuple(zones)


def middle(shape):
    """Return a place in the shape, or near it."""
    return shape.centre if isinstance(shape, Round) else shape.rings[0][0]


def fly_among(seed, ticks=20, tick_s=0.3):
    """Fly as the planner wants, which is into zones; return how near it came to one."""
    rng = Random(seed)
    zones = thrown(rng)
    guard = Guard(
        drone_bounds(barred=zones, stay_in=(Round((0.0, 0.0), 260.0),), sites=(site(),))
    )
    drone, now_s, nearest_m, moved = Machine(2.5, 4.0), 1000.0, math.inf, 0
    targets = [zone.shape for zone in zones]
    if targets:  # it sets out not far from the first
        ways = [
            tuple(share / 100 * axis for axis in middle(targets[0])) for share in range(100)
        ]
        near = [way for way in ways if min(away_m(shape, way) for shape in targets) > 20.0]
        drone.position = list(near[-1]) if near else [0.0, 0.0]
    for tick in range(1, ticks + 1):
        truth = drone_truth(
            now_s,
            whereabouts=Whereabouts(
                now_s,
                place(*(axis + rng.uniform(-0.7, 0.7) for axis in drone.position)),
                1.0,
                (*drone.velocity, 0.0),
                60.0,
            ),
            charge=Charge(now_s, 9e6),
        )
        if guard.watch(truth, now_s) is not None:
            drone.wanted = None
        if targets and rng.random() < 0.8:
            shape = targets[tick // 10 % len(targets)]
            aim = middle(shape)
        else:
            aim = (rng.uniform(-400, 400), rng.uniform(-400, 400))
        away_m_ = max(1e-6, math.dist(aim, drone.position))
        told = lease(tick, now_s)
        command = (
            go(*aim, 15.0, **told)
            if rng.random() < 0.3
            else move(*((a - p) / away_m_ * 15.0
                        for a, p in zip(aim, drone.position, strict=True)), **told)
        )  # fmt: skip
        verdict = guard.judge(command, truth, now_s)
        if isinstance(verdict, Passed | Clipped):
            drone.wanted = verdict.cleared.command
            moved += 1
        elif isinstance(verdict, SafeStop):
            drone.wanted = None
        for _ in range(round(tick_s / TICK_S)):
            drone.step(now_s, guard.bounds)
            now_s += TICK_S
            point = tuple(drone.position)
            apart = [away_m(shape, point) for shape in targets]
            nearest_m = min(nearest_m, *apart, 260.0 - math.hypot(*point), math.inf)
    return nearest_m, moved


@pytest.mark.parametrize("part", range(10))
def test_a3_a_thousand_geometries_and_no_entry(part):
    flown = [fly_among(seed) for seed in range(part * 100, part * 100 + 100)]
    assert min(nearest_m for nearest_m, _ in flown) > 0.0
    assert sum(moved for _, moved in flown) > 500


@pytest.mark.soak
def test_a3_ten_thousand_geometries_and_no_entry():
    assert min(fly_among(seed)[0] for seed in range(10_000)) > 0.0


@pytest.mark.parametrize("seed", range(5))
def test_a7_with_any_winch_a_hostile_planner_moves_nothing_along_a_line(seed):
    rng, guard, winch = Random(seed), Guard(drone_bounds()), "in"
    for number in range(1, 200):
        now_s = 1000.0 + number
        truth = drone_truth(
            now_s, height_m=20.0, parts=PartsState(now_s, winch=winch, landed=False)
        )
        told = lease(number, now_s)
        command = rng.choice(
            [
                move(rng.uniform(-9, 9), **told),
                go(9.0, 9.0, **told),
                Return(**told),
                Land(**told),
                hold(**told),
                Drop(**told, stop_id="S1"),
                PayOut(**told, stop_id="S1", length_m=9.0),
                TakeIn(**told, length_m=9.0),
            ]
        )
        verdict = guard.judge(command, truth, now_s)
        if isinstance(verdict, Passed | Clipped):
            obeyed = verdict.cleared.command
            if isinstance(obeyed, Move | GoToward | Return | Land):
                assert winch == "in"
            winch = {PayOut: "out", TakeIn: "in"}.get(type(obeyed), winch)
        elif isinstance(verdict, SafeStop):
            for one in verdict.cleared:
                assert winch == "in" or not isinstance(one.command, Return)
                if isinstance(one.command, TakeIn):
                    winch = rng.choice(("in", "moving"))
