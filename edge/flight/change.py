"""What the rules of a leg share: entering a phase, asking for an action, leaving the drop."""

from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from edge.flight import events as e
from edge.flight.progress import FlightProgress, Phase, Seen
from edge.messages.facts import DropGivenUp, DropMade, Fact, FlightPhaseEntered

MOST_TRIES = 3


@dataclass(frozen=True, slots=True)
class Change:
    """What one event did."""

    progress: FlightProgress
    facts: tuple[Fact, ...] = ()
    actions: tuple[e.AnyAction, ...] = ()

    def with_facts(self, *facts: Fact) -> "Change":
        """Return it with these facts before its own."""
        return Change(self.progress, (*facts, *self.facts), self.actions)


T = TypeVar("T", bound=e.Action)


def changed(progress: FlightProgress, **fields: Any) -> FlightProgress:  # noqa: ANN401
    """Return the progress with some fields changed."""
    return msgspec.structs.replace(progress, **fields)


def enter(
    progress: FlightProgress,
    phase: Phase,
    seen: Seen,
    why: str = "",
    action: type[T] | None = None,
    **parameters: Any,  # noqa: ANN401
) -> Change:
    """Come to a phase, and begin with its action; the action of the phase before is over."""
    after = changed(progress, phase=phase, since_s=seen.now_s, waits=False, tries=0)
    fact = FlightPhaseEntered(
        plan_id=after.flight.plan_id, stop_id=after.flight.stop_id, phase=phase.value, why=why
    )
    if action is None:
        return Change(after, (fact,))
    asked = ask(after, action, **parameters)
    return Change(asked.progress, (fact,), asked.actions)


def ask(progress: FlightProgress, action: type[T], **parameters: Any) -> Change:  # noqa: ANN401
    """Ask for an action; its number is the only one whose answer counts from now on."""
    number = progress.asked + 1
    after = changed(progress, asked=number, waits=True, tries=progress.tries + 1)
    return Change(after, (), (action(number=number, **parameters),))  # type: ignore[arg-type]


def again(progress: FlightProgress, action: type[T], **parameters: Any) -> Change | None:  # noqa: ANN401
    """Ask once more; None if it was tried often enough."""
    return None if progress.tries >= MOST_TRIES else ask(progress, action, **parameters)


def load(progress: FlightProgress, phase: Phase, seen: Seen, why: str = "") -> Change:
    """Put the plan on board; nothing is proven until the answer."""
    unproven = changed(progress, proven=False)
    return enter(unproven, phase, seen, why, e.PutOnBoard, **plan_of(progress))


def plan_of(progress: FlightProgress) -> dict[str, Any]:
    """Return what `PutOnBoard` is to load."""
    plan = progress.flight
    return {"mission": progress.parts, "fence": plan.fence, "rally": plan.rally}


def give_up(progress: FlightProgress, why: str) -> Change:
    """Decide that the parcel comes back; said once."""
    if progress.gives_up or progress.parcel in ("gone", "unknown"):
        return Change(progress)
    fact = DropGivenUp(stop_id=progress.flight.stop_id, why=why, on_board=True)
    return Change(changed(progress, gives_up=why), (fact,))


def settle_parcel(progress: FlightProgress, seen: Seen) -> Change:
    """Let the gripper say what became of an intent; what nobody saw is not known."""
    if progress.parcel != "letting_go":
        return Change(progress)
    stop_id = progress.flight.stop_id
    if seen.grip == "empty":
        gone = changed(progress, parcel="gone")
        return Change(gone, (DropMade(stop_id=stop_id, seen=True),))
    if seen.grip == "holding":
        return Change(changed(progress, parcel="on_board"))
    why = "nobody saw whether the gripper let it go"
    unknown = changed(progress, parcel="unknown")
    return Change(unknown, (DropGivenUp(stop_id=stop_id, why=why, on_board=None),))


def leave(progress: FlightProgress, seen: Seen, why: str) -> Change:
    """Go home: first the line; then the proven way back, if it stands at its beginning.

    Elsewhere it holds until somebody has found a way from here: straight to the drop, or
    straight home, it could fly through a zone.
    """
    if progress.line_out:
        return pull_up(progress, seen, why)
    if seen.on_ground:
        return leave_ground(progress, seen, why)
    part = homeward_part(progress, seen)
    if part is None:
        waiting = changed(progress, then=Phase.GOING_HOME)
        return enter(waiting, Phase.HOLDING, seen, why, e.Stay)
    return go_on(progress, seen, part, why)


def leave_ground(progress: FlightProgress, seen: Seen, why: str) -> Change:
    """Fly home from where it landed at the drop, through the gate; elsewhere it stays."""
    plan = progress.flight
    if plan.site.manner != "land" or progress.homeward or not in_circle(progress, seen):
        return land(progress, seen, why)
    after = changed(progress, homeward=True, proven=False, reasons=())
    return enter(after, Phase.AT_GATE, seen, why, e.AskGate)


def pull_up(progress: FlightProgress, seen: Seen, why: str) -> Change:
    """Take the line in, standing in the air."""
    if seen.mode == "hold":
        length_m = progress.flight.site.line_m
        return enter(progress, Phase.RAISING, seen, why, e.PullUp, length_m=length_m)
    return enter(changed(progress, then=Phase.RAISING), Phase.HOLDING, seen, why, e.Stay)


def land(progress: FlightProgress, seen: Seen, why: str) -> Change:
    """Note that it stands on the ground, and leave nothing of the mission on board."""
    settled = settle_parcel(progress, seen)
    given_up = (
        give_up(settled.progress, why or "it landed with the parcel")
        if settled.progress.parcel == "on_board"
        else Change(settled.progress)
    )
    after = changed(given_up.progress, proven=False)
    landed = enter(after, Phase.LANDED, seen, why, e.PutOnBoard, mission=())
    return landed.with_facts(*settled.facts, *given_up.facts)


def go_on(progress: FlightProgress, seen: Seen, part: int, why: str) -> Change:
    """Go on with what is proven on board, from this part."""
    assert progress.proven, "nothing is flown that was not read back"
    assert not progress.line_out, "nothing flies with the line out"
    mission = progress.parts
    return enter(progress, Phase.RESUMING, seen, why, e.GoOn, part=part, mission=mission)


def next_part(progress: FlightProgress, seen: Seen) -> int | None:
    """Return the part to go on with; None if that is not known, or nothing is proven."""
    if not progress.proven or seen.part is None or seen.part >= len(progress.parts):
        return None
    if goes_home(progress) and not progress.homeward:
        return homeward_part(progress, seen)
    return seen.part


def homeward_part(progress: FlightProgress, seen: Seen) -> int | None:
    """Return where the proven way home begins, or goes on; None: it is not flown from here."""
    plan, part = progress.flight, seen.part
    if not progress.proven or part is None or part >= len(progress.parts):
        return None
    if progress.homeward:
        return part
    if plan.back or part < plan.drop_part:
        return None
    return max(part, plan.home_part)


def goes_home(progress: FlightProgress) -> bool:
    """Tell whether there is nothing left to do at the drop."""
    return bool(progress.gives_up) or progress.parcel != "on_board" or progress.homeward


def in_circle(progress: FlightProgress, seen: Seen) -> bool:
    """Tell whether it is surely inside the approved circle."""
    if seen.distance_m is None or seen.accuracy_m is None:
        return False
    return seen.distance_m + seen.accuracy_m <= progress.flight.site.radius_m


def at_drop(progress: FlightProgress, seen: Seen) -> bool:
    """Tell whether it is surely inside the circle, and as high as it may be there (A8)."""
    site = progress.flight.site
    if not in_circle(progress, seen):
        return False
    if site.manner == "land":
        return seen.on_ground
    return seen.height_m is not None and site.lowest_m <= seen.height_m <= site.highest_m
