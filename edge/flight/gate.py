"""Before it sets out: weather with hysteresis, energy, Remote ID, zones, links, settings, GNSS.

Every reason is named at once. The guard judges again, by itself, when it is asked to start.
"""

import math
from dataclasses import dataclass

import msgspec

from edge.messages.conditions import Weather
from edge.vehicles.machine import WeatherFigures

CALM_FOR_S = 120.0  # weather must have been good again for so long
AGAIN_S = 60.0  # a leg that is held back says so no more often
MOST_SORTS = 50
AGAIN_FRAC = 0.9  # of a limit, once it has held the vehicle
REMOTE_ID_S = 1.0  # not older (A9)
LEAST_SATELLITES = 8
MOST_HDOP = 1.6
WORST_ACCURACY_M = 5.0


class WeatherHold(msgspec.Struct, frozen=True):
    """What is remembered from one look at the weather to the next."""

    held: bool = False
    calm_since_s: float | None = None


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was told of a leg that is held back, and when, on this start's clock."""

    sorts: tuple[str, ...] = ()
    at_s: float | None = None


def tell(told: Told, reasons: tuple[str, ...], now_s: float) -> Told | None:
    """Return what is remembered if the reasons are to be told now; None: not again so soon.

    A sort of reason is told at once the first time; after that a leg tells at most once in
    `AGAIN_S`, however often its reasons come and go or their figures change.
    """
    sorts = {"".join(sign for sign in reason if not sign.isdigit()) for reason in reasons}
    known = set(told.sorts)
    waits = told.at_s is not None and 0 <= now_s - told.at_s < AGAIN_S
    if waits and (sorts <= known or len(known) >= MOST_SORTS):
        return None
    return Told(tuple(sorted(known | sorts)), now_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Everything the gate looks at; None is unknown, and unknown is a reason."""

    now_s: float
    weather: Weather | None
    needed_j: float | None
    """The flight out and back with its payload, and the reserve; None: it cannot be flown."""
    left_j: float | None
    refusal: str = ""
    """Why the air has no way: a zone, the wind, the range."""
    remote_id_s: float | None = None
    """When it was last broadcast."""
    needs_remote_id: bool = True
    station: bool = False
    """The link to the station stands."""
    autopilot: bool = False
    can_arm: bool | None = None
    """None also in a mode in which nobody arms; the start changes it first."""
    ill: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    """Messages the autopilot does not send."""
    parameters_read: bool = False
    parameters_wrong: tuple[str, ...] = ()
    satellites: int | None = None
    hdop: float | None = None
    accuracy_m: float | None = None
    doubtful: str = ""
    landed: bool | None = None


def look(
    ready: Readiness, figures: WeatherFigures, hold: WeatherHold
) -> tuple[tuple[str, ...], WeatherHold]:
    """Return every reason not to set out now, none if it may; and what to remember."""
    weather, hold = _weather(ready.weather, figures, hold, ready.now_s)
    return (
        (
            *weather,
            *_energy(ready),
            *_remote_id(ready),
            *_links(ready),
            *_settings(ready),
            *_gnss(ready),
        ),
        hold,
    )


def _weather(
    weather: Weather | None, figures: WeatherFigures, hold: WeatherHold, now_s: float
) -> tuple[list[str], WeatherHold]:
    """Hold at a limit; let go when it has been clearly better for a while."""
    reasons = weather_reasons(weather, figures, AGAIN_FRAC if hold.held else 1.0)
    if reasons:
        return reasons, WeatherHold(held=True)
    if not hold.held:
        return [], WeatherHold()
    since_s = hold.calm_since_s
    # A clock that began anew says nothing of how long it has been calm.
    if since_s is None or since_s > now_s:
        since_s = now_s
    if now_s - since_s >= CALM_FOR_S:
        return [], WeatherHold()
    left_s = CALM_FOR_S - (now_s - since_s)
    return [f"the weather must stay good for another {left_s:.0f} s"], WeatherHold(
        True, since_s
    )


def weather_reasons(
    weather: Weather | None, figures: WeatherFigures, share: float
) -> list[str]:
    """Return what is too much, or too little, or not known; limits are tightened by `share`."""
    known = (weather.wind_mps, weather.gust_mps, weather.rain_mm_h) if weather else (None,) * 3
    sight_m, temp_c = (weather.visibility_m, weather.temp_c) if weather else (None, None)
    span_c = (figures.most_temp_c - figures.least_temp_c) * (1 - share) / 2
    coldest_c, warmest_c = figures.least_temp_c + span_c, figures.most_temp_c - span_c
    rows: tuple[tuple[str, float | None, float, float, str], ...] = (
        ("wind", known[0], 0.0, figures.most_wind_mps * share, "m/s"),
        ("gust", known[1], 0.0, figures.most_gust_mps * share, "m/s"),
        ("rain", known[2], 0.0, figures.most_rain_mm_h * share, "mm/h"),
        ("visibility", sight_m, figures.least_visibility_m / share, math.inf, "m"),
        ("temperature", temp_c, coldest_c, warmest_c, "°C"),
    )
    reasons = []
    for name, value, least, most, unit in rows:
        if value is None:
            if name in figures.unknown_holds:
                reasons.append(f"the {name} is not known")
        elif not least <= value <= most:
            bound = f"at most {most:g}" if value > most else f"at least {least:g}"
            reasons.append(f"{name} {value:g} {unit}, {bound} allowed")
    if weather is not None and weather.ice and not figures.in_ice:
        reasons.append("there is ice in the air")
    return reasons


def _energy(ready: Readiness) -> list[str]:
    if ready.refusal:
        return [ready.refusal]
    if ready.needed_j is None:
        return ["what the flight needs is not known"]
    if ready.left_j is None:
        return ["what is left in the battery is not known"]
    if not ready.left_j >= ready.needed_j:
        short_kj = (ready.needed_j - ready.left_j) / 1000
        return [f"the battery lacks {short_kj:.0f} kJ for the flight and its reserve"]
    return []


def _remote_id(ready: Readiness) -> list[str]:
    if not ready.needs_remote_id:
        return []
    if ready.remote_id_s is None:
        return ["Remote ID is not broadcast"]
    age_s = ready.now_s - ready.remote_id_s
    return [f"Remote ID is {age_s:.1f} s old"] if age_s > REMOTE_ID_S else []


def _links(ready: Readiness) -> list[str]:
    reasons = [] if ready.station else ["there is no link to the station"]
    if not ready.autopilot:
        return [*reasons, "there is no autopilot"]
    if ready.missing:
        reasons.append(f"the autopilot does not send {', '.join(ready.missing)}")
    return reasons


def _settings(ready: Readiness) -> list[str]:
    reasons = list(ready.parameters_wrong)
    if not ready.parameters_read and not reasons:
        reasons.append("the autopilot's parameters have not been read")
    if ready.can_arm is False:
        reasons.append("the autopilot does not let itself be armed")
    if ready.ill:
        reasons.append(f"not well: {', '.join(ready.ill)}")
    if ready.landed is not True:
        reasons.append("it is not known to stand on the ground")
    return reasons


def _gnss(ready: Readiness) -> list[str]:
    reasons = []
    if ready.doubtful:
        reasons.append(f"the position is doubtful: {ready.doubtful}")
    if ready.satellites is None or ready.satellites < LEAST_SATELLITES:
        seen = "an unknown number of" if ready.satellites is None else str(ready.satellites)
        reasons.append(f"{seen} satellites, at least {LEAST_SATELLITES} needed")
    if ready.hdop is not None and not ready.hdop <= MOST_HDOP:
        reasons.append(f"HDOP {ready.hdop:g}, at most {MOST_HDOP:g} allowed")
    if ready.accuracy_m is None:
        reasons.append("how accurate the position is, is not known")
    elif not ready.accuracy_m <= WORST_ACCURACY_M:
        reasons.append(
            f"position known to {ready.accuracy_m:.1f} m, at most {WORST_ACCURACY_M:g} allowed"
        )
    return reasons
