"""Who is on the link: which of many components is the autopilot, and is it still there."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firmware_bridge.mavlink.manners import manner_of
from firmware_bridge.mavlink.wire.dialect import Message, mavlink
from firmware_bridge.mavlink.wire.frames import Frame

if TYPE_CHECKING:
    from firmware_bridge.mavlink.manners.manner import Manner

COMPONENT = 191  # MAV_COMP_ID_ONBOARD_COMPUTER
BEAT_S = 1.0
LOST_AFTER_S = 5.0  # without any frame; MAVSDK gives up after 3 s and flaps on slow links
HIGH_LATENCY_LOST_AFTER_S = 75.0  # such links speak every 5 s, PX4's every 66 s
BEATS_TO_RETURN = 2  # one beat after a loss may be a straggler
MOST_PEERS = 64
FORGOTTEN_AFTER_S = 60.0
AUTOPILOT_COMPONENT = 1
GCS_TYPE = 6
NO_AUTOPILOT = 8
LIVENESS = (mavlink.MAVLINK_MSG_ID_HEARTBEAT, mavlink.MAVLINK_MSG_ID_HIGH_LATENCY2)


def our_beat() -> Message:
    """Return our heartbeat: a computer on board, never a ground station.

    ArduPilot's failsafe sleeps as long as anybody beats as its ground station (system 255).
    """
    return mavlink.MAVLink_heartbeat_message(
        mavlink.MAV_TYPE_ONBOARD_CONTROLLER,
        mavlink.MAV_AUTOPILOT_INVALID,
        0,
        0,
        mavlink.MAV_STATE_ACTIVE,
        3,
    )


@dataclass(slots=True)
class Peer:
    """One component that beats."""

    vehicle_type: int
    autopilot: int
    heard_s: float


class Peers:
    """Everybody on the link, and the one autopilot that is ours."""

    def __init__(self, system: int | None = None) -> None:
        """`system`: take only this one's autopilot; None: the first that beats."""
        self._wanted = system
        self._peers: dict[tuple[int, int], Peer] = {}
        self._beats = 0
        self._lost_after_s = LOST_AFTER_S
        self.address: tuple[int, int] | None = None
        """System and component of our autopilot, also while it is lost."""
        self.is_present = False
        self.manner: Manner | None = None

    @property
    def wake_at_s(self) -> float:
        """When the autopilot is lost unless it beats before."""
        if self.address is None or not self.is_present:
            return math.inf
        return self._peers[self.address].heard_s + self._lost_after_s

    def heard(self, frame: Frame, message: Message, now_s: float) -> bool:
        """Take a heartbeat; tell whether the autopilot has just been found, or found again."""
        vehicle_type, autopilot = message.type, message.autopilot
        self._remember(frame.source, Peer(vehicle_type, autopilot, now_s))
        if not self._is_autopilot(frame, vehicle_type, autopilot):
            return False
        is_late = message.get_msgId() != mavlink.MAVLINK_MSG_ID_HEARTBEAT
        self._lost_after_s = HIGH_LATENCY_LOST_AFTER_S if is_late else LOST_AFTER_S
        is_new = self.address is None
        self.address = frame.source
        manner = manner_of(autopilot, vehicle_type)
        is_other = self.manner is not manner and self.is_present
        self.manner = manner
        if self.is_present and not is_other:
            return False
        self._beats += 1
        if is_new or is_other or is_late or self._beats >= BEATS_TO_RETURN:
            self.is_present = True
            self._beats = 0
            return True
        return False

    def heard_from(self, source: tuple[int, int], now_s: float) -> None:
        """Take any frame of our autopilot as a sign of life; only a beat brings it back."""
        if self.is_present and source == self.address:
            self._peers[source].heard_s = now_s

    def wake(self, now_s: float) -> bool:
        """Tell whether the autopilot has just been lost."""
        if now_s < self.wake_at_s:
            return False
        self.lose()
        return True

    def lose(self) -> None:
        """Take the autopilot as lost until it beats again."""
        self.is_present = False
        self._beats = 0

    def _is_autopilot(self, frame: Frame, vehicle_type: int, autopilot: int) -> bool:
        if autopilot == NO_AUTOPILOT or vehicle_type == GCS_TYPE:
            return False
        if self.address is not None:
            return frame.source == self.address
        if self._wanted is not None and frame.system != self._wanted:
            return False
        # Gimbals and radios of some makers beat with an autopilot's number.
        return frame.component == AUTOPILOT_COMPONENT

    def _remember(self, source: tuple[int, int], peer: Peer) -> None:
        if len(self._peers) >= MOST_PEERS and source not in self._peers:
            aged_s = peer.heard_s - FORGOTTEN_AFTER_S
            for other, known in list(self._peers.items()):
                if known.heard_s < aged_s and other != self.address:
                    del self._peers[other]
            if len(self._peers) >= MOST_PEERS and not self._makes_room_for(source):
                return
        self._peers[source] = peer

    def _makes_room_for(self, source: tuple[int, int]) -> bool:
        """Let an autopilot in though a flood of others has filled the table."""
        if source[1] != AUTOPILOT_COMPONENT:
            return False
        oldest = min(
            (key for key in self._peers if key != self.address),
            key=lambda key: self._peers[key].heard_s,
        )
        del self._peers[oldest]
        return True
