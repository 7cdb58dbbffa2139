"""The gripper and the winch below the vehicle, and what hangs on them."""

import math

from sim.vehicles.machines.body import Machine

GRIPS_S = 0.8
WINCH_MPS = 1.0
LONGEST_LINE_M = 30.0


class Payload:
    """Opens and lowers when told; nobody asks it whether anything is left on the hook."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.is_open = False
        self.line_m = 0.0
        self.line_goal_m = 0.0
        self._opens_in_s = 0.0
        self.released = 0
        """How often the gripper opened with something in it."""

    @property
    def is_moving(self) -> bool:
        """Something is still on its way."""
        return self._opens_in_s > 0.0 or self.line_m != self.line_goal_m

    def grip(self, *, release: bool) -> None:
        """Open or close the gripper; it takes a moment."""
        if release and not self.is_open and self._opens_in_s <= 0.0:
            self._opens_in_s = GRIPS_S
        elif not release:
            self.is_open = False
            self._opens_in_s = 0.0

    def winch(self, action: int, length_m: float) -> None:
        """Let out or take in line: 0 relax, 1 by a length, 2 hold, the rest up to the top."""
        if action == 1 and math.isfinite(length_m):
            goal_m = self.line_m + length_m
        elif action in (0, 1, 2):
            goal_m = self.line_m
        else:
            goal_m = 0.0
        self.line_goal_m = min(LONGEST_LINE_M, max(0.0, goal_m))

    def step(self, spent_s: float) -> None:
        """Move what moves."""
        if self._opens_in_s > 0.0:
            self._opens_in_s -= spent_s
            if self._opens_in_s <= 0.0:
                self.is_open = True
                self.released += self._machine.payload_kg > 0.0
                self._machine.payload_kg = 0.0
        way = WINCH_MPS * spent_s
        self.line_m += min(way, max(-way, self.line_goal_m - self.line_m))
