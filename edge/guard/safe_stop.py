"""What a safe stop is: by kind, and by the state of the parts."""

from dataclasses import dataclass

from msgspec.structs import replace

from edge.guard.bounds import Site
from edge.guard.question import LEASE_S, Leaving, Question
from edge.guard.rules import energy, geofence, weather
from edge.guard.rules.air import escape
from edge.messages.geo import Place
from edge.messages.machines.actuators import (
    AnyCommand,
    GoToward,
    Hold,
    Land,
    Lock,
    SoundAlarm,
    TakeIn,
)
from edge.messages.machines.cleared import Reason

WHOLE_LINE_M = 100.0


@dataclass(frozen=True, slots=True)
class Resort:
    """Where it goes to be safe; without any of it, it stays."""

    site: Site | None = None
    leaving: Leaving | None = None
    down: bool = False
    """It lands where it is."""


STAY = Resort()


def resort(question: Question, reason: Reason) -> Resort:
    """Return where to go: on to the site it is on the way to, else by the reason."""
    site = question.memory.diverting
    if site is not None or line_may_be_out(question) or not question.airborne:
        return Resort(site)
    if reason in ("energy", "weather"):
        return Resort(energy.choose(question, soon=weather.on_the_way(question) == "land"))
    if reason == "zone" and question.whereabouts is not None and geofence.around(question):
        out = escape.way_out(question)
        if escape.down_is_nearer(question, out):
            return Resort(down=True)
        if out is None:
            site = escape.landing(question)
            return Resort(site, down=site is None)
        return Resort(leaving=out)
    return STAY


def safe_stop(question: Question, reason: Reason, to: Resort) -> tuple[AnyCommand, ...]:
    """Return the commands, in order.

    On the ground it stops; after tampering it locks and sounds the alarm too. In the air it
    holds; with a line out it takes that in first, because it may not move along with it;
    without a position, or below the reserve with a line that will not come in, it lands; out
    of a zone that came up round it, it goes.
    """
    issued_s, expires_s = question.now_s, question.now_s + LEASE_S
    hold = Hold(number=0, issued_s=issued_s, expires_s=expires_s)
    land = Land(number=0, issued_s=issued_s, expires_s=expires_s)
    if not question.airborne:
        if reason != "tamper":
            return (hold,)
        lock = Lock(number=0, issued_s=issued_s, expires_s=expires_s)
        alarm = SoundAlarm(number=0, issued_s=issued_s, expires_s=expires_s, on=True)
        return (
            (hold, lock, alarm) if "locks" in question.bounds.figures.parts else (hold, alarm)
        )
    here = question.whereabouts
    if here is None:
        return (land,)
    if line_may_be_out(question):
        if _below_reserve(question):
            return (land,)
        take_in = TakeIn(
            number=0, issued_s=issued_s, expires_s=expires_s, length_m=WHOLE_LINE_M
        )
        return (hold, take_in)
    if to.site is not None:
        height_m = energy.transit_m(here.height_m)
        via = _via(question, height_m, to.site)
        return (replace(land, place=to.site.place, height_m=height_m, via=via),)
    if to.leaving is not None:
        place = question.bounds.place(to.leaving.point)
        speed_mps = question.bounds.figures.energy.airspeed_mps
        return (
            GoToward(
                number=0,
                issued_s=issued_s,
                expires_s=expires_s,
                place=place,
                speed_mps=speed_mps,
                height_m=here.height_m,
            ),
        )
    return (land,) if to.down or reason in ("energy", "site") else (hold,)


def _via(question: Question, height_m: float, site: Site) -> tuple[Place, ...]:
    """Return where it passes on its way to a site; straight, where no open way is known."""
    inside = geofence.around(question)
    way = energy.way_to_site(question, question.point, height_m, site, inside)
    return tuple(map(question.bounds.place, way[:-1])) if way else ()


def line_may_be_out(question: Question) -> bool:
    """Tell whether a line may hang down."""
    parts = question.truth.parts
    has_winch = "winch" in question.bounds.figures.parts
    return has_winch and (parts is None or parts.winch != "in")


def _below_reserve(question: Question) -> bool:
    charge = question.truth.charge
    return charge is None or charge.left_j < question.bounds.figures.energy.reserve_j
