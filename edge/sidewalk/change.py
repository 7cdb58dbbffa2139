"""What the rules of a robot's leg share: entering a phase, asking, stopping, giving up."""

from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from edge.handover.pin import PIN_TRIES
from edge.messages.facts import (
    AssistanceEnded,
    DoorGivenUp,
    DrivePhaseEntered,
    Fact,
    HelpWanted,
)
from edge.messages.machines.actuators import Compartment
from edge.sidewalk import events as e
from edge.sidewalk.plan import DrivePlan
from edge.sidewalk.progress import Box, BoxState, DriveProgress, Phase, Seen

MOST_TRIES = 3
AGAIN_S = 5.0  # what the guard refused is asked again so often
HELP_AFTER_S = 120.0  # then somebody is called


@dataclass(frozen=True, slots=True)
class Change:
    """What one event did."""

    progress: DriveProgress
    facts: tuple[Fact, ...] = ()
    actions: tuple[e.AnyAction, ...] = ()

    @property
    def must_be_kept(self) -> bool:
        """Tell whether it has to be durable before anything is done."""
        return bool(self.facts) or any(not action.renews for action in self.actions)

    def with_facts(self, *facts: Fact) -> "Change":
        """Return it with these facts before its own."""
        return Change(self.progress, (*facts, *self.facts), self.actions)

    def with_actions(self, *actions: e.AnyAction) -> "Change":
        """Return it with these actions before its own."""
        return Change(self.progress, self.facts, (*actions, *self.actions))


T = TypeVar("T", bound=e.Action)


def begun(plan: DrivePlan, asked: int) -> DriveProgress:
    """Return the record of a leg that begins; numbers go on, so that no old answer fits."""
    boxes = tuple(Box(name=name) for name in plan.door.compartments) if plan.door else ()
    return DriveProgress(plan=plan, asked=asked, boxes=boxes, tries_left=PIN_TRIES)


def changed(progress: DriveProgress, **fields: Any) -> DriveProgress:  # noqa: ANN401
    """Return the progress with some fields changed."""
    return msgspec.structs.replace(progress, **fields)


def enter(
    progress: DriveProgress,
    phase: Phase,
    seen: Seen,
    why: str = "",
    action: type[T] | None = None,
    **parameters: Any,  # noqa: ANN401
) -> Change:
    """Come to a phase, and begin with its action; the action of the phase before is over."""
    after = changed(
        progress,
        phase=phase,
        since_s=seen.now_s,
        again_s=None,
        waits=False,
        went=False,
        told_help=False,
        tries=0,
        asked=progress.asked + 1,  # no answer to what was asked before fits any more
        operator=progress.operator if phase is Phase.ASSISTED else "",
        goal=None,
        refused="",
    )
    plan = after.leg
    fact = DrivePhaseEntered(
        plan_id=plan.plan_id, stop_id=plan.stop_id, phase=phase.value, why=why
    )
    facts: tuple[Fact, ...] = (fact,)
    if progress.operator and not after.operator:
        helped = AssistanceEnded(operator=progress.operator, why=why, moves=progress.moves)
        facts = (helped, fact)
    if action is None:
        return Change(after, facts)
    asked = ask(after, action, **parameters)
    return Change(asked.progress, facts, asked.actions)


def ask(progress: DriveProgress, action: type[T], **parameters: Any) -> Change:  # noqa: ANN401
    """Ask for an action; its number is the only one whose answer counts from now on."""
    number = progress.asked + 1
    after = changed(progress, asked=number, waits=True, tries=progress.tries + 1)
    return Change(after, (), (action(number=number, **parameters),))  # type: ignore[arg-type]


def again(progress: DriveProgress, action: type[T], **parameters: Any) -> Change | None:  # noqa: ANN401
    """Ask once more; None if it was tried often enough."""
    return None if progress.tries >= MOST_TRIES else ask(progress, action, **parameters)


def lasts_s(progress: DriveProgress, seen: Seen) -> float:
    """Return how long this phase lasts."""
    return 0.0 if progress.since_s is None else seen.now_s - progress.since_s


def stop(
    progress: DriveProgress, seen: Seen, why: str, then: Phase | None, again_s: float | None
) -> Change:
    """Stand and say why; with a time, what was refused is tried again then."""
    waiting = changed(progress, then=then)
    stopped = enter(waiting, Phase.STOPPED, seen, why, e.Stay)
    return Change(changed(stopped.progress, again_s=again_s), stopped.facts, stopped.actions)


def wake(progress: DriveProgress, seen: Seen, why: str) -> Change:
    """Go through the gate to its motors, in the midst of a leg: nothing else wakes them."""
    on_its_way = changed(progress, then=Phase.DRIVING, along_m=None, reasons=())
    return enter(on_its_way, Phase.AT_GATE, seen, why, e.AskGate)


def seek(
    progress: DriveProgress,
    seen: Seen,
    why: str,
    *,
    avoid: tuple[str, ...] = (),
    to_charge: bool = False,
) -> Change:
    """Stand, and have another way looked for."""
    held = enter(progress, Phase.SEEKING, seen, why, e.Stay)
    number = held.progress.asked
    way = e.FindWay(number=number, avoid=avoid, to_charge=to_charge)
    return Change(held.progress, held.facts, (*held.actions, way))


def call_for_help(progress: DriveProgress, seen: Seen, why: str) -> Change:
    """Say once in this phase that it does not go on without a person."""
    if progress.told_help:
        return Change(progress)
    fact = HelpWanted(why=why, place=seen.place)
    return Change(changed(progress, told_help=True), (fact,))


def put_box(progress: DriveProgress, name: Compartment, state: BoxState) -> DriveProgress:
    """Return it with one compartment in another state."""
    boxes = tuple(
        msgspec.structs.replace(box, state=state) if box.name == name else box
        for box in progress.boxes
    )
    return changed(progress, boxes=boxes)


def give_up(progress: DriveProgress, why: str) -> Change:
    """Decide that nothing is opened at this stop any more; said once.

    What was seen not to be opened is on board; of what was told to open and never seen,
    nobody knows.
    """
    if progress.gives_up or not progress.boxes:
        return Change(progress)
    held = tuple(box.name for box in progress.boxes if box.state in ("held", "opening"))
    lost = tuple(box.name for box in progress.boxes if box.state in ("opened", "unknown"))
    facts: list[Fact] = []
    stop_id = progress.leg.stop_id
    assert stop_id is not None, "only stops have compartments"
    for names, on_board in ((held, True), (lost, None)):
        if names:
            facts.append(
                DoorGivenUp(stop_id=stop_id, compartments=names, why=why, on_board=on_board)
            )
    if not facts:
        return Change(progress)
    return Change(changed(progress, gives_up=why), tuple(facts))


def in_circle(progress: DriveProgress, seen: Seen) -> bool:
    """Tell whether it is surely inside the circle of the door."""
    door = progress.leg.door
    if door is None or seen.door_m is None or seen.accuracy_m is None:
        return False
    return seen.door_m + seen.accuracy_m <= door.radius_m
