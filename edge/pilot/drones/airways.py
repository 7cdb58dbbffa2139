"""A drone's ways through the air: a leg to a stop and back, another one from where it is."""

from dataclasses import dataclass

from edge.air.airframe import Airframe
from edge.air.airspace import Ground
from edge.air.flights import Flight, Refusal
from edge.config import FlightSection
from edge.flight.plan import DropSite, FlightPlan, Manner, UnflyableError, plan_home, plan_leg
from edge.messages.geo import Place
from edge.messages.routes import Stop
from edge.pilot.craft import Situation
from edge.planner.travel.air import AirTravel
from edge.vehicles.machine import MachineFigures

ROTORS_M2 = 0.456  # four 15-inch rotors
DRAG_M2 = 0.08
SLACK_M = 2.0  # above and below the height to let go from
LINE_DOWN_M = 12.0


@dataclass(frozen=True, slots=True)
class Way:
    """A flight that can be flown."""

    plan: FlightPlan
    needed_j: float
    """Out and back, and the reserve."""


class Airways:
    """Plans the flights of one drone."""

    def __init__(self, section: FlightSection, figures: MachineFigures) -> None:
        self._section = section
        self._figures = figures
        self._travel: AirTravel | None = None

    def travel(self, station: Place) -> AirTravel:
        """Return how it flies from a station."""
        if self._travel is None or self._travel.chart.origin != station:
            self._travel = air_travel(station, self._section, self._figures)
        return self._travel

    def there(self, stop: Stop, station: Place, payload_kg: float, at: Situation) -> Way | str:
        """Return the leg to a stop and back, or why there is none."""
        return self._out(stop, station, station, 0.0, payload_kg, at)

    def onward(
        self, stop: Stop, station: Place, here: Place, height_m: float, payload_kg: float,
        at: Situation,
    ) -> Way | str:  # fmt: skip
        """Return another way to a stop from where it flies, and back."""
        return self._out(stop, station, here, max(height_m, 1.0), payload_kg, at)

    def home(
        self, plan: FlightPlan, station: Place, here: Place, height_m: float,
        payload_kg: float, at: Situation,
    ) -> FlightPlan | str:  # fmt: skip
        """Return a way home from where it flies."""
        travel = self.travel(station)
        flight = travel.flight(
            here, station, layers=at.layers, utc=at.utc, start_height_m=max(height_m, 1.0),
            payload_kg=payload_kg,
        )  # fmt: skip
        if isinstance(flight, Refusal):
            return str(flight)
        try:
            return plan_home(
                plan, plan_id(plan.stop_id, at), travel.waypoints(flight),
                cruise_mps=self._section.cruise_mps,
            )  # fmt: skip
        except UnflyableError as error:
            return str(error)

    def _out(
        self, stop: Stop, station: Place, start: Place, height_m: float, payload_kg: float,
        at: Situation,
    ) -> Way | str:  # fmt: skip
        travel, site = self.travel(station), site_of(stop, self._section)
        if isinstance(site, str):
            return site
        out = travel.flight(
            start, stop.place, layers=at.layers, utc=at.utc, start_height_m=height_m,
            payload_kg=payload_kg,
        )  # fmt: skip
        back = travel.flight(
            stop.place, station, layers=at.layers, utc=at.utc, payload_kg=payload_kg
        )
        for flight in (out, back):
            if isinstance(flight, Refusal):
                return str(flight)
        assert isinstance(out, Flight), "a refusal has been returned"
        assert isinstance(back, Flight), "a refusal has been returned"
        try:
            plan = plan_leg(
                plan_id(stop.stop_id, at), stop.stop_id, site, travel.waypoints(out),
                travel.waypoints(back), cruise_mps=self._section.cruise_mps,
                in_air=height_m > 0.0,
            )  # fmt: skip
        except UnflyableError as error:
            return str(error)
        needed_j = out.energy_j + back.energy_j + self._figures.energy.reserve_j
        return Way(plan, needed_j)


def plan_id(stop_id: str, at: Situation) -> str:
    """Return a name for a plan: no two of a day are alike."""
    return f"{stop_id[:28]}@{at.utc:%H%M%S%f}"[:48]


def site_of(stop: Stop, section: FlightSection) -> DropSite | str:
    """Return where and how a drone lets go at a stop, or why it cannot."""
    said = stop.manner
    how: str = said.how if said else "drop"
    if how == "lid" or (how == "winch" and not section.winch):
        return f"this drone cannot hand over by {how}"
    manner: Manner = "winch" if how == "winch" else "land" if how == "land" else "drop"
    usual_m = LINE_DOWN_M if manner == "winch" else section.hover_m
    hover_m = said.hover_m if said and said.hover_m is not None else usual_m
    if manner == "land":
        hover_m = 0.0
    lowest_m = said.lowest_m if said and said.lowest_m is not None else hover_m - SLACK_M
    highest_m = said.highest_m if said and said.highest_m is not None else hover_m + SLACK_M
    line_m = said.line_m if said and said.line_m is not None else hover_m
    return DropSite(
        place=stop.place,
        manner=manner,
        radius_m=said.radius_m if said and said.radius_m is not None else section.radius_m,
        hover_m=hover_m,
        lowest_m=lowest_m,
        highest_m=highest_m,
        line_m=line_m if manner == "winch" else 0.0,
    )


def air_travel(station: Place, section: FlightSection, figures: MachineFigures) -> AirTravel:
    """Return how a drone of this kind flies from a station."""
    energy, motion, ground = figures.energy, figures.motion, section.ground
    airframe = Airframe(
        mass_kg=energy.mass_kg,
        rotor_area_m2=ROTORS_M2,
        drag_area_m2=DRAG_M2,
        battery_j=section.battery_j,
        reserve_j=energy.reserve_j,
        airspeed_mps=section.cruise_mps,
        climb_mps=energy.climb_mps,
        descent_mps=energy.descent_mps,
        size_m=motion.size_m,
    )
    return AirTravel(
        station,
        airframe,
        ground=Ground(ground.station_m, ground.lowest_m, ground.highest_m) if ground else None,
        permits=frozenset(section.permits),
    )
