"""What a road is and who may use it: the words of the graph file."""

from collections.abc import Mapping
from typing import Literal

RoadUser = Literal["van", "truck", "bicycle", "foot"]

# Bits of `arc_access` and `turn_access`.
VAN = 1  # up to 3.5 t: OSM's goods, and its motorcar where goods says nothing
TRUCK = 2  # OSM's hgv
BICYCLE = 4
FOOT = 8  # at walking pace on the pavement, and on wheels: it climbs no steps
MOTOR = VAN | TRUCK
EVERYONE = VAN | TRUCK | BICYCLE | FOOT

ACCESS_BITS: Mapping[RoadUser, int] = {
    "van": VAN,
    "truck": TRUCK,
    "bicycle": BICYCLE,
    "foot": FOOT,
}

# Bits of `arc_flags`.
ROUNDABOUT = 1
DESTINATION_ONLY = 2  # who has no business there may not drive through
TUNNEL = 4
POSTED = 8  # the speed stands on a sign: neither the default of a class nor "none"

FORBIDDEN_DS = 65_535  # `turn_ds` of a turn for bicycles and walkers only

# Speed of motor traffic where no limit is posted and no country says otherwise [km/h]: what is
# driven rather than what is allowed; the order is the one of `arc_class`, and only grows.
DEFAULT_SPEED_KMH: Mapping[str, int] = {
    "motorway": 100,
    "motorway_link": 60,
    "trunk": 80,
    "trunk_link": 50,
    "primary": 60,
    "primary_link": 45,
    "secondary": 50,
    "secondary_link": 40,
    "tertiary": 45,
    "tertiary_link": 35,
    "unclassified": 40,
    "residential": 30,
    "living_street": 15,
    "service": 15,
    "track": 15,
    "pedestrian": 10,
    "cycleway": 10,
    "footway": 5,
    "path": 5,
}

ROAD_CLASSES: tuple[str, ...] = tuple(DEFAULT_SPEED_KMH)
CLASS_INDEX: Mapping[str, int] = {name: index for index, name in enumerate(ROAD_CLASSES)}
