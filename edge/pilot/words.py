"""What the devices said last, each with its own instant; nothing here is older than it says."""

from dataclasses import dataclass, field

from edge.messages.machines.autopilot import (
    AutopilotPresence,
    AutopilotState,
    BatteryReading,
    HomePosition,
    MissionProgress,
    ParametersChecked,
    RangeBelow,
    RemoteIdHeard,
    VehicleAttitude,
    VehicleMotion,
    WinchReading,
    Wind,
)
from edge.messages.machines.controller import ControllerPresence, ControllerStatus
from edge.messages.readings import GnssFix, GnssNoFix
from edge.messages.state import VehicleState

MOST_GAPS = 16


@dataclass(slots=True)
class Words:
    """The newest of each; a start of the autopilot makes what it said before worth nothing."""

    presence: AutopilotPresence | None = None
    state: AutopilotState | None = None
    motion: VehicleMotion | None = None
    attitude: VehicleAttitude | None = None
    part: MissionProgress | None = None
    home: HomePosition | None = None
    wind: Wind | None = None
    checked: ParametersChecked | None = None
    remote_id: RemoteIdHeard | None = None
    gaps: tuple[tuple[float, float | None], ...] = ()
    """When it looked down, and by how much that was shorter than its height; None: unknown."""
    winch: WinchReading | None = None
    batteries: dict[int, BatteryReading] = field(default_factory=dict)
    controller: ControllerPresence | None = None
    status: ControllerStatus | None = None
    fix: GnssFix | GnssNoFix | None = None
    position: VehicleState | None = None
    """The estimator's, which judges the fixes."""

    @property
    def present(self) -> bool:
        """The autopilot is heard, and it is known how to speak with it."""
        presence = self.presence
        return presence is not None and presence.present and bool(presence.manner)

    def hear(self, word: object) -> bool:
        """Take a word; tell whether the autopilot or the controller has begun anew."""
        match word:
            case AutopilotPresence():
                was, self.presence = self.present, word
                if word.restarted or not self.present:
                    self._forget()
                return word.restarted or (self.present and not was)
            case AutopilotState():
                self.state = word
            case VehicleMotion():
                self.motion = word
            case VehicleAttitude():
                self.attitude = word
            case MissionProgress():
                self.part = word
            case HomePosition():
                self.home = word
            case Wind():
                self.wind = word
            case ParametersChecked():
                self.checked = word
            case RemoteIdHeard():
                self.remote_id = word
            case RangeBelow():
                self._look_down(word)
            case WinchReading():
                self.winch = word
            case BatteryReading():
                self.batteries[word.battery] = word
            case ControllerPresence():
                was_there, self.controller = self.controller is not None, word
                self.status = None
                return was_there
            case ControllerStatus():
                self.status = word
            case GnssFix() | GnssNoFix():
                self.fix = word
        return False

    def _look_down(self, word: RangeBelow) -> None:
        gap_m: float | None = None
        if word.distance_m is not None and self.motion is not None:
            gap_m = self.motion.height_m - word.distance_m
        self.gaps = (*self.gaps, (word.received_s, gap_m))[-MOST_GAPS:]

    def _forget(self) -> None:
        self.state = self.motion = self.attitude = self.part = None
        self.home = self.wind = self.checked = None
        self.remote_id = self.winch = None
        self.gaps = ()
        self.batteries.clear()
