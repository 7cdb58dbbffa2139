"""What becomes of a person's decision about a machine under way."""

from edge.messages.facts import CommandRefused, Fact, MachineDirected
from edge.pilot.craft import Craft, Event, Progress, Situation
from edge.pilot.guarding import Guarding
from edge.pilot.happenings import Directed


def decide(
    craft: Craft, guarding: Guarding, progress: Progress, directed: Directed, at: Situation
) -> tuple[Event | None, Fact]:
    """Return what happens to the machine, None for nothing, and what is recorded of it."""
    command, order = directed.command, directed.order
    event = craft.directed(progress, order, at)
    if isinstance(event, str):
        why_not = event
    elif _is_idle(craft, progress, event):
        why_not = f"it is {progress.phase.value}: nothing to be done"
    elif order.wish == "looked_after" and not guarding.looked_after(progress, at):
        why_not = "somebody still meddles with it"
    else:
        told = MachineDirected(
            command_seq=command.seq, wish=order.wish, by=order.by, why=order.why
        )
        return event, told
    kind, reason = str(order.__struct_config__.tag), f"{order.by}: {order.wish}: {why_not}"
    return None, CommandRefused(order=kind, command_seq=command.seq, reason=reason)


def _is_idle(craft: Craft, progress: Progress, event: Event) -> bool:
    change = craft.advance(progress, event)
    return change.progress == progress and not change.facts and not change.actions
