"""Flights in a wind that is not what was told, with a planner that never wants to land."""

import math

from edge.air.airframe import Airframe
from edge.guard.bounds import Barred
from edge.guard.guard import Guard
from edge.guard.shapes import Round
from edge.guard.truth import Charge, PartsState, WeatherNow, Whereabouts
from edge.messages.machines.actuators import GoToward, Hold, Land, Move
from edge.messages.machines.cleared import Clipped, Passed, SafeStop
from tests.edge.guard.scene import drone_bounds, drone_truth, go, hold, lease, move, place, site

STEP_S = 1.0
FRAME = Airframe(
    mass_kg=3.8, rotor_area_m2=0.456, drag_area_m2=0.06, battery_j=2e6, reserve_j=2e5,
    efficiency=0.55, avionics_w=25.0,
)  # fmt: skip
FENCE_M = 2500.0
AIRSPEED_MPS = 14.0
MOST_MPS2 = 2.5


class Flight:
    """A drone with a battery, a wind, landing places, zones and a hostile planner."""

    def __init__(self, rng):
        self.rng = rng
        self.now_s = 1000.0
        self.position, self.velocity, self.height_m = [0.0, 0.0], [0.0, 0.0], 60.0
        self.payload_kg = rng.uniform(0.0, 2.0)
        self.left_j = rng.uniform(320_000.0, 500_000.0)
        self.wind_mps, self.from_deg = rng.uniform(0.0, 5.0), rng.uniform(0.0, 360.0)
        self.gust_mps = self.wind_mps + rng.uniform(0.0, 3.0)
        off_mps, off_rad = rng.uniform(0.0, 1.5), rng.uniform(0.0, math.tau)
        from_rad, aloft = math.radians(self.from_deg), 1.4
        self.wind = (
            -aloft * self.wind_mps * math.sin(from_rad) + off_mps * math.sin(off_rad),
            -aloft * self.wind_mps * math.cos(from_rad) + off_mps * math.cos(off_rad),
        )
        sites = [site("pad")] + [
            site(f"site{n}", rng.uniform(-1800, 1800), rng.uniform(-1800, 1800), risk=n)
            for n in range(rng.randint(0, 3))
        ]
        zones = []
        for n in range(rng.randint(0, 4)):
            centre, radius_m = (rng.uniform(-1500, 1500), rng.uniform(-1500, 1500)), 150.0
            if math.hypot(*centre) > radius_m + 100.0:
                zones.append(Barred(f"Z{n}", Round(centre, radius_m), 0.0, 200.0))
        self.zones = zones
        self.guard = Guard(
            drone_bounds(
                sites=tuple(sites), barred=tuple(zones), stay_in=(Round((0.0, 0.0), FENCE_M),)
            )
        )
        self.wanted = None
        self.landing = None
        self.landed = self.diverted = False
        self.number = 0
        self.farthest_out_m = -math.inf
        self.power_w = {
            half: FRAME.level_w(half / 2, self.payload_kg) for half in range(2 * 30 + 1)
        }

    def run(self):
        heading = self.rng.uniform(0.0, math.tau)
        for tick in range(3000):
            if tick % 20 == 0:
                heading = self.rng.uniform(0.0, math.tau)
            self.decide(heading)
            self.step()
            if self.landed or self.left_j <= 0:
                return

    def truth(self):
        return drone_truth(
            self.now_s,
            whereabouts=Whereabouts(
                self.now_s, place(*self.position), 2.0, (*self.velocity, 0.0), self.height_m
            ),
            charge=Charge(self.now_s, self.left_j),
            parts=PartsState(self.now_s, winch="in", grip="holding", landed=False),
            weather=WeatherNow(
                self.now_s, self.wind_mps, self.from_deg, self.gust_mps, 0.0, 9000.0, 15.0
            ),
            payload_kg=self.payload_kg,
        )

    def decide(self, heading):
        truth = self.truth()
        stop = self.guard.watch(truth, self.now_s)
        if stop is None:
            self.number += 1
            verdict = self.guard.judge(self.any_command(heading), truth, self.now_s)
            if isinstance(verdict, Passed | Clipped):
                self.wanted = verdict.cleared.command
                return
            stop = verdict if isinstance(verdict, SafeStop) else None
        if stop is None:
            self.wanted = None
            return
        self.wanted = stop.cleared[0].command
        if isinstance(self.wanted, Land):
            self.diverted = True

    def any_command(self, heading):
        told = lease(self.number, self.now_s)
        if self.rng.random() < 0.1:
            return hold(**told)
        if self.rng.random() < 0.2:
            return go(*(self.rng.uniform(-3000, 3000) for _ in range(2)), 15.0, **told)
        return move(15 * math.cos(heading), 15 * math.sin(heading), **told)

    def step(self):
        east_mps, north_mps, sinks_mps = 0.0, 0.0, 0.0
        if isinstance(self.wanted, Move):
            east_mps, north_mps = self.wanted.east_mps, self.wanted.north_mps
        elif isinstance(self.wanted, GoToward | Land) and self.wanted.place is not None:
            via = getattr(self.wanted, "via", ())
            target = self.guard.bounds.point((*via, self.wanted.place)[0])
            away_m = math.dist(target, self.position)
            most_mps = getattr(self.wanted, "speed_mps", 12.0)
            pace_mps = min(most_mps, away_m / 2)
            if away_m > 0:
                east_mps = (target[0] - self.position[0]) / away_m * pace_mps
                north_mps = (target[1] - self.position[1]) / away_m * pace_mps
            sinks_mps = (
                1.5 if isinstance(self.wanted, Land) and not via and away_m < 2.0 else 0.0
            )
        elif isinstance(self.wanted, Land):
            sinks_mps = 1.5
        assert self.wanted is None or isinstance(self.wanted, Move | GoToward | Land | Hold)
        self.fly(self.through_the_air((east_mps, north_mps)), sinks_mps)

    def through_the_air(self, wanted):
        """Return the velocity over ground nearest to the wanted one that it has power for."""
        air = (wanted[0] - self.wind[0], wanted[1] - self.wind[1])
        share = min(1.0, AIRSPEED_MPS / max(math.hypot(*air), 1e-9))
        return (self.wind[0] + air[0] * share, self.wind[1] + air[1] * share)

    def fly(self, wanted, sinks_mps):
        change_mps = math.dist(wanted, self.velocity)
        share = min(1.0, MOST_MPS2 * STEP_S / max(change_mps, 1e-9))  # tilted as it pleases
        for axis in (0, 1):
            self.velocity[axis] += (wanted[axis] - self.velocity[axis]) * share
            self.position[axis] += self.velocity[axis] * STEP_S
        self.height_m -= sinks_mps * STEP_S
        airspeed = math.dist(self.velocity, self.wind)
        self.left_j -= self.power_w[min(60, round(airspeed * 2))] * STEP_S
        self.now_s += STEP_S
        self.landed = self.height_m <= 0.0
        out = [math.hypot(*self.position) - FENCE_M]
        out += [one.shape.radius_m - math.dist(one.shape.centre, self.position)
                for one in self.zones]  # fmt: skip
        self.farthest_out_m = max(self.farthest_out_m, *out)
