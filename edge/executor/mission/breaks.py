"""The driver's breaks: begun and ended by the driver, whatever else goes on."""

from datetime import datetime

import msgspec

from edge.executor.mission.change import Change, RuleError
from edge.executor.mission.events import BreakBegun, BreakOver
from edge.executor.mission.progress import Mission
from edge.messages.facts import BreakEnded, BreakStarted

SHORT_BY_S = 60.0  # a break may be ended so much too soon and still counts as taken


def begun(mission: Mission, event: BreakBegun) -> Change:
    """Begin the next break of the route."""
    if mission.progress.break_since_utc is not None:
        raise RuleError("the break has begun already")
    due = mission.next_break()
    if due is None:
        raise RuleError("no break is left to take")
    fact = BreakStarted(number=mission.progress.breaks_taken + 1, lasts_s=due.lasts_s)
    return Change(_resting(mission, event.utc, 0), (fact,))


def over(mission: Mission, event: BreakOver) -> Change:
    """End the break; one that was too short is still to be taken."""
    since_utc, taken = mission.progress.break_since_utc, mission.next_break()
    if since_utc is None or taken is None:
        raise RuleError("no break has begun")
    lasted_s = max(0.0, (event.utc - since_utc).total_seconds())
    whole = lasted_s >= taken.lasts_s - SHORT_BY_S
    number = mission.progress.breaks_taken + 1
    fact = BreakEnded(number=number, lasted_s=round(lasted_s, 1), whole=whole)
    return Change(_resting(mission, None, int(whole)), (fact,))


def _resting(mission: Mission, since_utc: datetime | None, more: int) -> Mission:
    progress = msgspec.structs.replace(
        mission.progress,
        break_since_utc=since_utc,
        breaks_taken=mission.progress.breaks_taken + more,
    )
    return Mission(mission.route, progress)
