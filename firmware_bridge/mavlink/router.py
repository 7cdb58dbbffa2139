"""The link passed on to a ground station and back: each frame once, never in a circle."""

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from firmware_bridge.mavlink.vehicle.heartbeat import COMPONENT
from firmware_bridge.mavlink.wire.dialect import mavlink
from firmware_bridge.mavlink.wire.frames import Frame, Framer
from firmware_bridge.mavlink.wire.outbox import FrameQueue

SETUP_SIGNING = mavlink.MAVLINK_MSG_ID_SETUP_SIGNING
SEEN_S = 2.0  # a frame that comes again so soon has gone round
MOST_SEEN = 1024
MOST_STATIONS = 16
GROUND_FOR_S = 60.0
USUAL_BYTES_PER_S = 4000.0  # of a 57600 Bd radio's 5,760, so that ours still pass


@dataclass(frozen=True, slots=True)
class Passed:
    """A frame on its way from one side to the other."""

    raw: bytes


class Router:
    """Decides for both directions; belongs to one autopilot's link."""

    def __init__(self, *, bytes_per_s: float = USUAL_BYTES_PER_S) -> None:
        """`bytes_per_s`: how much of the autopilot's link the ground may fill."""
        self._bytes_per_s = bytes_per_s
        self._budget_b = bytes_per_s
        self._budget_s = 0.0
        self._seen: OrderedDict[bytes, float] = OrderedDict()
        self._on_board: dict[tuple[int, int], float] = {}
        self.looped = 0
        """Frames that came round and were not passed on again."""
        self.shed = 0
        """Frames from the ground that the autopilot's link had no room for."""

    def passes_up(self, frame: Frame, now_s: float) -> bool:
        """Tell whether a frame of the autopilot's link goes to the ground."""
        if frame.message_id == SETUP_SIGNING or self._was_seen(frame, now_s):
            return False
        if frame.source in self._on_board or len(self._on_board) < MOST_STATIONS:
            self._on_board[frame.source] = now_s
        return True

    def passes_down(self, frame: Frame, now_s: float) -> bool:
        """Tell whether a frame of the ground goes to the autopilot.

        Not if it bears the name of anybody on board, and never a new signing key.
        """
        if frame.message_id == SETUP_SIGNING or self._was_seen(frame, now_s):
            return False
        heard_s = self._on_board.get(frame.source, -math.inf)
        if frame.component == COMPONENT or now_s - heard_s < GROUND_FOR_S:
            self.looped += 1
            return False
        self._budget_b = min(
            self._bytes_per_s, self._budget_b + (now_s - self._budget_s) * self._bytes_per_s
        )
        self._budget_s = now_s
        if len(frame.raw) > self._budget_b:
            self.shed += 1
            return False
        self._budget_b -= len(frame.raw)
        return True

    def _was_seen(self, frame: Frame, now_s: float) -> bool:
        while self._seen and next(iter(self._seen.values())) < now_s - SEEN_S:
            self._seen.popitem(last=False)
        if frame.raw in self._seen:
            self.looped += 1
            return True
        self._seen[frame.raw] = now_s
        if len(self._seen) > MOST_SEEN:
            self._seen.popitem(last=False)
        return False


class GroundSession:
    """The ground station's end: a session of its own, on a link of datagrams."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._framer = Framer(datagrams=True)
        self._queue = FrameQueue()
        self.wake_at_s = math.inf

    def receive(self, data: bytes, now_s: float) -> Sequence[Passed]:
        """Return what of a datagram goes on to the autopilot."""
        frames = self._framer.feed(data, now_s)
        return [Passed(frame.raw) for frame in frames if self._router.passes_down(frame, now_s)]

    def send(self, command: Passed, _now_s: float) -> None:
        """Queue a frame for the ground."""
        self._queue.put(command.raw)

    def wake(self, _now_s: float) -> Sequence[Passed]:
        """Do nothing: what is lost here is asked for again by its ends."""
        return ()

    def outgoing(self) -> bytes:
        """Return the frames of the next datagram."""
        return self._queue.take()
