"""The guard: a command and the truth in; cleared, clipped, refused or a safe stop out."""

import math
from dataclasses import replace

from msgspec.structs import replace as with_fields

from edge.guard.bounds import Bounds, Site
from edge.guard.question import LEASE_S, Capped, Denied, Memory, Question
from edge.guard.rules import energy, geofence, limits, weather
from edge.guard.rules.pavement import crossing, tamper
from edge.guard.safe_stop import resort, safe_stop
from edge.guard.table import (
    IN_THE_AIR,
    ON_THE_GROUND,
    WATCHED_IN_THE_AIR,
    WATCHED_ON_THE_GROUND,
    WATCHED_STANDING,
)
from edge.guard.truth import Truth
from edge.messages.machines.actuators import (
    AnyCommand,
    FlyPlan,
    GoToward,
    Hold,
    Land,
    Launch,
    Move,
    Return,
)
from edge.messages.machines.cleared import (
    Cleared,
    Clip,
    Clipped,
    Passed,
    Reason,
    Refused,
    SafeStop,
    Verdict,
)

MOTIONS = (Move, GoToward, FlyPlan, Launch, Land, Return, Hold)
LEASED = (Move, GoToward)
"""What goes on only as long as it is renewed; the others end by themselves, and are watched."""


class Guard:
    """Judges every command, and between commands, ten times a second, what goes on."""

    def __init__(self, bounds: Bounds, memory: Memory | None = None) -> None:
        self.bounds = bounds
        self.memory = memory or Memory()

    def judge(self, command: AnyCommand, truth: Truth, now_s: float) -> Verdict:
        """Answer a command."""
        question = self._ask(command, truth, now_s)
        table = IN_THE_AIR if question.flies else ON_THE_GROUND
        clips: list[Clip] = []
        for rule in table[type(command)]:
            ruling = rule(question)
            if isinstance(ruling, Denied):
                self._heard(question, ruling.reason)
                return self._deny(question, ruling)
            if isinstance(ruling, Capped) and (clip := _exceeds(question.command, ruling)):
                clips.append(clip)
                question = _with_command(question, slowed(question.command, clip))
        return self._clear(question, tuple(clips))

    def watch(self, truth: Truth, now_s: float) -> SafeStop | None:
        """Judge what goes on; None if it may."""
        question = self._ask(None, truth, now_s)
        if question.flies:
            watched = WATCHED_IN_THE_AIR if question.airborne else ()
        elif question.stands:
            watched = WATCHED_STANDING
        else:
            watched = WATCHED_ON_THE_GROUND
        for rule in watched:
            if isinstance(ruling := rule(question), Denied):
                return self._stop(question, ruling)
        return None

    def looked_after(self, truth: Truth, now_s: float) -> bool:
        """Forget what somebody did to it: a person has looked; False if it still goes on."""
        self.memory = replace(self.memory, harmed="")
        return not self._ask(None, truth, now_s).memory.harmed

    def _ask(self, command: AnyCommand | None, truth: Truth, now_s: float) -> Question:
        """Return the question, with what the truth changes in the memory."""
        question = Question(None, truth, self.bounds, self.memory, now_s)
        memory = self.memory
        over_since_s = memory.over_since_s if memory.over_since_s is not None else now_s
        self.memory = replace(
            memory,
            held=weather.look(question),
            harmed=tamper.noticed(question),
            crossings=crossing.still_on(question),
            must_stand=memory.must_stand and not question.stands,
            assisted=memory.assisted
            and not (question.stands and memory.moving_until_s is None),
            over_since_s=over_since_s if limits.too_fast(question) else None,
            diverting=self._still_diverting(question),
        )
        return Question(command, truth, self.bounds, self.memory, now_s)

    def _still_diverting(self, question: Question) -> Site | None:
        site = question.memory.diverting
        if site is None or not question.airborne:
            return None
        if site.site_id in question.truth.blocked_sites or energy.shut_off(question, site):
            return energy.choose(question, but=geofence.around(question)) or site
        return site

    def _clear(self, question: Question, clips: tuple[Clip, ...]) -> Verdict:
        command = question.command
        assert command is not None, "only commands are cleared"
        most_s = command.issued_s + LEASE_S
        if command.expires_s > most_s:
            asked_s = command.expires_s - command.issued_s
            command = with_fields(command, expires_s=most_s)
            clips += (Clip(what="lease_s", asked=asked_s, given=LEASE_S, why="the longest"),)
        self._heard(question, None)
        operator = _operator(question)
        cleared = Cleared[AnyCommand](command=command, cleared_s=question.now_s)
        if clips:
            return Clipped(
                number=command.number,
                by=command.by,
                operator=operator,
                cleared=cleared,
                clips=clips,
            )
        return Passed(number=command.number, by=command.by, operator=operator, cleared=cleared)

    def _heard(self, question: Question, denied: Reason | None) -> None:
        """Remember a command: its number if it came in time, its motion if it was cleared."""
        command, memory = question.command, self.memory
        assert command is not None, "only commands are heard"
        if denied not in ("lease", "replay", "not_a_number"):
            memory = replace(memory, last_number=max(memory.last_number, command.number))
        if denied is None and isinstance(command, MOTIONS):
            leased = isinstance(command, LEASED)
            until_s = min(command.expires_s, command.issued_s + LEASE_S)
            memory = replace(
                memory,
                moving_until_s=until_s if leased else None,
                assisted=command.by == "assistance" or (memory.assisted and not leased),
                crossings=crossing.entered(question) if leased else memory.crossings,
            )
        self.memory = memory

    def _deny(self, question: Question, denied: Denied) -> Verdict:
        if denied.stop:
            return self._stop(question, denied)
        command = question.command
        assert command is not None, "what goes on is never only refused"
        return Refused(
            number=command.number,
            by=command.by,
            operator=_operator(question),
            reason=denied.reason,
            why=denied.why,
        )

    def _stop(self, question: Question, denied: Denied) -> SafeStop:
        """End what goes on, and remember that it must stand before it moves again."""
        command, now = question.command, resort(question, denied.reason)
        commands = safe_stop(question, denied.reason, now)
        self.memory = replace(
            self.memory,
            must_stand=True,
            moving_until_s=None,
            diverting=now.site,
            leaving=now.leaving,
        )
        return SafeStop(
            number=command.number if command else 0,
            by=command.by if command else "executor",
            operator=_operator(question),
            reason=denied.reason,
            why=denied.why,
            cleared=tuple(
                Cleared[AnyCommand](command=one, cleared_s=question.now_s) for one in commands
            ),
            burst=denied.reason == "tamper",
        )


def slowed(command: AnyCommand | None, clip: Clip) -> AnyCommand:
    """Return a command with one figure made smaller."""
    assert isinstance(command, LEASED), "only these have a speed"
    if isinstance(command, GoToward):
        return with_fields(command, speed_mps=clip.given)
    if clip.what == "climb_mps":
        return with_fields(command, up_mps=clip.given)
    if clip.what == "descent_mps":
        return with_fields(command, up_mps=-clip.given)
    share = clip.given / clip.asked
    return with_fields(
        command, east_mps=command.east_mps * share, north_mps=command.north_mps * share
    )


def _exceeds(command: AnyCommand | None, cap: Capped) -> Clip | None:
    """Return what must be clipped; None if the command keeps to the cap."""
    if not isinstance(command, LEASED):
        return None
    if isinstance(command, GoToward):
        if cap.what != "speed_mps":
            return None
        asked = command.speed_mps
    else:
        asked = {
            "speed_mps": math.hypot(command.east_mps, command.north_mps),
            "climb_mps": command.up_mps,
            "descent_mps": -command.up_mps,
        }[cap.what]
    if asked <= cap.most:
        return None
    return Clip(what=cap.what, asked=asked, given=cap.most, why=cap.why)


def _operator(question: Question) -> str:
    lease, command = question.truth.assistance, question.command
    helped = command.by == "assistance" if command else question.memory.assisted
    return lease.operator if lease and helped else ""


def _with_command(question: Question, command: AnyCommand) -> Question:
    return Question(command, question.truth, question.bounds, question.memory, question.now_s)
