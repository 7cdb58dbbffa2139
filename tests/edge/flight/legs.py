"""A leg for the tests: a town without zones, and the plan of one flight in it."""

from msgspec.structs import replace

from edge.flight.plan import DropSite, plan_leg
from edge.messages.geo import Place
from edge.planner.travel.air import Waypoint

HOME = Place(lat_deg=47.397742, lon_deg=8.545594)
DOOR = Place(lat_deg=47.399542, lon_deg=8.546594)
CORNER = Place(lat_deg=47.398642, lon_deg=8.547594)
CRUISE_M = 40.0


def site(manner="drop"):
    if manner == "land":
        return DropSite(
            place=DOOR, manner="land", radius_m=6.0, hover_m=0.0, lowest_m=-2.0, highest_m=2.0
        )
    hover_m, line_m = (12.0, 12.0) if manner == "winch" else (6.0, 0.0)
    return DropSite(
        place=DOOR,
        manner=manner,
        radius_m=6.0,
        hover_m=hover_m,
        lowest_m=hover_m - 2,
        highest_m=hover_m + 2,
        line_m=line_m,
    )


def way(*places, low_m=0.0, end_m=0.0):
    level = [Waypoint(place, CRUISE_M) for place in places]
    return (Waypoint(places[0], low_m), *level, Waypoint(places[-1], end_m))


def leg(manner="drop", plan_id="leg-1"):
    return plan_leg(
        plan_id,
        "stop-1",
        site(manner),
        way(HOME, CORNER, DOOR),
        way(DOOR, CORNER, HOME),
        cruise_mps=12.0,
    )


def way_home(plan_id="leg-1b", manner="drop"):
    """Return a way home from anywhere in the air."""
    made = leg(manner, plan_id)
    level = made.back[2:] if made.back else made.parts[made.home_part :]
    return replace(made, parts=level, drop_part=-1, back=())
