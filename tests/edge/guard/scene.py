"""Machines in a flat world about one home, and what is true of them when all is well."""

from dataclasses import replace

from edge.guard.bounds import Approval, Bounds, Crossing, Site, SlowArea, site_at
from edge.guard.question import Memory, Question
from edge.guard.shapes import Cornered, Round
from edge.guard.truth import (
    Charge,
    ClearCheck,
    PartsState,
    People,
    Posture,
    ProvenCode,
    Truth,
    WeatherNow,
    Whereabouts,
)
from edge.messages.geo import Place, metres_per_degree
from edge.messages.machines.actuators import GoToward, Hold, Move
from edge.vehicles import MACHINES
from edge.vehicles.jurisdictions import WALKING_PACE

HOME = Place(lat_deg=47.0, lon_deg=8.0)
NORTH_M, EAST_M = metres_per_degree(HOME.lat_deg)
NOW_S = 1000.0
FULL_J = 1_200_000.0
FINE = WeatherNow(
    at_s=NOW_S,
    wind_mps=2.0,
    wind_from_deg=270.0,
    gust_mps=3.0,
    rain_mm_h=0.0,
    visibility_m=10_000.0,
    temp_c=15.0,
    ice=False,
    dark=False,
)


def place(east_m, north_m):
    return Place(
        lat_deg=HOME.lat_deg + north_m / NORTH_M, lon_deg=HOME.lon_deg + east_m / EAST_M
    )


def square(low_m, high_m):
    return Cornered((((low_m, low_m), (high_m, low_m), (high_m, high_m), (low_m, high_m)),))


def box(west_m, south_m, east_m, north_m):
    return Cornered(
        (((west_m, south_m), (east_m, south_m), (east_m, north_m), (west_m, north_m)),)
    )


def site(name="pad", east_m=0.0, north_m=0.0, risk=0) -> Site:
    return site_at(name, place(east_m, north_m), HOME, risk)


def robot_bounds(**changes) -> Bounds:
    kept = {
        "kind": "robot",
        "figures": MACHINES["robot"].machine,
        "home": HOME,
        "stay_in": (square(-100.0, 100.0),),
        "sites": (site(),),
        "approvals": (Approval("S1", (0.0, 0.0), 15.0, compartments=frozenset({"A"})),),
        "jurisdiction": WALKING_PACE,
    }
    return Bounds(**(kept | changes))


def drone_bounds(**changes) -> Bounds:
    kept = {
        "kind": "drone",
        "figures": MACHINES["drone"].machine,
        "home": HOME,
        "stay_in": (Round((0.0, 0.0), 5000.0),),
        "sites": (site(),),
        "approvals": (Approval("S1", (0.0, 0.0), 10.0, 5.0, 30.0),),
    }
    return Bounds(**(kept | changes))


def here(east_m=0.0, north_m=0.0, height_m=0.0, velocity=(0.0, 0.0, 0.0), at_s=NOW_S, **more):
    more = {"accuracy_m": 1.0} | more
    return Whereabouts(at_s, place(east_m, north_m), more.pop("accuracy_m"), velocity, height_m,
                       **more)  # fmt: skip


def robot_truth(at_s=NOW_S, **changes) -> Truth:
    kept = {
        "whereabouts": here(at_s=at_s),
        "charge": Charge(at_s, FULL_J),
        "parts": PartsState(at_s, lid="closed", locks=(("A", "locked"), ("B", "locked"))),
        "posture": Posture(at_s, 2.0),
        "people": People(at_s),
        "weather": replace(FINE, at_s=at_s),
        "payload_kg": 1.0,
        "proven": (ProvenCode("S1", at_s + 60.0),),
    }
    return Truth(**(kept | changes))


def drone_truth(at_s=NOW_S, landed=False, height_m=60.0, **changes) -> Truth:
    kept = {
        "whereabouts": here(height_m=0.0 if landed else height_m, at_s=at_s),
        "charge": Charge(at_s, FULL_J),
        "parts": PartsState(at_s, winch="in", grip="holding", landed=landed),
        "posture": Posture(at_s, 2.0),
        "weather": replace(FINE, at_s=at_s),
        "payload_kg": 1.0,
        "remote_id_s": at_s,
        "clear_check": ClearCheck(at_s, "S1", True),
    }
    return Truth(**(kept | changes))


def lease(number=1, at_s=NOW_S, **more):
    return {"number": number, "issued_s": at_s, "expires_s": at_s + 0.5} | more


def move(east_mps=0.0, north_mps=0.0, up_mps=0.0, **more):
    return Move(**lease(**more), east_mps=east_mps, north_mps=north_mps, up_mps=up_mps)


def go(east_m, north_m, speed_mps=1.0, height_m=60.0, **more):
    return GoToward(
        **lease(**more), place=place(east_m, north_m), speed_mps=speed_mps, height_m=height_m
    )


def hold(**more):
    return Hold(**lease(**more))


def ask(bounds, truth, command=None, memory=None, now_s=NOW_S) -> Question:
    return Question(command, truth, bounds, memory or Memory(), now_s)


def crossing(length_m=6.0) -> tuple[Crossing, SlowArea]:
    """A road that runs north, 20 to 26 m east of home."""
    shape = box(20.0, -5.0, 20.0 + length_m, 5.0)
    return Crossing("X", shape, length_m), SlowArea(shape, "crossing")
