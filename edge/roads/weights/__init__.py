"""How long each arc takes one user: the base, and what conditions make of it."""

from edge.roads.weights.base import base_ms, user_kmh
from edge.roads.weights.weighing import Weighing, weights_ms

__all__ = ["Weighing", "base_ms", "user_kmh", "weights_ms"]
