"""The drone: its machine of a leg, and what the mission wants of it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import msgspec

from edge.config import FlightSection
from edge.executor.mission.progress import Phase as Day
from edge.flight import events as e
from edge.flight.asking import command_of, orders_for, orders_of
from edge.flight.change import Change
from edge.flight.gate import WeatherHold, look
from edge.flight.in_flight import OVER_M
from edge.flight.machine import advance
from edge.flight.progress import GROUNDED, FlightProgress, Phase, Seen
from edge.guard.bounds import Bounds
from edge.guard.truth import Truth
from edge.messages.facts import Fact, FlightHeldBack
from edge.messages.geo import Place, distance_m
from edge.messages.machines.actuators import AnyCommand, Land
from edge.messages.machines.cleared import Cleared, Refused, SafeStop
from edge.messages.parcels import FailureCode
from edge.messages.routes import Stop
from edge.pilot.craft import (
    Arrived,
    HandedOver,
    NotHandedOver,
    Orders,
    Report,
    Situation,
)
from edge.pilot.drones.airways import Airways, Way
from edge.pilot.drones.deciding import decide
from edge.pilot.drones.hazards import Hazards
from edge.pilot.drones.limits import AirBounds
from edge.pilot.drones.readiness import below_clear, payload_kg, readiness, seen_of, truth_of
from edge.vehicles.kind import VehicleKind

AT_HOME_M = 12.0  # of the station: there people load and unload it
SETTLED = frozenset({Phase.ON_GROUND, Phase.LANDED})
LOOK_S = 0.5
LOADED_AGAIN_S = 10.0  # without a way it looks for one so often
AFTER_VETO_S = 20.0  # so long after the guard's no it does not try to set out again
QUIET_S = 5.0  # the guard has stopped it, and had nothing more to say for so long
BEFORE_DROP = frozenset({Phase.CLIMBING, Phase.CRUISING, Phase.HOLDING, Phase.RELOADING})


class DroneCraft:
    """A drone, as the pilot flies it; what it remembers is of this start only."""

    blob = "flight"

    def __init__(self, kind: VehicleKind, section: FlightSection) -> None:
        assert kind.machine is not None, f"a {kind.name} does not move by itself"
        parts = kind.machine.parts if section.winch else kind.machine.parts - {"winch"}
        self._figures = replace(kind.machine, parts=parts)
        self._section = section
        self.airways = Airways(section, self._figures)
        self._limits = AirBounds(kind.name, self._figures, section)
        self._hold = WeatherHold()
        self._way: Way | None = None
        self._tried_s: float | None = None
        self._refused = ""
        self._vetoed_s: float | None = None
        self._veto = ""
        self._no_way = ""
        self._layers = -1
        self._hazards = Hazards(self._figures)

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
        self._vetoed_s, self._veto = at.now_s, why
        landing: list[Land] = []
        if isinstance(verdict, SafeStop):
            landing = [c.command for c in verdict.cleared if isinstance(c.command, Land)]
        doing = Phase.DIVERTING if landing else Phase.HOLDING
        is_doing = isinstance(verdict, SafeStop) and progress.phase is doing
        events: list[e.AnyEvent] = []
        if number is not None:
            # What the guard ordered instead is what was asked for.
            events.append(e.Answered(seen=seen, number=number, done=is_doing, why=why))
        flies = progress.phase not in GROUNDED | {Phase.LOADING, Phase.STARTING}
        if isinstance(verdict, SafeStop) and flies and not is_doing and not seen.on_ground:
            place = landing[0].place if landing else None
            what: Literal["land", "hold"] = "land" if landing else "hold"
            events.append(e.Ordered(seen=seen, what=what, why=why, place=place))
        return events

    def wanted(self, progress: FlightProgress, at: Situation) -> e.AnyEvent | None:
        """Return what the mission wants now."""
        stop, seen = _delivery(at), self._seen(progress, at)
        if progress.phase in SETTLED:
            return self._set_out(progress, stop, seen, at)
        plan = progress.flight
        is_for_it = stop is not None and stop.stop_id == plan.stop_id
        if progress.phase is Phase.AT_GATE and not progress.homeward and not is_for_it:
            return e.Ordered(seen=seen, what="give_up", why="it is not wanted any more")
        if progress.phase in BEFORE_DROP and not progress.gives_up and not is_for_it:
            if progress.parcel == "on_board" and progress.then is None:
                return e.Ordered(seen=seen, what="give_up", why="it is not wanted any more")
            return None
        if progress.phase in (Phase.HOLDING, Phase.DECIDING):
            quiet_s = at.now_s - (self._vetoed_s or 0.0)
            vetoed = self._vetoed_s is not None and quiet_s < QUIET_S
            return None if vetoed else decide(progress, seen, at.words.state)
        return self._other_way(progress, stop, seen, at)

    def ponder(
        self, progress: FlightProgress, action: e.AnyAction, at: Situation
    ) -> e.AnyEvent | None:
        """Answer the gate, the look below, the search for a way home."""
        seen = self._seen(progress, at)
        match action:
            case e.AskGate():
                return e.GateAnswered(seen=seen, reasons=self._gate(progress, at))
            case e.LookBelow():
                clear = below_clear(progress, at)
                return e.ClearChecked(seen=seen, number=action.number, clear=clear is True)
            case e.FindWay():
                return self._way_home(progress, seen, at)
            case _:
                return None

    def notes(self, progress: FlightProgress, at: Situation) -> Sequence[Fact]:
        """Return facts beside the machine's own: what hit it, why there is no flight at all."""
        met = self._hazards.look(progress, at)
        stop = _delivery(at)
        if not self._refused or stop is None:
            return met
        told, self._refused = self._refused, ""
        held = FlightHeldBack(plan_id="none", stop_id=stop.stop_id, reasons=(told,))
        return (*met, held)

    def reports(self, progress: FlightProgress, at: Situation) -> Sequence[Report]:
        """Return what the mission is to be told."""
        mission = at.mission
        if mission.phase not in (Day.UNDERWAY, Day.AT_STOP, Day.RETURNING):
            return ()
        if mission.phase is Day.RETURNING or mission.stop.kind == "pickup":
            if mission.phase is Day.AT_STOP or not self._is_home(progress, at):
                return ()
            stop_id = None if mission.phase is Day.RETURNING else mission.stop.stop_id
            return (Arrived(stop_id),)
        plan, stop_id = progress.plan, mission.stop.stop_id
        if plan is None or plan.stop_id != stop_id or progress.phase is Phase.AT_GATE:
            return ()
        if progress.phase is Phase.ON_GROUND and not progress.gives_up:
            return ()
        if mission.phase is Day.UNDERWAY and progress.parcel != "on_board":
            return (Arrived(stop_id),)
        if progress.parcel == "gone":
            return (HandedOver(stop_id),)
        if progress.parcel == "unknown" and progress.phase in SETTLED | {Phase.RETURNING}:
            why = "nobody saw what became of the parcel"
            return (NotHandedOver(stop_id, FailureCode.OTHER, why),)
        if progress.gives_up:
            return (NotHandedOver(stop_id, FailureCode.UNSAFE, progress.gives_up),)
        return ()

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
        command, here = cleared.command, _here(at)
        there = command.place if isinstance(command, Land) else None
        is_there = here is not None and there is not None and distance_m(here, there) <= OVER_M
        motion = None if is_there else at.words.motion
        altitude_m = motion.altitude_m if motion else None
        return Orders(autopilot=orders_for(cleared, key, altitude_m=altitude_m))

    def truth(self, progress: FlightProgress, at: Situation) -> Truth:
        """Return what the guard is told."""
        return truth_of(progress, at, self._section)

    def bounds(self, progress: FlightProgress, at: Situation) -> Bounds | None:  # noqa: ARG002
        """Return what the guard allows; None before the first route."""
        return self._limits.bounds(at)

    def _seen(self, progress: FlightProgress, at: Situation) -> Seen:
        return seen_of(progress, at, self._section)

    def _gate(self, progress: FlightProgress, at: Situation) -> tuple[str, ...]:
        if self._vetoed_s is not None and at.now_s - self._vetoed_s < AFTER_VETO_S:
            return (self._veto,)
        station = _station(at)
        needed_j = self._way.needed_j if self._way else None
        if needed_j is None and station is not None:
            stop = next((s for s in _stops(at) if s.stop_id == progress.flight.stop_id), None)
            way = "the stop is gone"
            if stop is not None:
                found = self.airways.there(stop, station, payload_kg(progress, at) or 0.0, at)
                self._way = found if isinstance(found, Way) else None
                way = "" if isinstance(found, Way) else found
            if self._way is None:
                return (way,)
            needed_j = self._way.needed_j
        ready = readiness(at, needed_j, self._section)
        reasons, self._hold = look(ready, self._figures.weather, self._hold)
        return reasons

    def _set_out(
        self, progress: FlightProgress, stop: Stop | None, seen: Seen, at: Situation
    ) -> e.AnyEvent | None:
        station = _station(at)
        if stop is None or station is None or progress.waits or not seen.on_ground:
            return None
        if not self._is_home(progress, at) or not at.mission.ready(stop.stop_id):
            return None
        gave_up = progress.gives_up and progress.plan and progress.plan.stop_id == stop.stop_id
        if gave_up or (self._tried_s and at.now_s - self._tried_s < LOADED_AGAIN_S):
            return None
        self._tried_s = at.now_s
        fresh = FlightProgress()
        way = self.airways.there(stop, station, payload_kg(fresh, at) or 0.0, at)
        if isinstance(way, str):
            self._refused = "" if way == self._no_way else way
            self._no_way = way
            return None
        self._way, self._layers = way, at.layers.number
        return e.SetOut(seen=seen, plan=way.plan)

    def _other_way(
        self, progress: FlightProgress, stop: Stop | None, seen: Seen, at: Situation
    ) -> e.AnyEvent | None:
        """Look for another way when zones have changed and the present one meets one."""
        station = _station(at)
        here = _here(at)
        if self._layers == at.layers.number or station is None or here is None:
            return None
        self._layers = at.layers.number
        if not self._limits.meets_zone(progress, seen, here, at):
            return None
        height_m, load_kg = seen.height_m or 0.0, payload_kg(progress, at) or 0.0
        why = "a zone is in the way"
        if progress.phase in (Phase.CLIMBING, Phase.CRUISING) and stop is not None:
            way = self.airways.onward(stop, station, here, height_m, load_kg, at)
            if isinstance(way, Way):
                return e.Rerouted(seen=seen, plan=way.plan, why=why)
            return e.Ordered(seen=seen, what="give_up", why=f"{why}; {way}")
        if progress.phase is Phase.RETURNING:
            home = self.airways.home(progress.flight, station, here, height_m, load_kg, at)
            if not isinstance(home, str):
                return e.Rerouted(seen=seen, plan=home, why=why)
            return e.Ordered(seen=seen, what="hold", why=f"{why}; {home}")
        return None

    def _way_home(
        self, progress: FlightProgress, seen: Seen, at: Situation
    ) -> e.AnyEvent | None:
        station, here = _station(at), _here(at)
        if station is None or here is None:
            return None
        load_kg = payload_kg(progress, at) or 0.0
        plan = self.airways.home(
            progress.flight, station, here, seen.height_m or 0.0, load_kg, at
        )
        return None if isinstance(plan, str) else e.Rerouted(seen=seen, plan=plan, why="home")

    def _is_home(self, progress: FlightProgress, at: Situation) -> bool:
        here, station = _here(at), _station(at)
        state = at.words.state
        stands = state is not None and state.armed is False and state.landed == "on_ground"
        return (
            progress.phase in SETTLED
            and stands
            and here is not None
            and station is not None
            and distance_m(here, station) <= AT_HOME_M
        )


def _delivery(at: Situation) -> Stop | None:
    """Return the stop that something is to be brought to now."""
    mission = at.mission
    if mission.phase not in (Day.UNDERWAY, Day.AT_STOP) or mission.stop.kind != "delivery":
        return None
    return mission.stop


def _stops(at: Situation) -> tuple[Stop, ...]:
    return at.mission.route.stops if at.mission.route else ()


def _station(at: Situation) -> Place | None:
    return at.mission.route.station if at.mission.route else None


def _here(at: Situation) -> Place | None:
    motion = at.words.motion
    return Place(lat_deg=motion.lat_deg, lon_deg=motion.lon_deg) if motion else None
