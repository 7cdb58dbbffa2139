"""A drone's words as its machine, its gate and its guard want them."""

from edge.config import FlightSection
from edge.flight.gate import Readiness
from edge.flight.progress import AT_DROP, FlightProgress, Seen
from edge.guard.truth import ClearCheck, PartsState, Truth
from edge.messages.geo import distance_m
from edge.messages.machines.actuators import WinchState
from edge.messages.readings import GnssFix
from edge.pilot.craft import Situation
from edge.pilot.truth import (
    accuracy_of,
    charge_of,
    place_of,
    posture_of,
    weather_of,
    whereabouts_of,
)
from edge.pilot.words import Words

IN_M, OUT_FRAC = 0.2, 0.9  # so little line is none, so much of it is all
STANDS_BELOW_M = 0.8  # what is higher above the ground may be somebody; a barometer is as good
NOBODY_ARMS = frozenset({"mission", "land", "return"})
"""Modes that say nothing of whether it may be armed: the start changes them first."""
LOOKS_FOR_S, LEAST_LOOKS = 2.0, 3


def seen_of(progress: FlightProgress, at: Situation, section: FlightSection) -> Seen:
    """Return how things stand for the machine of the leg."""
    words, here = at.words, place_of(at.words)
    state, plan = words.state, progress.plan
    drop = plan.site.place if plan else None
    landing = progress.landing
    return Seen(
        now_s=at.now_s,
        present=words.present,
        mode=state.mode if state else None,
        armed=state.armed if state else None,
        landed=state.landed if state else None,
        part=words.part.part if words.part else None,
        distance_m=distance_m(here, drop) if here and drop else None,
        landing_m=distance_m(here, landing) if here and landing else None,
        accuracy_m=accuracy_of(words),
        height_m=words.motion.height_m if words.motion else None,
        winch=winch_of(words, section, plan.site.line_m if plan else 0.0),
        station=at.station_heard,
    )


def winch_of(words: Words, section: FlightSection, line_m: float) -> WinchState:
    """Return the winch's state; a drone without one has nothing out."""
    if not section.winch:
        return "in"
    told = words.winch
    if told is None or told.line_m is None:
        return "unknown"
    if told.moving:
        return "moving"
    if told.line_m <= IN_M:
        return "in"
    return "out" if told.line_m >= OUT_FRAC * line_m else "moving"


def payload_kg(progress: FlightProgress, at: Situation) -> float | None:
    """Return what hangs below: the parcels of the present stop, by the station's figures."""
    if progress.parcel == "gone":
        return 0.0
    mission = at.mission
    if mission.route is None:
        return None
    carried = set(mission.on_board())
    weights = [p.weight_kg for p in mission.route.parcels if p.parcel_id in carried]
    known = [weight for weight in weights if weight is not None]
    return sum(known) if len(known) == len(weights) else None


def below_clear(progress: FlightProgress, at: Situation) -> bool | None:
    """Tell whether the place below is clear, by the sensor that looks down; None: unknown.

    Whoever stands there makes it shorter to the ground than the height above the station's
    ground, from which the site's heights are counted. Who has landed stands on the place.
    """
    plan = progress.plan
    if plan is None:
        return None
    if plan.site.manner == "land":
        state = at.words.state
        return None if state is None else state.landed == "on_ground"
    recent = [gap for at_s, gap in at.words.gaps if 0 <= at.now_s - at_s <= LOOKS_FOR_S]
    known = [gap for gap in recent if gap is not None]
    if len(recent) < LEAST_LOOKS or len(known) < len(recent):
        return None
    return max(known) <= STANDS_BELOW_M


def truth_of(
    progress: FlightProgress,
    at: Situation,
    section: FlightSection,
    blocked_sites: frozenset[str] = frozenset(),
) -> Truth:
    """Return what the guard is told."""
    words = at.words
    state, plan = words.state, progress.plan
    parts = None
    if state is not None:
        line_m = plan.site.line_m if plan else 0.0
        parts = PartsState(
            at_s=state.received_s,
            winch=winch_of(words, section, line_m),
            landed=None if state.landed is None else state.landed == "on_ground",
        )
    check = None
    if plan is not None and progress.phase in AT_DROP:
        clear = below_clear(progress, at)
        if clear is not None:
            at_s = max((at_s for at_s, _ in words.gaps), default=at.now_s)
            at_s = at.now_s if plan.site.manner == "land" else at_s
            check = ClearCheck(at_s=at_s, stop_id=plan.stop_id, clear=clear)
    place = place_of(words)
    remote_id = words.remote_id
    unannounced_s = None if section.remote_id else at.now_s
    return Truth(
        whereabouts=whereabouts_of(words),
        charge=charge_of(words, section.battery_j),
        parts=parts,
        posture=posture_of(words),
        weather=weather_of(
            at.layers.weather(at.utc, place) if place is not None else None, at.now_s
        ),
        payload_kg=payload_kg(progress, at),
        clear_check=check,
        blocked_sites=blocked_sites,
        remote_id_s=remote_id.received_s if remote_id else unannounced_s,
    )


def readiness(at: Situation, needed_j: float | None, section: FlightSection) -> Readiness:
    """Return everything the gate looks at."""
    words = at.words
    state, checked, fix = words.state, words.checked, words.fix
    charge, place = charge_of(words, section.battery_j), place_of(words)
    received = fix if isinstance(fix, GnssFix) else None
    return Readiness(
        now_s=at.now_s,
        weather=at.layers.weather(at.utc, place) if place is not None else None,
        needed_j=needed_j,
        left_j=charge.left_j if charge else None,
        remote_id_s=words.remote_id.received_s if words.remote_id else None,
        needs_remote_id=section.remote_id,
        station=at.station_heard,
        autopilot=words.present,
        can_arm=state.can_arm if state and state.mode not in NOBODY_ARMS else None,
        ill=state.ill if state else (),
        missing=words.presence.missing if words.presence else (),
        parameters_read=bool(checked and checked.read),
        parameters_wrong=checked.problems if checked else (),
        satellites=received.satellites if received else None,
        hdop=received.hdop if received else None,
        accuracy_m=accuracy_of(words),
        doubtful=words.position.doubtful if words.position else "",
        landed=None if state is None or state.landed is None else state.landed == "on_ground",
    )
