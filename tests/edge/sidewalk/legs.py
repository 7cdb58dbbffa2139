"""Legs for the tests: a pavement with a corner and a road across it, and a door at its end."""

from edge.messages.geo import Place, metres_per_degree
from edge.sidewalk.plan import DoorSite, MappedCrossing, plan_leg

HOME = Place(lat_deg=47.397742, lon_deg=8.545594)
NORTH_M, EAST_M = metres_per_degree(HOME.lat_deg)


def at(east_m, north_m):
    return Place(
        lat_deg=HOME.lat_deg + north_m / NORTH_M, lon_deg=HOME.lon_deg + east_m / EAST_M
    )


CORNER, DOOR = at(40.0, 0.0), at(40.0, 25.0)
WAY = (HOME, CORNER, DOOR)
ROAD = MappedCrossing(crossing_id="X", middle=at(20.0, 0.0), reach_m=3.0)
"""Six metres of road, 17 to 23 m from home."""


def door(*compartments, **more):
    return DoorSite(place=DOOR, radius_m=8.0, compartments=compartments or ("1",), **more)


def leg(*compartments, plan_id="leg-1", points=WAY, roads=(ROAD,), **more):
    return plan_leg(
        plan_id,
        points,
        roads,
        speed_mps=more.pop("speed_mps", 1.5),
        stop_id="stop-1",
        door=door(*compartments, **more),
    )


def leg_home(plan_id="leg-2", roads=(ROAD,), purpose="home"):
    return plan_leg(plan_id, WAY[::-1], roads, speed_mps=1.5, purpose=purpose)
