"""Setting a payload down: come down, let go, climb back to where it came from."""

from sim.devices.autopilot.pilot.deeds import Climb, Deed, GoTo, Helm, Land, Stay
from sim.devices.autopilot.pilot.ground import Point
from sim.vehicles.machines.body import Demand

LETS_GO_S = 2.0


class Place(Deed):
    """NAV_PAYLOAD_PLACE as ArduCopter does it."""

    landed_state = 4

    def __init__(self, at: Point) -> None:
        self._at = at
        self._part: Deed | None = None
        self._phase = 0
        self._back_m = 0.0

    def step(self, helm: Helm, spent_s: float) -> Demand:
        if self._part is None:
            self._back_m = helm.here.up_m
            over = Point(self._at.east_m, self._at.north_m, self._back_m)
            self._part = GoTo(over)
        while self._part.done and self._phase < 3:
            self._phase += 1
            self._part = (
                Land(self._at),
                Stay(lasts_s=LETS_GO_S),
                Climb(self._back_m),
            )[self._phase - 1]
            if self._phase == 2:
                helm.let_go()
        self.goal = self._part.goal
        self.done = self._phase == 3 and self._part.done
        return self._part.step(helm, spent_s)
