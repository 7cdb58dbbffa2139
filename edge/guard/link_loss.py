"""What to do when nobody hears the machine: by how long, and by what it is in the middle of."""

from typing import Literal

from edge.guard.truth import PartsState
from edge.vehicles.machine import MachineFigures

GO_ON_S, FINISH_S, SECURE_S = 45.0, 30.0, 30.0  # works.md A7

Resort = Literal["go_on", "finish", "secure", "return", "land_here", "stay"]
"""`finish`: the step under way, and begin no other; `secure`: line in, lid closed, locked."""


def on_link_loss(
    lost_for_s: float, parts: PartsState | None, figures: MachineFigures
) -> Resort:
    """Return what to do; it never returns with a line out or a lid open."""
    if lost_for_s < GO_ON_S:
        return "go_on"
    if lost_for_s < GO_ON_S + FINISH_S:
        return "finish"
    if lost_for_s < GO_ON_S + FINISH_S + SECURE_S:
        return "secure"
    if secured(parts, figures):
        return "return"
    return "land_here" if figures.moves == "air" else "stay"


def secured(parts: PartsState | None, figures: MachineFigures) -> bool:
    """Tell whether nothing hangs out and nothing is open."""
    if parts is None:
        return False
    if "winch" in figures.parts and parts.winch != "in":
        return False
    if "lid" in figures.parts and parts.lid != "closed":
        return False
    return "locks" not in figures.parts or all(state == "locked" for _, state in parts.locks)
