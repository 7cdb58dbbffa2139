"""Whether a place is believable, and whether two rows mean the same address."""

import math
import re
import unicodedata

from edge.messages.geo import Place
from edge.native.greatcircle import EARTH_RADIUS_M
from station.stops.orders import AddressState

FARTHEST_M = 300_000.0  # from the station; beyond, somebody must look
NOWHERE_DEG = 0.01  # around 0, 0: what a failed geocoder answers


def address_key(address: str) -> str:
    """Return an address as the cache knows it: no case, accents or punctuation."""
    plain = unicodedata.normalize("NFKD", address.casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(re.sub(r"[^\w]+", " ", plain).replace("_", " ").split())


def is_nowhere(place: Place) -> bool:
    """Tell whether this is 0, 0 in the Gulf of Guinea."""
    return abs(place.lat_deg) < NOWHERE_DEG and abs(place.lon_deg) < NOWHERE_DEG


def judge_place(place: Place, station: Place) -> tuple[AddressState, str]:
    """Return how far given coordinates can be trusted, and why not further."""
    away_m = distance_m(place, station)
    if away_m <= FARTHEST_M:
        return AddressState.VERIFIED, ""
    if abs(place.lon_deg) <= 90:
        swapped = Place(lat_deg=place.lon_deg, lon_deg=place.lat_deg)
        if distance_m(swapped, station) <= FARTHEST_M:
            return AddressState.REVIEW, "latitude and longitude look swapped"
    return AddressState.REVIEW, f"lies {away_m / 1000:,.0f} km from the station"


def distance_m(one: Place, other: Place) -> float:
    """Return the great-circle distance by the haversine formula."""
    lat_a_rad, lat_b_rad = math.radians(one.lat_deg), math.radians(other.lat_deg)
    half_north_rad = (lat_b_rad - lat_a_rad) / 2
    half_east_rad = math.radians(other.lon_deg - one.lon_deg) / 2
    haversine = (
        math.sin(half_north_rad) ** 2
        + math.cos(lat_a_rad) * math.cos(lat_b_rad) * math.sin(half_east_rad) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(haversine)))
