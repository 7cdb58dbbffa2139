"""What a safe stop is: by kind, and by the state of the parts."""

from edge.guard.bounds import Site
from edge.guard.question import LEASE_S, Question
from edge.messages.machines.actuators import AnyCommand, Hold, Land, Lock, SoundAlarm, TakeIn
from edge.messages.machines.cleared import Reason

WHOLE_LINE_M = 100.0


def safe_stop(question: Question, reason: Reason, site: Site | None) -> tuple[AnyCommand, ...]:
    """Return the commands, in order.

    On the ground it stops; after tampering it locks and sounds the alarm too. In the air it
    holds; with a line out it takes that in first, because it may not move along with it;
    without a position, or below the reserve with a line that will not come in, it lands.
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
    if question.whereabouts is None:
        return (land,)
    if line_may_be_out(question):
        if _below_reserve(question):
            return (land,)
        take_in = TakeIn(
            number=0, issued_s=issued_s, expires_s=expires_s, length_m=WHOLE_LINE_M
        )
        return (hold, take_in)
    if site is not None:
        return (Land(number=0, issued_s=issued_s, expires_s=expires_s, place=site.place),)
    return (land,) if reason in ("energy", "site") else (hold,)


def line_may_be_out(question: Question) -> bool:
    """Tell whether a line may hang down."""
    parts = question.truth.parts
    has_winch = "winch" in question.bounds.figures.parts
    return has_winch and (parts is None or parts.winch != "in")


def _below_reserve(question: Question) -> bool:
    charge = question.truth.charge
    return charge is None or charge.left_j < question.bounds.figures.energy.reserve_j
