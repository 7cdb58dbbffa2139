"""What the devices said, as the guard's truth: each part with its own instant."""

import math

from edge.guard.truth import Charge, Posture, Truth, WeatherNow, Whereabouts
from edge.messages.conditions import Weather
from edge.messages.geo import Place, distance_m
from edge.pilot.words import Words

AGREE_M = 15.0  # receiver and autopilot farther apart than this: one of them is wrong


def place_of(words: Words) -> Place | None:
    """Return where the autopilot's own estimator believes to be."""
    motion = words.motion
    return Place(lat_deg=motion.lat_deg, lon_deg=motion.lon_deg) if motion else None


def accuracy_of(words: Words) -> float | None:
    """Return how far off the position may be, 95 %; None: nobody knows."""
    position = words.position
    if position is None or position.place is None or position.fix != "gnss":
        return None
    return position.accuracy_m


def whereabouts_of(words: Words) -> Whereabouts | None:
    """Return where it is by the autopilot, as good as our own estimator believes it to be."""
    motion, position, here = words.motion, words.position, place_of(words)
    accuracy_m = accuracy_of(words)
    if motion is None or position is None or here is None or accuracy_m is None:
        return None
    doubtful = position.doubtful
    if not doubtful and position.place is not None:
        apart_m = distance_m(here, position.place)
        lag_m = math.hypot(motion.east_mps, motion.north_mps)  # of a second
        if apart_m > AGREE_M + lag_m:
            doubtful = f"receiver and autopilot are {apart_m:.0f} m apart"
    return Whereabouts(
        at_s=min(motion.received_s, position.at_s),
        place=here,
        accuracy_m=accuracy_m,
        velocity_enu_mps=(motion.east_mps, motion.north_mps, motion.up_mps),
        height_m=motion.height_m,
        doubtful=doubtful,
    )


def charge_of(words: Words, full_j: float) -> Charge | None:
    """Return what is left, by the emptiest battery; None while one of them does not say."""
    batteries = words.batteries.values()
    fracs = [one.remaining_frac for one in batteries if one.remaining_frac is not None]
    if not fracs or len(fracs) < len(words.batteries):
        return None
    oldest_s = min(one.received_s for one in batteries)
    return Charge(at_s=oldest_s, left_j=min(fracs) * full_j)


def posture_of(words: Words) -> Posture | None:
    """Return how far it leans, by the autopilot."""
    attitude = words.attitude
    if attitude is None:
        return None
    level = math.cos(math.radians(attitude.roll_deg)) * math.cos(
        math.radians(attitude.pitch_deg)
    )
    tilt_deg = math.degrees(math.acos(max(-1.0, min(1.0, level))))
    return Posture(at_s=attitude.received_s, tilt_deg=tilt_deg)


def weather_of(weather: Weather | None, now_s: float) -> WeatherNow | None:
    """Return the weather that holds now; None: nobody knows of any."""
    if weather is None:
        return None
    return WeatherNow(
        at_s=now_s,
        wind_mps=weather.wind_mps,
        wind_from_deg=weather.wind_from_deg,
        gust_mps=weather.gust_mps,
        rain_mm_h=weather.rain_mm_h,
        visibility_m=weather.visibility_m,
        temp_c=weather.temp_c,
        ice=weather.ice,
    )


NOTHING_KNOWN = Truth()
