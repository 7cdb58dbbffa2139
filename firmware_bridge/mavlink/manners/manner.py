"""What one firmware does its own way, as data."""

from dataclasses import dataclass, field

from edge.messages.machines.autopilot import Mode
from edge.messages.machines.orders import WantedParameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How an autopilot of one kind is to be spoken to (measured: the shared facts)."""

    name: str
    autopilot: int
    """MAV_AUTOPILOT in its heartbeat."""
    types: frozenset[int]
    """MAV_TYPE in its heartbeat."""
    modes: dict[Mode, int]
    """`custom_mode` to ask for."""
    reported: dict[int, tuple[str, Mode]]
    """By `custom_mode` that it reports: its own name for it, and ours."""
    splits_mode: bool
    """DO_SET_MODE takes main and sub mode in two parameters."""
    has_home_item: bool
    """Item 0 of a mission is home, the first part is item 1."""
    is_bytewise: bool
    """Whole-numbered parameters travel as their bytes, not as a float of the same value."""
    take_off_is_amsl: bool
    """Height of the command TAKEOFF: above sea level, or above home."""
    take_off_in: Mode | None
    """Mode in which TAKEOFF is accepted; None: any."""
    needs_take_off_place: bool
    free_heading: float
    """Fourth parameter of a place that leaves the heading to the firmware."""
    start_arms: bool
    """MISSION_START arms; otherwise it leaves a disarmed vehicle standing."""
    go_to_ends_in: Mode
    shortest_wait_s: float
    """It is not asked again sooner."""
    abandons_after_s: float
    """How long a transfer without a word from us blocks the next one."""
    keeps_old_plan: bool
    """An upload that fails leaves the old plan whole, not a mixture."""
    cannot: frozenset[str] = field(default_factory=frozenset)
    """Tags of parts that it does not carry out, even if it takes them."""
    wanted: tuple[WantedParameter, ...] = ()
    """What its failsafes must be before anybody sends it out."""

    @property
    def first_item(self) -> int:
        """Sequence number of the first part."""
        return int(self.has_home_item)

    def told_mode(self, custom_mode: int) -> tuple[str, Mode]:
        """Return the name of a reported mode, and what it means to us."""
        return self.reported.get(custom_mode, (str(custom_mode), "other"))

    def mode_params(self, mode: Mode) -> tuple[float, float] | None:
        """Return parameters 2 and 3 of DO_SET_MODE; None if it has no such mode."""
        custom = self.modes.get(mode)
        if custom is None:
            return None
        if self.splits_mode:
            return float(custom >> 16 & 0xFF), float(custom >> 24 & 0xFF)
        return float(custom), 0.0
