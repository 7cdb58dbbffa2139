"""What weather does to travel on roads: published reductions of speed as factors.

Sources: [F] FHWA, Road Weather Management Program, "How do weather events impact roads?"
(ops.fhwa.dot.gov/weather/q1_roadimpact.htm): freeways lose 3 to 13 % of speed in light rain or
snow, 3 to 16 % in heavy rain, 5 to 40 % in heavy snow, 10 to 12 % in low visibility; arterials
10 to 25 % on wet, 30 to 40 % on snowy or slushy pavement. [A] Agarwal, Maze, Souleyrette 2005,
which FHWA cites: heavy rain is above 0.25 inch/h, heavy snow above 0.5 inch/h, low visibility
below 0.25 mile. Within a range we take its middle, and the upper end for the heavier kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from edge.messages.conditions import Weather

WET_MM_H = 0.25  # 0.01 inch/h, the least that [A] calls rain
HEAVY_RAIN_MM_H = 6.35  # [A]
SNOWING_CM_H = 0.1
HEAVY_SNOW_CM_H = 1.27  # [A]
LOW_VISIBILITY_M = 400.0  # [A]
FREEZING_C = 0.0
FREEWAYS = frozenset({"motorway", "motorway_link", "trunk", "trunk_link"})
OFF_ROAD = frozenset({"drone"})


@dataclass(frozen=True, slots=True)
class Reductions:
    """Which part of the speed is lost."""

    rain: float
    heavy_rain: float
    snow: float
    heavy_snow: float
    ice: float
    low_visibility: float


FREEWAY = Reductions(0.08, 0.16, 0.08, 0.22, 0.40, 0.11)  # [F]; ice as the worst snow
ARTERIAL = Reductions(0.17, 0.25, 0.35, 0.40, 0.40, 0.11)  # [F]; visibility as on freeways
# Nothing is published for these: at walking pace rain and fog cost nothing, and slippery ground
# what it costs on arterials.
WALKING_PACE = Reductions(0.0, 0.0, 0.35, 0.40, 0.40, 0.0)
BY_KIND: Mapping[str, Reductions] = {
    "robot": WALKING_PACE,
    "foot": WALKING_PACE,
    "bicycle": Reductions(0.0, 0.17, 0.35, 0.40, 0.40, 0.0),
}


def road_factor(weather: Weather | None, road_class: str, kind: str) -> float:
    """Return how many times as long a road takes in this weather, 1 or more.

    What is not known slows nothing down. Losses do not add up, for they were measured
    together: the worst counts. A drone is on no road: its wind is the air's business.
    """
    if weather is None or kind in OFF_ROAD:
        return 1.0
    losses = BY_KIND.get(kind, FREEWAY if road_class in FREEWAYS else ARTERIAL)
    return 1.0 / (1.0 - max(_lost(weather, losses)))


def _lost(weather: Weather, losses: Reductions) -> list[float]:
    lost = [0.0]
    rain_mm_h, snow_cm_h = weather.rain_mm_h or 0.0, weather.snow_cm_h or 0.0
    if rain_mm_h >= WET_MM_H:
        lost.append(losses.heavy_rain if rain_mm_h > HEAVY_RAIN_MM_H else losses.rain)
    if snow_cm_h >= SNOWING_CM_H:
        lost.append(losses.heavy_snow if snow_cm_h > HEAVY_SNOW_CM_H else losses.snow)
    if weather.ice or (weather.ice is None and _rain_freezes(weather)):
        lost.append(losses.ice)
    if weather.visibility_m is not None and weather.visibility_m < LOW_VISIBILITY_M:
        lost.append(losses.low_visibility)
    return lost


def _rain_freezes(weather: Weather) -> bool:
    rain_mm_h, temp_c = weather.rain_mm_h, weather.temp_c
    if rain_mm_h is None or temp_c is None:
        return False
    return rain_mm_h >= WET_MM_H and temp_c < FREEZING_C
