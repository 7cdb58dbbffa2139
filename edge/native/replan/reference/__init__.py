"""The tour kernel in Python and numpy: slow, plain, and the oracle of the one in C."""

from edge.native.replan.reference.simulate import Simulation, simulate
from edge.native.replan.reference.solve import Solution, normal_order, solve, with_stop

__all__ = ["Simulation", "Solution", "normal_order", "simulate", "solve", "with_stop"]
