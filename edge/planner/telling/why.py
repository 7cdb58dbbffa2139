"""Why the plan is what it is, in a driver's words."""

from collections.abc import Sequence

from edge.messages.parcels import StopId
from edge.messages.plan import Cause, DroppedStop, PlannedBreak, PlannedStop, Trigger
from edge.native.replan.reference import Simulation

CAUSES: dict[Trigger, str] = {
    "route": "New route",
    "off_plan": "Off the plan",
    "stop_added": "Stop added",
    "stop_cancelled": "Stop cancelled",
    "stop_failed": "Stop not served",
    "late": "Running late",
    "conditions": "Traffic has changed",
    "driver": "As you asked",
    "offer": "Order taken on",
    "energy": "Range is short",
    "door_code": "A door code has changed",
    "custody": "Parcels change vehicles",
    "break": "Break",
}
WORTH_TELLING_MS = 60_000
MOST_NAMED = 3


def sentence(
    trigger: Trigger,
    *,
    first: bool,
    planned: Sequence[PlannedStop],
    moved: Sequence[StopId],
    added: Sequence[StopId],
    dropped: Sequence[DroppedStop],
    keeping: Simulation,
    driving: Simulation,
    causes: Sequence[Cause] = (),
    delay_s: float = 0.0,
    breaks: Sequence[PlannedBreak] = (),
) -> str:
    """Return what to tell the driver.

    `keeping` is what the old order would have become, `breaks` are those that are news.
    """
    changes = [counted(len(planned), "stop")] if first else []
    if added:
        changes.append(f"{counted(len(added), 'stop')} put in")
    if moved:
        changes.append(f"{counted(len(moved), 'stop')} moved")
    sooner_ms = keeping.end_ms - driving.end_ms
    punctual_ms = sum(keeping.late_ms) - sum(driving.late_ms)
    if moved and not dropped and sooner_ms >= WORTH_TELLING_MS:
        changes.append(f"back {duration(sooner_ms)} sooner")
    if moved and punctual_ms >= WORTH_TELLING_MS:
        changes.append(f"{duration(punctual_ms)} less late in all")
    text = f"{CAUSES[trigger]}: {', '.join(changes) or 'the order stays'}."
    closed = [reason for cause in causes for reason in cause.closed]
    if closed:
        text += f" Closed: {named(closed)}."
    if abs(delay_s) * 1000 >= WORTH_TELLING_MS:
        more = "longer" if delay_s > 0 else "less"
        text += f" The ways take {duration(round(abs(delay_s) * 1000))} {more}."
    for one in breaks:
        before = one.before or "driving back"
        text += f" Break of {duration(round(one.lasts_s * 1000))} before {before}."
    if dropped:
        text += f" Left out: {named([stop.stop_id for stop in dropped])}."
    late = [stop for stop in planned if stop.late_s * 1000 >= WORTH_TELLING_MS]
    if late:
        worst_ms = round(max(stop.late_s for stop in late) * 1000)
        text += f" Late at {named([s.stop_id for s in late])} by up to {duration(worst_ms)}."
    return text


def counted(number: int, word: str) -> str:
    """Return a number with its noun."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def named(stop_ids: Sequence[StopId]) -> str:
    """Return some stops by name and the rest by number."""
    if len(stop_ids) <= MOST_NAMED + 1:
        return ", ".join(stop_ids)
    rest = len(stop_ids) - MOST_NAMED
    return f"{', '.join(stop_ids[:MOST_NAMED])} and {rest} more"


def duration(span_ms: int) -> str:
    """Return a span of time in hours and minutes."""
    minutes = round(span_ms / 60_000)
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
