"""What the simulated station knows of the air: the weather, and zones that come and go."""

from datetime import timedelta

from edge.messages.conditions import Circle, Layer, Weather, Window, Zone
from edge.messages.geo import Place, metres_per_degree
from sim.scenario import Scenario

WEATHER, ZONES = "weather:station", "zones:station"
LASTS_S = 24 * 3600.0


def in_the_air(scenario: Scenario) -> bool:
    """Tell whether anybody wants to know."""
    return any(group.kind in ("drone", "robot") for group in scenario.groups)


def instants_s(scenario: Scenario) -> set[float]:
    """Return when there is something to say."""
    if not in_the_air(scenario):
        return set()
    found = {0.0}
    for one in scenario.gale:
        at_s = scenario.after_s(one.at)
        found |= {at_s, at_s + one.minutes * 60}
    return found | {scenario.after_s(one.at) for one in scenario.no_fly}


def layers(scenario: Scenario, station: Place, at_s: float, version: int) -> list[Layer]:
    """Return what holds from an instant on, knowing nothing of what is still to come."""
    if not in_the_air(scenario):
        return []
    now = scenario.opens + timedelta(seconds=round(at_s))
    expires = now + timedelta(seconds=LASTS_S)
    made = [
        Layer(
            name=WEATHER,
            version=version,
            issued_utc=now,
            expires_utc=expires,
            weather=(_weather(scenario, at_s),),
        )
    ]
    zones = tuple(_zones(scenario, station, at_s))
    if zones:
        made.append(
            Layer(
                name=ZONES,
                version=version,
                issued_utc=now,
                expires_utc=expires,
                zones=zones,
            )
        )
    return made


def _weather(scenario: Scenario, at_s: float) -> Weather:
    sky = scenario.sky
    wind_mps, gust_mps, rain_mm_h = sky.wind_mps, sky.gust_mps, sky.rain_mm_h
    for one in scenario.gale:
        from_s = scenario.after_s(one.at)
        if from_s <= at_s < from_s + one.minutes * 60:
            wind_mps = one.wind_mps if one.wind_mps is not None else wind_mps
            gust_mps = one.gust_mps if one.gust_mps is not None else gust_mps
            rain_mm_h = one.rain_mm_h if one.rain_mm_h is not None else rain_mm_h
    now = scenario.opens + timedelta(seconds=round(at_s))
    return Weather(
        from_utc=now,
        until_utc=now + timedelta(seconds=LASTS_S),
        wind_mps=wind_mps,
        wind_from_deg=sky.wind_from_deg,
        gust_mps=gust_mps,
        rain_mm_h=rain_mm_h,
        visibility_m=sky.visibility_m,
        temp_c=sky.temp_c,
        ice=False,
    )


def _zones(scenario: Scenario, station: Place, at_s: float) -> list[Zone]:
    north_m, east_m = metres_per_degree(station.lat_deg)
    found = []
    for number, one in enumerate(scenario.no_fly, 1):
        from_s = scenario.after_s(one.at)
        if from_s > at_s:
            continue
        from_utc = scenario.opens + timedelta(seconds=from_s)
        centre = Place(
            lat_deg=station.lat_deg + one.north_m / north_m,
            lon_deg=station.lon_deg + one.east_m / east_m,
        )
        until_utc = from_utc + timedelta(minutes=one.minutes)
        found.append(
            Zone(
                zone_id=f"no-fly-{number}",
                kind="hard",
                area=Circle(centre=centre, radius_m=one.radius_m),
                windows=(Window(from_utc=from_utc, until_utc=until_utc),),
                reason="said by the scenario",
            )
        )
    return found
