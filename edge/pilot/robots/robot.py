"""The robot: its machine of a leg, and what the mission wants of it."""

from collections.abc import Sequence
from typing import Any

import msgspec

from edge.config import SidewalkSection
from edge.guard.bounds import Bounds
from edge.guard.kerbs import Grid
from edge.guard.truth import Truth
from edge.messages.commands import DirectMachine
from edge.messages.facts import DriveHeldBack, Fact
from edge.messages.geo import distance_m
from edge.messages.machines.actuators import AnyCommand, SoundAlarm
from edge.messages.machines.cleared import Cleared, Refused, SafeStop
from edge.messages.machines.controller import ControllerOrder
from edge.pilot.craft import AnyOrder, Orders, Report, Situation, told_why
from edge.pilot.robots.errands import Errands
from edge.pilot.robots.fence import StreetBounds
from edge.pilot.robots.kerbside import Kerbside
from edge.pilot.robots.lookout import Lookout
from edge.pilot.robots.pavements import Pavements
from edge.pilot.robots.senses import (
    harmed,
    posture,
    readiness,
    seen_of,
    truth_of,
)
from edge.pilot.robots.siren import Siren
from edge.pilot.robots.words import event_of, is_event
from edge.pilot.truth import place_of
from edge.roads.graph import RoadGraph
from edge.roads.roadways import Roadways
from edge.sidewalk import events as e
from edge.sidewalk.asking import command_of, device_orders, orders_of
from edge.sidewalk.change import Change
from edge.sidewalk.gate import Pavement, WeatherHold, look
from edge.sidewalk.machine import advance
from edge.sidewalk.progress import AT_LID, AT_REST, UNDER_WAY, DriveProgress, Phase, Seen
from edge.sidewalk.rules.in_motion import on_road
from edge.sidewalk.way import length_m
from edge.vehicles.jurisdictions import JURISDICTIONS
from edge.vehicles.kind import VehicleKind

LOOK_S = 0.2  # a motion is a lease of half a second
STANDS_LOOK_S = 0.5
PEOPLE_S = 1.0


class RobotCraft:
    """A robot, as the pilot drives it; what it remembers is of this start only."""

    blob = "drive"

    def __init__(
        self,
        kind: VehicleKind,
        section: SidewalkSection,
        graph: RoadGraph | None,
        grid: Grid | None = None,
    ) -> None:
        assert kind.machine is not None, f"a {kind.name} does not move by itself"
        self._figures = kind.machine
        self._section = section
        self._law = JURISDICTIONS[section.jurisdiction]
        self.lookout = Lookout()
        roadways = Roadways(graph) if graph is not None else None
        kerbside = Kerbside(grid, roadways) if grid is not None else None
        half_m = kind.machine.motion.size_m / 2
        pavements = Pavements(section, graph, kerbside, half_m)
        self._limits = StreetBounds(kind.name, kind.machine, section, pavements, kerbside)
        self._errands = Errands(section, pavements)
        self._hold = WeatherHold()
        self._siren = Siren()

    def load(self, blob: bytes | None) -> DriveProgress:
        """Return the progress that was kept."""
        return msgspec.msgpack.decode(blob, type=DriveProgress) if blob else DriveProgress()

    def dump(self, progress: DriveProgress) -> bytes:
        """Return the progress to keep."""
        return msgspec.msgpack.encode(progress)

    def rests(self, progress: DriveProgress) -> bool:
        """Tell whether nothing goes on: seldom looks will do."""
        return progress.phase in AT_REST

    def look_s(self, progress: DriveProgress) -> float:
        """Return how long it is from one look to the next."""
        return LOOK_S if progress.phase in UNDER_WAY | AT_LID else STANDS_LOOK_S

    def wants(self, word: object) -> bool:
        """Take a word; tell whether it is an event, and not only how things stand."""
        self.lookout.hear(word)
        return is_event(word)

    def heard(self, progress: DriveProgress, word: object, at: Situation) -> e.AnyEvent | None:
        """Return the event that a word is."""
        return event_of(progress, word, self._seen(progress, at), at)

    def raises_alarm(self, progress: DriveProgress) -> bool:
        """Tell whether it was tampered with and nobody has looked yet."""
        return progress.phase is Phase.TAMPERED

    def advance(self, progress: DriveProgress, event: e.AnyEvent) -> Change:
        """Apply one event."""
        return advance(progress, event)

    def looked(self, progress: DriveProgress, at: Situation) -> e.AnyEvent:
        """Return the event of another look."""
        return e.Looked(seen=self._seen(progress, at))

    def restarted(self, progress: DriveProgress, at: Situation, why: str) -> e.AnyEvent:
        """Return the event of a start of any side."""
        return e.Restarted(seen=self._seen(progress, at), why=why)

    def answered(
        self, progress: DriveProgress, at: Situation, number: int, *, done: bool, why: str
    ) -> e.AnyEvent:
        """Return the event of an action that has ended."""
        return e.Answered(seen=self._seen(progress, at), number=number, done=done, why=why)

    def vetoed(
        self,
        progress: DriveProgress,
        at: Situation,
        verdict: Refused | SafeStop,
        number: int | None,  # noqa: ARG002
    ) -> Sequence[e.AnyEvent]:
        """Return what the guard's no means; the machine reads its reason."""
        seen, why = self._seen(progress, at), f"the guard: {verdict.why}"
        return (e.Vetoed(seen=seen, reason=verdict.reason, why=why),)

    def directed(
        self, progress: DriveProgress, order: DirectMachine, at: Situation
    ) -> e.AnyEvent | str:
        """Return what a person's decision means, or why it means nothing here."""
        match order.wish:
            case "looked_after":
                return self._looked_after(progress, order.by, at)
            case "return" | "land":
                return "it does not fly: give its leg up, and it comes back"
            case wish:
                seen, why = self._seen(progress, at), told_why(order)
                return e.Ordered(seen=seen, what=wish, why=why)

    def _looked_after(
        self, progress: DriveProgress, by: str, at: Situation
    ) -> e.AnyEvent | str:
        """Forget a door that was forced: whether it is shut now, the machine looks itself."""
        if progress.phase is Phase.TAMPERED:
            felt = harmed(posture(at, self.lookout), self._figures, Lookout())
            if felt:
                return f"{felt} now"
            if not self._seen(progress, at).is_shut:
                return "lid, doors and bolts are not all known to be shut"
            self.lookout.forced = ""
        return e.LookedAfter(seen=self._seen(progress, at), by=by)

    def wanted(self, progress: DriveProgress, at: Situation) -> e.AnyEvent | None:
        """Return what the mission wants now."""
        return self._errands.wanted(progress, self._seen(progress, at), at)

    def ponder(
        self, progress: DriveProgress, action: e.AnyAction, at: Situation
    ) -> e.AnyEvent | None:
        """Answer the gate and the search for another way; a permission comes by itself."""
        seen = self._seen(progress, at)
        match action:
            case e.AskGate():
                return e.GateAnswered(seen=seen, reasons=self._gate(progress, at))
            case e.FindWay(avoid=avoid, to_charge=to_charge):
                return self._errands.other_way(progress, seen, at, avoid, to_charge=to_charge)
            case _:
                return None

    def notes(self, progress: DriveProgress, at: Situation) -> Sequence[Fact]:  # noqa: ARG002
        """Return facts beside the machine's own: why there is no leg at all."""
        told = self._errands.refusal()
        if not told:
            return ()
        stop_id, why = told
        return (DriveHeldBack(plan_id="none", stop_id=stop_id, reasons=(why,)),)

    def reports(self, progress: DriveProgress, at: Situation) -> Sequence[Report]:
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
        if isinstance(action, e.SoundSiren):
            if action.on:
                self._siren.sounds(at.now_s)
            else:
                self._siren.ended()
        return _sorted(orders_of(action, cleared, key, **self._about(at)))

    def stop_orders(self, cleared: Cleared[AnyCommand], key: str, at: Situation) -> Orders:
        """Return the orders of a safe stop; the guard's wish for the siren comes for ever."""
        if isinstance(cleared.command, SoundAlarm):
            lifted = harmed(posture(at, self.lookout), self._figures, self.lookout)
            if not self._siren.may_sound(at.now_s, harmed=bool(lifted)):
                return Orders()
            self._siren.sounds(at.now_s)
        return _sorted(device_orders((cleared,), key, **self._about(at)))

    def truth(self, progress: DriveProgress, at: Situation) -> Truth:
        """Return what the guard is told."""
        load_kg = self._errands.payload_kg(at)
        return truth_of(progress, at, self.lookout, self._section, load_kg)

    def bounds(self, progress: DriveProgress, at: Situation) -> Bounds | None:
        """Return what the guard allows; None before the first route."""
        return self._limits.bounds(progress, at)

    def _about(self, at: Situation) -> dict[str, Any]:
        motion = at.words.motion
        return {
            "altitude_m": motion.altitude_m if motion else None,
            "compartments": self._section.compartments,
        }

    def _seen(self, progress: DriveProgress, at: Situation) -> Seen:
        needed_j = self._needed_j(progress, at)
        return seen_of(progress, at, self.lookout, self._figures, self._section, needed_j)

    def _needed_j(self, progress: DriveProgress, at: Situation) -> float | None:
        """Return what the rest of the leg takes, and the way from its end to the charger."""
        plan, route, here = progress.plan, at.mission.route, place_of(at.words)
        if plan is None or route is None or here is None:
            return None
        energy = self._figures.energy
        load_kg = self._errands.payload_kg(at)
        share = (load_kg if load_kg is not None else energy.most_payload_kg) / energy.mass_kg
        left_m = max(0.0, length_m(plan.points) - (progress.along_m or 0.0))
        home_m = distance_m(plan.points[-1], route.station) * energy.way_frac
        lasts_s = (left_m + home_m) / energy.airspeed_mps + energy.landing_s
        return energy.level_w * float((1 + share) ** 1.5) * lasts_s + energy.reserve_j

    def _gate(self, progress: DriveProgress, at: Situation) -> tuple[str, ...]:
        around = self.lookout.around
        looks = around is not None and at.now_s - around.received_s <= PEOPLE_S
        seen = self._seen(progress, at)
        pavement = Pavement(
            seen=seen,
            jurisdiction=self._law,
            dark=around.dark if around is not None and looks else None,
            people_seen=looks,
            on_road=on_road(progress, seen),
            feels=self.truth(progress, at).posture is not None,
        )
        ready = readiness(at, seen.needed_j, "", self._section)
        reasons, self._hold = look(ready, pavement, self._figures.weather, self._hold)
        return reasons


def _sorted(orders: Sequence[AnyOrder]) -> Orders:
    controller = tuple(one for one in orders if isinstance(one, ControllerOrder))
    autopilot = tuple(one for one in orders if not isinstance(one, ControllerOrder))
    return Orders(autopilot=autopilot, controller=controller)
