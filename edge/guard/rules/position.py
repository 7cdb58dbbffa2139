"""Nothing moves that does not know where it is."""

import math

from edge.guard.question import Denied, Question, Ruling
from edge.messages.machines.actuators import GoToward, Move


def known(question: Question) -> Ruling:
    """Stop what does not know where it is."""
    if question.whereabouts is not None:
        return None
    here = question.truth.whereabouts
    if here is None:
        why = "the position is unknown"
    elif here.doubtful:
        why = f"the position is in doubt: {here.doubtful}"
    elif not question.fresh(here.at_s):
        why = f"the position is {question.now_s - here.at_s:.1f} s old"
    else:
        why = f"the position may be {here.accuracy_m:.0f} m off"
    return Denied("position", why, stop=True)


def numbers(question: Question) -> Ruling:
    """Refuse what is no number."""
    command = question.command
    figures: tuple[float, ...] = ()
    if isinstance(command, Move):
        figures = (command.east_mps, command.north_mps, command.up_mps)
    elif isinstance(command, GoToward):
        place = command.place
        figures = (command.speed_mps, command.height_m, place.lat_deg, place.lon_deg)
    if not all(map(math.isfinite, figures)):
        return Denied("not_a_number", f"{figures} are not all numbers", stop=True)
    return None


def stood(question: Question) -> Ruling:
    """Let it stand first after a safe stop."""
    if question.memory.must_stand and not question.stands:
        return Denied("lease", "it has not stood since it was stopped")
    return None
