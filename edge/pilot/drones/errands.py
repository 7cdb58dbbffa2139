"""What the mission wants of a drone, and what it is told: flight by flight."""

import math
from collections.abc import Sequence

from edge.config import FlightSection
from edge.executor.mission.progress import Phase as Day
from edge.flight import events as e
from edge.flight.change import goes_home
from edge.flight.gate import WeatherHold, look
from edge.flight.progress import FlightProgress, Phase, Seen
from edge.messages.geo import Place, distance_m
from edge.messages.machines.autopilot import VehicleMotion
from edge.messages.parcels import FailureCode
from edge.messages.routes import Stop
from edge.pilot.craft import Arrived, HandedOver, NotHandedOver, Report, Situation
from edge.pilot.drones.airways import Airways, Way
from edge.pilot.drones.deciding import decide
from edge.pilot.drones.limits import AirBounds
from edge.pilot.drones.readiness import payload_kg, readiness
from edge.pilot.truth import place_of
from edge.vehicles.machine import MachineFigures

AT_HOME_M = 12.0  # of the station: there people load and unload it
SETTLED = frozenset({Phase.ON_GROUND, Phase.LANDED})
LOADED_AGAIN_S = 10.0  # without a way it looks for one so often
AFTER_VETO_S = 20.0  # so long after the guard's no it does not try to set out again
MOST_ONWARD = 2  # times that a flight is led on to its drop after a hold
HOVERS_MPS = 0.8
QUIET_S = 5.0  # the guard has stopped it, and had nothing more to say for so long
BEFORE_DROP = frozenset({Phase.CLIMBING, Phase.CRUISING, Phase.HOLDING, Phase.RELOADING})


class Errands:
    """Follows the mission of one drone; what it remembers is of this start only."""

    def __init__(
        self, section: FlightSection, figures: MachineFigures, limits: AirBounds
    ) -> None:
        self._section = section
        self._figures = figures
        self._limits = limits
        self.airways = Airways(section, figures)
        self._hold = WeatherHold()
        self._way: Way | None = None
        self._tried_s: float | None = None
        self._refused = ""
        self._vetoed_s: float | None = None
        self._veto = ""
        self._no_way = ""
        self._layers = -1
        self._onwards: dict[str, int] = {}

    def vetoed(self, why: str, now_s: float) -> None:
        """Note that the guard has said no."""
        self._vetoed_s, self._veto = now_s, why

    def refusal(self, at: Situation) -> tuple[str, str] | None:
        """Return once which stop there is no flight to, and why."""
        stop = _delivery(at)
        if not self._refused or stop is None:
            return None
        told, self._refused = self._refused, ""
        return stop.stop_id, told

    def wanted(self, progress: FlightProgress, seen: Seen, at: Situation) -> e.AnyEvent | None:
        """Return what the mission wants now."""
        stop = _delivery(at)
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
            if self._vetoed_s is not None and quiet_s < QUIET_S:
                return None
            onward = self._onward(progress, stop, seen, at) if is_for_it else None
            return onward or decide(progress, seen, at.words.state)
        return self._other_way(progress, stop, seen, at)

    def reports(self, progress: FlightProgress, at: Situation) -> Sequence[Report]:
        """Return what the mission is to be told."""
        mission = at.mission
        if mission.phase not in (Day.UNDERWAY, Day.AT_STOP, Day.RETURNING):
            return ()
        if mission.phase is Day.RETURNING or mission.stop.takes_on:
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

    def gate(self, progress: FlightProgress, at: Situation) -> tuple[str, ...]:
        """Return every reason not to set out."""
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

    def _onward(
        self, progress: FlightProgress, stop: Stop | None, seen: Seen, at: Situation
    ) -> e.AnyEvent | None:
        """Look for another way to the drop after a hold; not for ever."""
        station, here = _station(at), place_of(at.words)
        moves = at.words.motion is None or not stands(at.words.motion)
        begun = progress.waits or progress.then is not None or progress.line_out or moves
        if progress.phase is not Phase.HOLDING or begun or goes_home(progress):
            return None
        tries = self._onwards.get(progress.flight.stop_id, 0)
        if stop is None or station is None or here is None or tries >= MOST_ONWARD:
            return None
        self._onwards = {progress.flight.stop_id: tries + 1}
        load_kg = payload_kg(progress, at) or 0.0
        way = self.airways.onward(stop, station, here, seen.height_m or 0.0, load_kg, at)
        if isinstance(way, str):
            return None
        return e.Rerouted(seen=seen, plan=way.plan, why="another way, after a hold")

    def _other_way(
        self, progress: FlightProgress, stop: Stop | None, seen: Seen, at: Situation
    ) -> e.AnyEvent | None:
        """Look for another way when zones have changed and the present one meets one."""
        station = _station(at)
        here = place_of(at.words)
        if self._layers == at.layers.number or station is None or here is None:
            return None
        if self._limits.is_inside(here, seen.height_m or 0.0, at):
            return None  # the guard leads it out; what comes then is looked for from there
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

    def way_home(
        self, progress: FlightProgress, seen: Seen, at: Situation
    ) -> e.AnyEvent | None:
        """Return a way home from where it flies."""
        station, here = _station(at), place_of(at.words)
        if station is None or here is None:
            return None
        load_kg = payload_kg(progress, at) or 0.0
        plan = self.airways.home(
            progress.flight, station, here, seen.height_m or 0.0, load_kg, at
        )
        return None if isinstance(plan, str) else e.Rerouted(seen=seen, plan=plan, why="home")

    def _is_home(self, progress: FlightProgress, at: Situation) -> bool:
        here, station = place_of(at.words), _station(at)
        state = at.words.state
        stands = state is not None and state.armed is False and state.landed == "on_ground"
        return (
            progress.phase in SETTLED
            and stands
            and here is not None
            and station is not None
            and distance_m(here, station) <= AT_HOME_M
        )


def stands(motion: VehicleMotion) -> bool:
    """Tell whether it stands in the air."""
    return math.hypot(motion.east_mps, motion.north_mps) <= HOVERS_MPS


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
