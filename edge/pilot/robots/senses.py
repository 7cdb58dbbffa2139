"""A robot's words as its machine, its gate and its guard want them."""

import math
from dataclasses import replace

from edge.config import SidewalkSection
from edge.guard.truth import (
    Assistance,
    PartsState,
    People,
    Permission,
    Person,
    Posture,
    ProvenCode,
    Truth,
    Whereabouts,
)
from edge.messages.geo import distance_m
from edge.messages.machines.actuators import Compartment, LidState, LockState
from edge.messages.machines.autopilot import Mode
from edge.messages.machines.controller import ControllerStatus
from edge.messages.machines.pavement import LookedAround
from edge.messages.state import VehicleState
from edge.pilot.craft import Situation
from edge.pilot.robots.lookout import Lookout
from edge.pilot.truth import (
    accuracy_of,
    charge_of,
    place_of,
    posture_of,
    weather_of,
    whereabouts_of,
)
from edge.sidewalk.asking import name_of
from edge.sidewalk.gate import Readiness
from edge.sidewalk.progress import DriveProgress, Leave, Seen
from edge.vehicles.machine import MachineFigures

BRAKED_MPS = 0.3  # what an estimator may take a standing robot's speed for
STATUS_S = 1.0  # a controller says how it is ten times a second


def seen_of(
    progress: DriveProgress,
    at: Situation,
    lookout: Lookout,
    figures: MachineFigures,
    section: SidewalkSection,
    needed_j: float | None,
) -> Seen:
    """Return how things stand for the machine of the leg."""
    words, here = at.words, place_of(at.words)
    state, plan, status = words.state, progress.plan, _status(at)
    charge = charge_of(words, section.battery_j)
    door = plan.door if plan else None
    return Seen(
        now_s=at.now_s,
        present=words.present,
        mode=state.mode if state else None,
        goes_in=_goes_in(at),
        armed=state.armed if state else None,
        place=here,
        accuracy_m=accuracy_of(words),
        door_m=distance_m(here, door.place) if here and door else None,
        speed_mps=_speed_mps(at),
        lid=lid_of(status),
        locks=locks_of(status),
        doors=_doors(status),
        boot_id=words.controller.boot_id if words.controller else None,
        harmed=harmed(posture(at, lookout), figures, lookout),
        left_j=charge.left_j if charge else None,
        needed_j=needed_j,
        leaves=tuple(
            Leave(
                crossing_id=one.crossing_id,
                source=one.source,
                until_s=one.received_s + one.lasts_s,
            )
            for one in lookout.leaves.values()
            if one.received_s + one.lasts_s > at.now_s
        ),
        helper=lookout.helper(),
    )


def truth_of(
    progress: DriveProgress,
    at: Situation,
    lookout: Lookout,
    section: SidewalkSection,
    payload_kg: float | None,
) -> Truth:
    """Return what the guard is told."""
    words, status, around = at.words, _status(at), lookout.around
    place, helper = place_of(words), lookout.helper()
    weather = at.layers.weather(at.utc, place) if place is not None else None
    code_s, plan = progress.code_until_s, progress.plan
    proven: tuple[ProvenCode, ...] = ()
    if code_s is not None and plan is not None and plan.stop_id is not None:
        proven = (ProvenCode(plan.stop_id, code_s),)
    told = weather_of(weather, at.now_s)
    if told is not None and around is not None:
        told = replace(told, dark=around.dark)
    return Truth(
        whereabouts=_whereabouts(at),
        charge=charge_of(words, section.battery_j),
        parts=PartsState(status.received_s, lid=lid_of(status), locks=locks_of(status))
        if status
        else None,
        posture=posture(at, lookout),
        people=_people(around) if around else None,
        weather=told,
        payload_kg=payload_kg,
        assistance=Assistance(helper.operator, helper.until_s, helper.heard_s)
        if helper
        else None,
        permissions=tuple(
            Permission(one.crossing_id, one.source, one.received_s + one.lasts_s)
            for one in lookout.leaves.values()
        ),
        proven=proven,
    )


def readiness(
    at: Situation, needed_j: float | None, refusal: str, section: SidewalkSection
) -> Readiness:
    """Return everything the gate looks at that a drone's does, too.

    The autopilot's own estimate is what it drives by: how good that is, the receiver says.
    """
    words = at.words
    state, checked = words.state, words.checked
    charge, place = charge_of(words, section.battery_j), place_of(words)
    position = words.position
    return Readiness(
        now_s=at.now_s,
        weather=at.layers.weather(at.utc, place) if place is not None else None,
        needed_j=needed_j,
        left_j=charge.left_j if charge else None,
        refusal=refusal,
        needs_remote_id=False,
        station=True,  # it drives on without anybody, and so it may set out
        autopilot=words.present,
        can_arm=state.can_arm if state and state.mode != "mission" else None,
        ill=state.ill if state else (),
        missing=words.presence.missing if words.presence else (),
        parameters_read=bool(checked and checked.read),
        parameters_wrong=checked.problems if checked else (),
        satellites=_satellites(at),
        hdop=None,
        accuracy_m=accuracy_of(words),
        doubtful=_doubtful(position),
        landed=True,
    )


def posture(at: Situation, lookout: Lookout) -> Posture | None:
    """Return what somebody does to it: the controller feels lifting, the autopilot leaning."""
    status, leaning = _status(at), posture_of(at.words)
    if status is None or status.lifted is None:
        return None
    tilts = [status.tilt_deg, leaning.tilt_deg if leaning else None]
    known = [tilt_deg for tilt_deg in tilts if tilt_deg is not None]
    if not known:
        return None
    return Posture(
        at_s=status.received_s,
        tilt_deg=max(known),
        lifted=status.lifted,
        forced=bool(lookout.forced),
    )


def harmed(felt: Posture | None, figures: MachineFigures, lookout: Lookout) -> str:
    """Return what somebody does to it, in words; empty: nothing, or nobody knows."""
    if lookout.forced:
        return lookout.forced
    if felt is None:
        return ""
    if felt.lifted:
        return "it was lifted"
    if felt.tilt_deg > figures.most_tilt_deg:
        return f"it is tilted by {felt.tilt_deg:.0f} degrees"
    return ""


def lid_of(status: ControllerStatus | None) -> LidState:
    """Return how the lid is."""
    if status is None or status.lid_open is None:
        return "unknown"
    return "open" if status.lid_open else "closed"


def locks_of(status: ControllerStatus | None) -> tuple[tuple[Compartment, LockState], ...]:
    """Return how each bolt is; an open door is not locked, whatever its bolt says."""
    if status is None:
        return ()
    found: list[tuple[Compartment, LockState]] = []
    for index, (is_open, bolted) in enumerate(
        zip(status.doors_open, status.bolts_locked, strict=False)
    ):
        state: LockState = "unknown"
        if is_open or bolted is False:
            state = "unlocked"
        elif is_open is False and bolted:
            state = "locked"
        found.append((name_of(index), state))
    return tuple(found)


def _speed_mps(at: Situation) -> float | None:
    """Return how fast it is; with its motors off its wheels are braked, and noise is none."""
    motion, state = at.words.motion, at.words.state
    if motion is None:
        return None
    speed_mps = math.hypot(motion.east_mps, motion.north_mps)
    if state is not None and state.armed is False and speed_mps < BRAKED_MPS:
        return 0.0
    return speed_mps


def _whereabouts(at: Situation) -> Whereabouts | None:
    here = whereabouts_of(at.words)
    if here is not None and _speed_mps(at) == 0.0:
        return replace(here, velocity_enu_mps=(0.0, 0.0, 0.0))
    return here


def _doors(status: ControllerStatus | None) -> tuple[tuple[Compartment, bool | None], ...]:
    if status is None:
        return ()
    return tuple((name_of(index), is_open) for index, is_open in enumerate(status.doors_open))


def _status(at: Situation) -> ControllerStatus | None:
    status = at.words.status
    if status is None or at.now_s - status.received_s > STATUS_S or not status.takes_orders:
        return None
    return status


def _people(around: LookedAround) -> People:
    seen = tuple(
        Person(one.east_m, one.north_m, one.east_mps, one.north_mps) for one in around.people
    )
    return People(around.received_s, seen)


def _goes_in(at: Situation) -> Mode | None:
    """Return in which mode this autopilot goes where it is told: PX4 calls it holding."""
    presence = at.words.presence
    if presence is None or not presence.manner:
        return None
    return "guided" if presence.manner.startswith("ardupilot") else "hold"


def _satellites(at: Situation) -> int | None:
    fix = at.words.fix
    return getattr(fix, "satellites", None)


def _doubtful(position: VehicleState | None) -> str:
    return position.doubtful if position else ""
