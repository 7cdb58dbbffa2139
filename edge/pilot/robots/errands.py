"""What the mission wants of a robot, and what it is told: leg by leg, door by door."""

from collections.abc import Sequence

from edge.config import SidewalkSection
from edge.executor.mission.progress import Mission
from edge.executor.mission.progress import Phase as Day
from edge.messages.geo import Place, distance_m
from edge.messages.parcels import FailureCode, ParcelId, StopId
from edge.messages.routes import Route, Stop
from edge.pilot.craft import Arrived, HandedOver, NotHandedOver, Report, Situation
from edge.pilot.robots.pavements import Pavements
from edge.pilot.truth import place_of
from edge.sidewalk import events as e
from edge.sidewalk.plan import DoorSite, DrivePlan
from edge.sidewalk.progress import AT_LID, AT_REST, UNDER_WAY, DriveProgress, Phase, Seen

AT_HOME_M = 12.0
AGAIN_S = 10.0  # without a way it looks for one so often
GIVES_UP_S = 120.0
DECIDES_S = 15.0  # after the autopilot did something of its own, or a hold
MOST_DECISIONS = 5  # a leg; then a person has to
MOST_WAYS = 5  # other ways of a leg: what ends them all is nothing that a way goes round


class Errands:
    """Follows the mission of one robot; what it remembers is of this start only."""

    def __init__(self, section: SidewalkSection, pavements: Pavements) -> None:
        self._section = section
        self._pavements = pavements
        self._count = 0
        self._tried_s: float | None = None
        self._since_s: float | None = None
        """Since when there is no way to the present stop."""
        self._refused: tuple[StopId | None, str] | None = None
        self._told = ""
        self._undrivable: dict[StopId, str] = {}
        self._decisions = 0
        self._ways = 0

    def wanted(self, progress: DriveProgress, seen: Seen, at: Situation) -> e.AnyEvent | None:
        """Return what the mission wants now."""
        day, plan = at.mission.phase, progress.plan
        if day not in (Day.UNDERWAY, Day.AT_STOP, Day.RETURNING):
            return None
        stop_id = None if _homeward(at.mission) else at.mission.stop.stop_id
        is_for_it = plan is not None and plan.stop_id == stop_id
        is_for_it = is_for_it and (stop_id is not None or plan.purpose != "stop")  # type: ignore[union-attr]
        if progress.phase in AT_REST or (progress.phase is Phase.STOPPED and not is_for_it):
            return self._set_out(progress, seen, at, is_for_it=is_for_it)
        if not is_for_it and not progress.gives_up:
            if progress.phase in UNDER_WAY | AT_LID | {Phase.AT_GATE}:
                why = "it is not wanted any more"
                return e.Ordered(seen=seen, what="give_up", why=why)
            return None
        return self._decide(progress, seen, at)

    def other_way(
        self,
        progress: DriveProgress,
        seen: Seen,
        at: Situation,
        avoid: Sequence[str],
        *,
        to_charge: bool,
    ) -> e.AnyEvent | None:
        """Return another way from here: to the same end, or to where it is charged."""
        here, plan, route = place_of(at.words), progress.leg, at.mission.route
        if here is None or route is None or (self._ways >= MOST_WAYS and not to_charge):
            return None
        self._ways += 1
        if to_charge:
            found = self._pavements.leg(
                self._name("charge"), here, route.station, at, purpose="charge", avoid=avoid
            )
        else:
            found = self._pavements.leg(
                self._name("round"),
                here,
                plan.points[-1],
                at,
                purpose=plan.purpose,
                stop_id=plan.stop_id,
                door=plan.door,
                avoid=avoid,
            )
        if isinstance(found, str):
            return None
        return e.Rerouted(seen=seen, plan=found, why="another way")

    def refusal(self) -> tuple[StopId | None, str] | None:
        """Return once why there is no leg."""
        told, self._refused = self._refused, None
        return told

    def reports(self, progress: DriveProgress, at: Situation) -> Sequence[Report]:
        """Return what the mission is to be told."""
        mission, plan = at.mission, progress.plan
        if mission.phase is Day.RETURNING:
            return (Arrived(None),) if self._is_home(progress, at) else ()
        if mission.phase not in (Day.UNDERWAY, Day.AT_STOP):
            return ()
        stop = mission.stop
        if stop.takes_on:
            return (Arrived(stop.stop_id),) if self._is_home(progress, at) else ()
        if why := self._undrivable.get(stop.stop_id):
            return (NotHandedOver(stop.stop_id, FailureCode.NO_ACCESS, why),)
        if plan is None or plan.stop_id != stop.stop_id:
            return ()
        there = progress.phase in AT_LID or progress.phase is Phase.SERVED
        if mission.phase is Day.UNDERWAY and there:
            return (Arrived(stop.stop_id),)
        if progress.phase is Phase.SERVED and mission.phase is Day.AT_STOP:
            return self._served(progress, stop, at)
        if progress.gives_up and progress.phase not in AT_LID:
            return (NotHandedOver(stop.stop_id, FailureCode.UNSAFE, progress.gives_up),)
        return ()

    def payload_kg(self, at: Situation) -> float | None:
        """Return what is on board, by the station's figures."""
        route = at.mission.route
        if route is None:
            return None
        carried = set(at.mission.on_board())
        weights = [p.weight_kg for p in route.parcels if p.parcel_id in carried]
        known = [weight for weight in weights if weight is not None]
        return sum(known) if len(known) == len(weights) else None

    def _served(self, progress: DriveProgress, stop: Stop, at: Situation) -> Sequence[Report]:
        route = at.mission.route
        assert route is not None, "a stop without a route"
        state = {box.name: box.state for box in progress.boxes}
        boxes = boxes_of(route, stop, self._section)
        taken = tuple(p for name, p in boxes.items() if state.get(name) == "emptied")
        left = tuple(p for name, p in boxes.items() if state.get(name) != "emptied")
        reports: list[Report] = []
        if taken:
            reports.append(HandedOver(stop.stop_id, taken, proven=True))
        if left:
            why = progress.gives_up or "it was not taken"
            code = _code_of(progress)
            reports.append(NotHandedOver(stop.stop_id, code, why, left))
        return reports

    def _set_out(
        self, progress: DriveProgress, seen: Seen, at: Situation, *, is_for_it: bool
    ) -> e.AnyEvent | None:
        mission, here = at.mission, place_of(at.words)
        if here is None or mission.route is None:
            return None
        done = progress.phase in (Phase.SERVED, Phase.ARRIVED, Phase.CHARGING)
        if is_for_it and (done or progress.gives_up):
            return None  # it is being reported
        if _homeward(mission) and self._is_home(progress, at):
            return None
        if self._tried_s is not None and at.now_s - self._tried_s < AGAIN_S:
            return None
        self._tried_s = at.now_s
        plan = self._leg(here, mission.route, at)
        if plan is None:
            return None
        self._since_s, self._told, self._decisions, self._ways = None, "", 0, 0
        return e.SetOut(seen=seen, plan=plan)

    def _leg(self, here: Place, route: Route, at: Situation) -> DrivePlan | None:
        mission = at.mission
        if _homeward(mission):
            found = self._pavements.leg(
                self._name("home"), here, route.station, at, purpose="home"
            )
            return self._known(None, found, at)
        stop = mission.stop
        if stop.kind != "delivery" or not mission.ready(stop.stop_id):
            return None
        why = _why_not(route, stop, self._section)
        if why:
            self._undrivable[stop.stop_id] = why
            return None
        door = DoorSite(
            place=stop.place,
            radius_m=radius_of(stop, self._section),
            compartments=tuple(boxes_of(route, stop, self._section)),
            waits_s=self._section.waits_s,
        )
        found = self._pavements.leg(
            self._name("leg"), here, stop.place, at, stop_id=stop.stop_id, door=door
        )
        return self._known(stop.stop_id, found, at)

    def _known(
        self, stop_id: StopId | None, found: DrivePlan | str, at: Situation
    ) -> DrivePlan | None:
        if not isinstance(found, str):
            return found
        self._since_s = at.now_s if self._since_s is None else self._since_s
        if stop_id is not None and at.now_s - self._since_s > GIVES_UP_S:
            self._undrivable[stop_id] = found
        if found != self._told:
            self._told, self._refused = found, (stop_id, found)
        return None

    def _decide(self, progress: DriveProgress, seen: Seen, at: Situation) -> e.AnyEvent | None:
        """Go on from a stop that nobody else ends, if nothing is wrong any more."""
        state = at.words.state
        if progress.phase is not Phase.STOPPED or progress.then is not None or state is None:
            return None
        if seen.armed is False:
            return None  # somebody has switched its motors off: no daemon switches them on
        lasts_s = seen.now_s - (progress.since_s or seen.now_s)
        if lasts_s < DECIDES_S or state.failsafe or self._decisions >= MOST_DECISIONS:
            return None
        self._decisions += 1
        return e.Ordered(seen=seen, what="go_on", why=f"it stands in {seen.mode}, and is well")

    def _is_home(self, progress: DriveProgress, at: Situation) -> bool:
        here, route = place_of(at.words), at.mission.route
        if here is None or route is None or progress.phase not in AT_REST:
            return False
        return distance_m(here, route.station) <= AT_HOME_M

    def _name(self, what: str) -> str:
        self._count += 1
        return f"{what}-{self._count}"


def _homeward(mission: Mission) -> bool:
    """Tell whether it is to go to its base: for good, or to be loaded again."""
    return mission.phase is Day.RETURNING or mission.stop.takes_on


def boxes_of(route: Route, stop: Stop, section: SidewalkSection) -> dict[str, ParcelId]:
    """Return which compartment holds which parcel of a stop.

    They are filled in the order of the route's list, the first parcel into the first.
    """
    order = [parcel.parcel_id for parcel in route.parcels]
    found = {}
    for parcel_id in stop.parcels:
        number = order.index(parcel_id) + 1
        if number <= section.compartments:
            found[str(number)] = parcel_id
    return found


def radius_of(stop: Stop, section: SidewalkSection) -> float:
    """Return how large the circle is in which the lid may open."""
    told = stop.manner.radius_m if stop.manner else None
    return told if told is not None else section.radius_m


def _why_not(route: Route, stop: Stop, section: SidewalkSection) -> str:
    """Return why a robot cannot serve a stop at all."""
    if len(boxes_of(route, stop, section)) < len(stop.parcels):
        return f"it has {section.compartments} compartments, too few for this route"
    for parcel in route.parcels:
        if parcel.parcel_id in stop.parcels and parcel.requirements.pin_hash is None:
            return f"parcel {parcel.parcel_id} has no code: a lid opens to nobody without one"
    return ""


def _code_of(progress: DriveProgress) -> FailureCode:
    if any(box.state in ("opened", "unknown") for box in progress.boxes):
        return FailureCode.OTHER
    if progress.tries_left == 0:
        return FailureCode.WRONG_PIN
    return FailureCode.NOBODY_HOME
