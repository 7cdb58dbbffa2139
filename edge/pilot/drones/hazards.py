"""What hits a drone or takes it out of the air: said to everybody, so that they keep away."""

from typing import Literal

from edge.flight.progress import GROUNDED, FlightProgress, Phase
from edge.messages.facts import HazardMet
from edge.messages.geo import Place
from edge.pilot.craft import Situation
from edge.pilot.truth import place_of, posture_of
from edge.vehicles.machine import MachineFigures

FALLS_MPS = 5.0  # no descent of ours is so fast
UNHEARD_S = 5.0
NOT_ALOFT = GROUNDED | {Phase.LOADING, Phase.STARTING}


class Hazards:
    """Follows one drone through the air; each flight says at most once what it met."""

    def __init__(self, figures: MachineFigures) -> None:
        self._figures = figures
        self._aloft: tuple[Place, float, float] | None = None
        """Where it was last, how high, and when."""
        self._began_anew = False
        self._told = ""

    def began_anew(self) -> None:
        """Note that the autopilot has started: in the air that is a fall."""
        self._began_anew = self._aloft is not None

    def look(self, progress: FlightProgress, at: Situation) -> tuple[HazardMet, ...]:
        """Return what it has met now."""
        if progress.plan is None or progress.phase in NOT_ALOFT:
            self._aloft, self._began_anew = None, False
            return ()
        found = self._met(at)
        plan_id = progress.plan.plan_id
        if found is None or self._told == plan_id:
            return ()
        self._told, self._began_anew = plan_id, False
        return (found,)

    def _met(self, at: Situation) -> HazardMet | None:
        words = at.words
        place, motion, posture = place_of(words), words.motion, posture_of(words)
        state, was = words.state, self._aloft
        flies = state is not None and state.landed in ("in_air", "landing")
        if flies and place is not None and motion is not None and not self._began_anew:
            self._aloft = (place, motion.height_m, at.now_s)
            if posture is not None and posture.tilt_deg > self._figures.most_tilt_deg:
                why = f"it was tilted by {posture.tilt_deg:.0f} degrees"
                return _hazard("strike", place, motion.height_m, why)
            if motion.up_mps < -FALLS_MPS:
                why = f"it fell with {-motion.up_mps:.0f} m/s"
                return _hazard("strike", place, motion.height_m, why)
            return None
        if was is None:
            return None
        if self._began_anew:
            return _hazard("lost_in_flight", was[0], was[1], "its autopilot started anew")
        if not words.present and at.now_s - was[2] >= UNHEARD_S:
            return _hazard("lost_in_flight", was[0], was[1], "its autopilot is not heard")
        return None


def _hazard(
    what: Literal["strike", "lost_in_flight"], place: Place, height_m: float, why: str
) -> HazardMet:
    return HazardMet(what=what, place=place, height_m=round(height_m, 1), why=why)
