"""The drone: its machine of a leg, and what the mission wants of it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import msgspec

from edge.config import FlightSection
from edge.flight import events as e
from edge.flight.asking import command_of, orders_for, orders_of
from edge.flight.change import Change
from edge.flight.in_flight import OVER_M
from edge.flight.machine import advance
from edge.flight.progress import FlightProgress, Phase, Seen
from edge.guard.bounds import Bounds
from edge.guard.truth import Truth
from edge.messages.commands import DirectMachine
from edge.messages.facts import Fact, FlightHeldBack
from edge.messages.geo import distance_m
from edge.messages.machines.actuators import AnyCommand, Land
from edge.messages.machines.cleared import Cleared, Refused, SafeStop
from edge.pilot.craft import Orders, Report, Situation, told_why
from edge.pilot.drones.errands import SETTLED, Errands
from edge.pilot.drones.hazards import NOT_ALOFT, Hazards
from edge.pilot.drones.landings import Landings
from edge.pilot.drones.limits import AirBounds
from edge.pilot.drones.readiness import below_clear, seen_of, truth_of
from edge.pilot.drones.remote_id import RemoteIdWatch
from edge.pilot.truth import place_of
from edge.vehicles.kind import VehicleKind

LOOK_S = 0.5
NEAR_M = 5.0


class DroneCraft:
    """A drone, as the pilot flies it; what it remembers is of this start only."""

    blob = "flight"

    def __init__(self, kind: VehicleKind, section: FlightSection) -> None:
        assert kind.machine is not None, f"a {kind.name} does not move by itself"
        parts = kind.machine.parts if section.winch else kind.machine.parts - {"winch"}
        self._figures = replace(kind.machine, parts=parts)
        self._section = section
        self._limits = AirBounds(kind.name, self._figures, section)
        self._errands = Errands(section, self._figures, self._limits)
        self._hazards = Hazards(self._figures)
        self._landings = Landings(section)
        self._remote_id = RemoteIdWatch(needed=section.remote_id)

    def load(self, blob: bytes | None) -> FlightProgress:
        """Return the progress that was kept."""
        return msgspec.msgpack.decode(blob, type=FlightProgress) if blob else FlightProgress()

    def dump(self, progress: FlightProgress) -> bytes:
        """Return the progress to keep."""
        return msgspec.msgpack.encode(progress)

    def look_s(self, progress: FlightProgress) -> float:  # noqa: ARG002
        """Return how long it is from one look to the next."""
        return LOOK_S

    def wants(self, word: object) -> bool:  # noqa: ARG002
        """Tell whether a word is an event: to a drone none is."""
        return False

    def heard(self, progress: FlightProgress, word: object, at: Situation) -> None:
        """Return the event that a word is."""

    def rests(self, progress: FlightProgress) -> bool:
        """Tell whether nothing goes on: seldom looks will do."""
        return progress.phase in SETTLED

    def raises_alarm(self, progress: FlightProgress) -> bool:  # noqa: ARG002
        """Return False: it has nobody's hands on it that it could feel."""
        return False

    def advance(self, progress: FlightProgress, event: e.AnyEvent) -> Change:
        """Apply one event."""
        return advance(progress, event)

    def looked(self, progress: FlightProgress, at: Situation) -> e.AnyEvent:
        """Return the event of another look."""
        return e.Looked(seen=self._seen(progress, at))

    def restarted(self, progress: FlightProgress, at: Situation, why: str) -> e.AnyEvent:
        """Return the event of a start of either side."""
        self._hazards.began_anew()
        return e.Restarted(seen=self._seen(progress, at), why=why)

    def answered(
        self, progress: FlightProgress, at: Situation, number: int, *, done: bool, why: str
    ) -> e.AnyEvent:
        """Return the event of an action that has ended."""
        return e.Answered(seen=self._seen(progress, at), number=number, done=done, why=why)

    def vetoed(
        self,
        progress: FlightProgress,
        at: Situation,
        verdict: Refused | SafeStop,
        number: int | None,
    ) -> Sequence[e.AnyEvent]:
        """Return what the guard's no means: an action in vain, a hold or a landing."""
        seen, why = self._seen(progress, at), f"the guard: {verdict.why}"
        self._errands.vetoed(why, at.now_s)
        landing: list[Land] = []
        if isinstance(verdict, SafeStop):
            landing = [c.command for c in verdict.cleared if isinstance(c.command, Land)]
        doing = Phase.DIVERTING if landing else Phase.HOLDING
        is_doing = isinstance(verdict, SafeStop) and progress.phase is doing
        events: list[e.AnyEvent] = []
        if number is not None:
            # What the guard ordered instead is what was asked for.
            events.append(e.Answered(seen=seen, number=number, done=is_doing, why=why))
        flies = progress.phase not in NOT_ALOFT
        place = landing[0].place if landing else None
        if place is not None and place != progress.landing:
            here = place_of(at.words)  # over it, it lands straight down; else it is another
            is_doing = is_doing and here is not None and distance_m(here, place) <= NEAR_M
        if isinstance(verdict, SafeStop) and flies and not is_doing and not seen.on_ground:
            what: Literal["land", "hold"] = "land" if landing else "hold"
            events.append(e.Ordered(seen=seen, what=what, why=why, place=place))
        return events

    def directed(
        self, progress: FlightProgress, order: DirectMachine, at: Situation
    ) -> e.AnyEvent | str:
        """Return what a person's decision means."""
        if order.wish == "looked_after":
            return "nobody meddles with a drone in the air"
        why = told_why(order)
        return e.Ordered(seen=self._seen(progress, at), what=order.wish, why=why)

    def wanted(self, progress: FlightProgress, at: Situation) -> e.AnyEvent | None:
        """Return what the mission wants now."""
        return self._errands.wanted(progress, self._seen(progress, at), at)

    def ponder(
        self, progress: FlightProgress, action: e.AnyAction, at: Situation
    ) -> e.AnyEvent | None:
        """Answer the gate, the look below, the search for a way home."""
        seen = self._seen(progress, at)
        match action:
            case e.AskGate():
                return e.GateAnswered(seen=seen, reasons=self._errands.gate(progress, at))
            case e.LookBelow():
                clear = below_clear(progress, at)
                return e.ClearChecked(seen=seen, number=action.number, clear=clear is True)
            case e.FindWay():
                return self._errands.way_home(progress, seen, at)
            case _:
                return None

    def notes(self, progress: FlightProgress, at: Situation) -> Sequence[Fact]:
        """Return facts beside the machine's own: what hit it, why there is no flight at all."""
        met: tuple[Fact, ...] = self._hazards.look(progress, at)
        met += self._remote_id.look(progress, at)
        refusal = self._errands.refusal(at)
        if refusal is None:
            return met
        stop_id, why = refusal
        return (*met, FlightHeldBack(plan_id="none", stop_id=stop_id, reasons=(why,)))

    def reports(self, progress: FlightProgress, at: Situation) -> Sequence[Report]:
        """Return what the mission is to be told."""
        return self._errands.reports(progress, at)

    def command_of(self, action: e.AnyAction, number: int, now_s: float) -> AnyCommand | None:
        """Return what the guard is asked."""
        return command_of(action, number, now_s)

    def orders_of(
        self,
        action: e.AnyAction,
        cleared: Cleared[AnyCommand] | None,
        key: str,
        at: Situation,
    ) -> Orders:
        """Return the orders of an action."""
        altitude_m = at.words.motion.altitude_m if at.words.motion else None
        return Orders(autopilot=orders_of(action, cleared, key, altitude_m=altitude_m))

    def stop_orders(self, cleared: Cleared[AnyCommand], key: str, at: Situation) -> Orders:
        """Return the orders of a safe stop; over the place to land at, it lands."""
        command, here, motion = cleared.command, place_of(at.words), at.words.motion
        if motion is None or here is None:
            return Orders(autopilot=orders_for(cleared, key))
        altitude_m: float | None = motion.altitude_m
        if isinstance(command, Land) and command.place is not None:
            climbs_m = max(0.0, command.height_m - motion.height_m)
            is_there = distance_m(here, command.place) <= OVER_M
            altitude_m = None if is_there else motion.altitude_m + climbs_m
        return Orders(autopilot=orders_for(cleared, key, altitude_m=altitude_m))

    def truth(self, progress: FlightProgress, at: Situation) -> Truth:
        """Return what the guard is told."""
        blocked = self._landings.blocked(progress, at)
        return truth_of(progress, at, self._section, blocked)

    def bounds(self, progress: FlightProgress, at: Situation) -> Bounds | None:  # noqa: ARG002
        """Return what the guard allows; None before the first route."""
        return self._limits.bounds(at)

    def _seen(self, progress: FlightProgress, at: Situation) -> Seen:
        return seen_of(progress, at, self._section)
