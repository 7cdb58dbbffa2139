"""A robot without wires: machine, guard, and the simulated rover's own way of driving.

What an autopilot does of its own (modes, acknowledgements) is in `test_drives.py`; here many
encounters are to be seen in little time.
"""

import math
from dataclasses import dataclass, field
from random import Random

from edge.guard.bounds import Bounds, Crossing, SlowArea, site_at
from edge.guard.guard import Guard
from edge.guard.shapes import Cornered, Round
from edge.guard.truth import (
    Assistance,
    Charge,
    PartsState,
    People,
    Permission,
    Person,
    Posture,
    Truth,
    WeatherNow,
    Whereabouts,
)
from edge.messages.geo import east_north_m
from edge.messages.machines.cleared import Clipped, Passed, Refused
from edge.sidewalk import events as e
from edge.sidewalk.asking import command_of
from edge.sidewalk.machine import advance
from edge.sidewalk.progress import DriveProgress, Leave, Phase, Seen
from edge.vehicles import MACHINES
from edge.vehicles.jurisdictions import WALKING_PACE
from sim.devices.autopilot.pilot.deeds import towards
from sim.devices.autopilot.pilot.ground import Point
from sim.people.walkers import sightings
from sim.vehicles.machines.body import STEP_S, Demand
from sim.vehicles.machines.rover import Chassis, Rover
from tests.edge.sidewalk.legs import HOME, at

STILL = Demand((0.0, 0.0, 0.0))
SHUT = {"lid": "closed", "locks": (("1", "locked"),), "doors": (("1", False),)}
FIGURES = MACHINES["robot"].machine
LATE_S = 0.1  # from an order to the wheels: link, loop, the next step


def strip(west_m, south_m, east_m, north_m):
    corners = ((west_m, south_m), (east_m, south_m), (east_m, north_m), (west_m, north_m))
    return Cornered((corners,))


@dataclass
class Helm:
    """What the rover's pilot is asked by its deeds."""

    robot: "Robot"
    flies = False
    is_on_ground = True

    @property
    def here(self):
        return self.robot.point

    def limit(self, _name, otherwise):
        return otherwise


@dataclass
class Robot:
    """One leg; `run` drives it until a phase, `walkers` meet it."""

    plan: object
    seed: int = 1
    walkers: list = field(default_factory=list)
    bounds_more: dict = field(default_factory=dict)
    weather: WeatherNow | None = None
    chassis: Chassis = field(default_factory=Chassis)
    permits: object = lambda _robot: ()
    look: object = lambda _robot: None

    def __post_init__(self):
        self.rng = Random(self.seed)
        self.rover = Rover(self.chassis, heading_deg=90.0)
        self.now_s = 0.0
        self.goal = self.speed_mps = None
        self.pending = []
        self.facts, self.phases, self.trace, self.actions = [], [], [], []
        self.seen_people = People(0.0)
        self.drift = (0.0, 0.0)
        self.charge_j = 3e6
        self.harmed, self.helper = "", None
        self.number = 0
        kept = {
            "kind": "robot",
            "figures": FIGURES,
            "home": HOME,
            "stay_in": (Round((20.0, 0.0), 80.0),),
            "jurisdiction": WALKING_PACE,
        }
        kept["sites"] = (site_at("home", HOME, HOME),)
        self.guard = Guard(Bounds(**(kept | self.bounds_more)))
        began = advance(DriveProgress(), e.SetOut(seen=self.seen(), plan=self.plan)).progress
        began = advance(began, e.GateAnswered(seen=self.seen(), reasons=())).progress
        began = advance(began, self._done(began)).progress
        self.progress = advance(began, self._done(began)).progress
        assert self.progress.phase is Phase.DRIVING

    def _done(self, progress):
        return e.Answered(seen=self.seen(), number=progress.asked, done=True)

    @property
    def point(self):
        body = self.rover.body
        return Point(body.east_m + self.drift[0], body.north_m + self.drift[1], 0.0)

    @property
    def velocity(self):
        return self.rover.body.velocity_enu_mps

    def seen(self):
        place = at(self.point.east_m, self.point.north_m)
        door = getattr(self, "plan", None) and self.plan.door
        leaves = tuple(
            Leave(crossing_id=one.crossing_id, source=one.source, until_s=one.until_s)
            for one in self.permits(self)
        )
        return Seen(
            now_s=self.now_s,
            mode="guided",
            goes_in="guided",
            armed=True,
            place=place,
            accuracy_m=1.0,
            door_m=math.dist(
                east_north_m(HOME, place), east_north_m(HOME, door.place)
            ) if door else None,
            speed_mps=self.rover.body.ground_speed_mps,
            left_j=getattr(self, "charge_j", None),
            needed_j=4e5,
            harmed=getattr(self, "harmed", ""),
            helper=getattr(self, "helper", None),
            leaves=leaves,
            **SHUT,
        )  # fmt: skip

    def truth(self):
        place = at(self.point.east_m, self.point.north_m)
        east_mps, north_mps, _ = self.velocity
        parts = PartsState(self.now_s, lid="closed", locks=SHUT["locks"])
        return Truth(
            whereabouts=Whereabouts(self.now_s, place, 1.0, (east_mps, north_mps, 0.0)),
            charge=Charge(self.now_s, self.charge_j),
            parts=parts,
            posture=Posture(self.now_s, 2.0, lifted=bool(self.harmed)),
            assistance=Assistance(
                self.helper.operator, self.helper.until_s, self.helper.heard_s
            )
            if self.helper
            else None,
            people=self.seen_people,
            weather=self.weather or WeatherNow(self.now_s, ice=False, dark=False),
            payload_kg=1.0,
            permissions=tuple(self.permits(self)),
        )

    def told(self, kind):
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def run(self, until=(Phase.AT_DOOR, Phase.ARRIVED), within_s=90.0):
        ticks = round(self.now_s / STEP_S)
        while self.progress.phase not in until and self.now_s < within_s:
            ticks += 1
            self.now_s = round(ticks * STEP_S, 6)
            for one in self.walkers:
                one.step(self.now_s, STEP_S, (self.point.east_m, self.point.north_m), self.rng)
            if ticks % 2 == 0:  # ten times a second
                here = (self.rover.body.east_m, self.rover.body.north_m)
                people = sightings(self.walkers, here, self.rng)
                self.seen_people = People(
                    self.now_s,
                    tuple(Person(p.east_m, p.north_m, p.east_mps, p.north_mps) for p in people),
                )
                stopped = self.guard.watch(self.truth(), self.now_s)
                if stopped is not None:
                    self.halt()
                    self.step(
                        e.Vetoed(seen=self.seen(), reason=stopped.reason, why=stopped.why)
                    )
            if ticks % 4 == 0:
                self.look(self)
                self.step(e.Looked(seen=self.seen()))
            self._drive()
        return self

    def step(self, event):
        change = advance(self.progress, event)
        if change.progress.phase is not self.progress.phase:
            self.phases.append(change.progress.phase)
        self.progress = change.progress
        self.facts += change.facts
        self.actions += change.actions
        for action in change.actions:
            self.act(action)

    def act(self, action):
        self.number += 1
        command = command_of(action, self.number, self.now_s)
        if command is None:
            return
        verdict = self.guard.judge(command, self.truth(), self.now_s)
        if isinstance(verdict, Passed | Clipped):
            if isinstance(action, e.Go | e.GoHelped):
                cleared = verdict.cleared.command
                goal = Point(*east_north_m(HOME, cleared.place), 0.0)
                self.pending.append((self.now_s + LATE_S, goal, cleared.speed_mps))
            else:
                self.halt()
            done = e.Answered(seen=self.seen(), number=action.number, done=True)
            self.step(done)
            return
        if not isinstance(verdict, Refused):
            self.halt()
        self.step(e.Vetoed(seen=self.seen(), reason=verdict.reason, why=verdict.why))

    def halt(self):
        self.pending.append((self.now_s + LATE_S, None, None))

    def _drive(self):
        while self.pending and self.pending[0][0] <= self.now_s + 1e-9:
            _, self.goal, self.speed_mps = self.pending.pop(0)
        demand = STILL
        if self.goal is not None and self.point.level_m(self.goal) > 0.3:
            demand = towards(Helm(self), self.goal, self.speed_mps)
        self.rover.step(demand, (0.0, 0.0, 0.0), STEP_S)
        self.charge_j -= 150.0 * STEP_S
        body = self.rover.body
        self.trace.append((self.now_s, body.east_m, body.north_m, body.ground_speed_mps))


def crossing_bounds(road, slow="crossing"):
    middle = east_north_m(HOME, road.middle)
    shape = Round(middle, road.reach_m)
    return {
        "crossings": (Crossing(road.crossing_id, shape, 2 * road.reach_m),),
        "slow": (SlowArea(shape, slow),),
    }


def permission(until_s, source="signal", crossing_id="X"):
    return Permission(crossing_id, source, until_s)
