"""Weather in which it does not set out, and in which it ends its way."""

from collections.abc import Iterator
from typing import Literal

from edge.guard.question import Denied, Held, Question, Ruling
from edge.guard.rules.pavement import crossing
from edge.guard.truth import WeatherNow
from edge.vehicles.machine import WeatherSort

KNOWN_FOR_S = 1200.0  # reports come every half an hour at worst, forecasts every quarter
CALM_S = 300.0  # the weather must be well within the limits for so long before it sets out
WELL, WORSE = 0.8, 1.25  # of a limit: well within; so far beyond that it lands
PER_C = 10.0  # degrees for a whole limit: a fifth better is 2 °C warmer

UNKNOWN = WeatherNow(at_s=0.0)


def look(question: Question) -> Held:
    """Return what forbids setting out: beyond a limit at once, within it until it is calm."""
    held, now_s = question.memory.held, question.now_s
    beyond = tuple(_beyond(question, 1.0)) + tuple(_unknown(question))
    near = tuple(_beyond(question, WELL)) + tuple(_unknown(question))
    if beyond:
        return Held(tuple(sorted({*beyond, *(one for one in held.reasons if one in near)})))
    if not held.reasons:
        return held
    if near:
        return Held(held.reasons)
    since_s = now_s if held.calm_since_s is None else held.calm_since_s
    return Held() if now_s - since_s >= CALM_S else Held(held.reasons, since_s)


def may_set_out(question: Question) -> Ruling:
    """Refuse to set out in a weather that holds; on the way `on_the_way` decides.

    What drives ends its way wherever it is, but not on a road: it leaves that first.
    """
    reasons = question.memory.held.reasons
    if not reasons or question.airborne or crossing.half_way(question):
        return None
    if not question.flies and not question.stands:
        if on_the_way(question) == "go_on":
            return None
        return Denied("weather", ", ".join(_beyond(question, 1.0)) + ": it must stand")
    return Denied("weather", "held by " + ", ".join(reasons))


def now(question: Question) -> Ruling:
    """End a flight in a weather that asks for it."""
    resort = on_the_way(question)
    if resort == "go_on":
        return None
    reasons = ", ".join(_beyond(question, 1.0))
    return Denied("weather", f"{reasons}: it must {resort}", stop=True)


def on_the_way(question: Question) -> Literal["go_on", "return", "land"]:
    """Return what the weather asks of a machine on its way; what is unknown asks nothing."""
    if any(_beyond(question, WORSE)):
        return "land"
    return "return" if any(_beyond(question, 1.0)) else "go_on"


def _now(question: Question) -> WeatherNow:
    told = question.truth.weather
    return told if told and question.fresh(told.at_s, KNOWN_FOR_S) else UNKNOWN


def _beyond(question: Question, times: float) -> Iterator[WeatherSort]:
    """Yield what is beyond so many times the limits."""
    weather, limits = _now(question), question.bounds.figures.weather
    colder_c = (times - 1) * PER_C
    if weather.wind_mps is not None and weather.wind_mps > limits.most_wind_mps * times:
        yield "wind"
    if weather.gust_mps is not None and weather.gust_mps > limits.most_gust_mps * times:
        yield "gust"
    if weather.rain_mm_h is not None and weather.rain_mm_h > limits.most_rain_mm_h * times:
        yield "rain"
    sight_m = weather.visibility_m
    if sight_m is not None and sight_m * times < limits.least_visibility_m:
        yield "visibility"
    temp_c = weather.temp_c
    if temp_c is not None and (
        temp_c < limits.least_temp_c - colder_c or temp_c > limits.most_temp_c + colder_c
    ):
        yield "temperature"
    if weather.ice and not limits.in_ice:
        yield "ice"
    in_darkness = limits.in_darkness and question.bounds.jurisdiction.in_darkness
    if weather.dark and not in_darkness:
        yield "darkness"


def _unknown(question: Question) -> Iterator[WeatherSort]:
    """Yield what must be known and is not."""
    weather = _now(question)
    told: dict[WeatherSort, object] = {
        "wind": weather.wind_mps,
        "gust": weather.gust_mps,
        "rain": weather.rain_mm_h,
        "visibility": weather.visibility_m,
        "temperature": weather.temp_c,
        "ice": weather.ice,
        "darkness": weather.dark,
    }
    must = question.bounds.figures.weather.unknown_holds
    if not question.bounds.jurisdiction.in_darkness:
        must |= {"darkness"}
    for sort in sorted(must):
        if told[sort] is None:
            yield sort
