"""A flight controller on its vehicle: bytes and time in, bytes out; it may lose its power."""

import heapq
import math
from datetime import datetime, timedelta

from edge.errors import PeerError
from firmware_bridge.mavlink.wire.frames import Frame, Framer
from firmware_bridge.mavlink.wire.outbox import Outbox
from sim.devices.autopilot.controller import Controller
from sim.devices.autopilot.manners.manner import Manner
from sim.devices.autopilot.memory import Memory
from sim.devices.autopilot.pilot.ground import Point
from sim.devices.autopilot.pilot.plant import Plant
from sim.devices.autopilot.talk.voice import AUTOPILOT_COMPONENT
from sim.vehicles.machines.body import STEP_S
from sim.world import Truth

BOOT_S = 2.0
COMMANDS = frozenset({75, 76})
MOST_WAITING = 4096  # frames; more than a loop can read are lost, as in a real receive buffer
MOST_LINKS = 16
SYSTEM_NAMES = ("MAV_SYSID", "MAV_SYS_ID")


class Autopilot:
    """What is at the far end of the telemetry cable."""

    def __init__(
        self,
        manner: Manner,
        plant: Plant,
        *,
        now_s: float,
        utc: datetime,
        memory: Memory | None = None,
    ) -> None:
        """Switch it on; `utc` is the time of day that belongs to `now_s`."""
        self.manner = manner
        self.plant = plant
        self.memory = memory or Memory(manner)
        self._zero_s, self._zero_utc = now_s, utc
        self._stepped_s = now_s
        self._framers: dict[str, Framer] = {}
        self._inbox: list[tuple[float, int, Frame]] = []
        self._taken = 0
        self._reboots_s = math.inf
        self._boots_s = math.inf
        self.boots = 0
        """How often it has started."""
        self._outbox = Outbox(1, AUTOPILOT_COMPONENT)
        self.controller: Controller | None = None
        self._boot(now_s)

    # What the world may ask and do.

    @property
    def truth(self) -> Truth:
        """Where the vehicle really is."""
        body = self.plant.machine.body
        ground = self.plant.ground
        lat_deg, lon_deg = ground.degrees(Point(body.east_m, body.north_m, body.up_m))
        return Truth(lat_deg, lon_deg, body.ground_speed_mps, body.heading_deg)

    def reboot(self, now_s: float, *, boots_in_s: float = BOOT_S) -> None:
        """Take the power away; what is in the air falls. Parameters and plans stay."""
        self._move_on(now_s)
        self.controller = None
        self._inbox.clear()
        self._framers.clear()
        self._outbox.clear()
        self._reboots_s = math.inf
        self._boots_s = now_s + boots_in_s

    # Bytes and time.

    @property
    def wake_at_s(self) -> float:
        """When `wake` wants to be called next."""
        due_s = min(self._reboots_s, self._boots_s)
        if self._inbox:
            due_s = min(due_s, self._inbox[0][0])
        if self.controller is not None:
            due_s = min(due_s, self.controller.wake_at_s)
        return min(due_s, self._stepped_s + STEP_S) if self._is_moving else due_s

    def receive(
        self, data: bytes, now_s: float, *, link: str = "", datagrams: bool = False
    ) -> None:
        """Take bytes of one of its links; they are read when the loop gets to it."""
        if self.controller is None:
            return
        framer = self._framers.get(link)
        if framer is None:
            if len(self._framers) >= MOST_LINKS:
                self._framers.pop(next(iter(self._framers)))
            framer = self._framers[link] = Framer(datagrams=datagrams)
        for frame in framer.feed(data, now_s):
            if len(self._inbox) >= MOST_WAITING:
                return
            every_s = (
                self.manner.command_s if frame.message_id in COMMANDS else self.manner.loop_s
            )
            due_s = (
                math.floor((now_s - self._zero_s) / every_s + 1e-6) + 1
            ) * every_s + self._zero_s
            self._taken += 1
            heapq.heappush(self._inbox, (due_s, self._taken, frame))

    def wake(self, now_s: float) -> None:
        """Do what is due: move, read, answer, say what comes by itself."""
        while min(self._boots_s, self._reboots_s) <= now_s:
            if self._reboots_s <= now_s:
                self.reboot(self._reboots_s)
            else:
                self._boot(self._boots_s)
        self._move_on(now_s)
        while self._inbox and self._inbox[0][0] <= now_s:
            self._take(heapq.heappop(self._inbox)[2], now_s)
        if self.controller is not None and now_s >= self.controller.wake_at_s:
            self.controller.wake(now_s)

    def outgoing(self) -> bytes:
        """Return and clear the frames of one datagram, b"" once there are none."""
        return self._outbox.take()

    def _boot(self, now_s: float) -> None:
        self._move_on(now_s)
        self._boots_s = math.inf
        parameters = self.memory.parameters
        system = next(int(parameters[name]) for name in SYSTEM_NAMES if name in parameters)
        self._outbox.system = system
        self.boots += 1
        self.controller = Controller(
            self.manner,
            self.memory,
            self.plant,
            self._outbox,
            now_s=now_s,
            utc=self._zero_utc + timedelta(seconds=now_s - self._zero_s),
            reboot=self._reboot_at,
        )

    def _reboot_at(self, now_s: float) -> None:
        self._reboots_s = now_s

    @property
    def _is_moving(self) -> bool:
        machine, controller = self.plant.machine, self.controller
        busy = controller is not None and (
            controller.craft.armed or controller.craft.payload.is_moving
        )
        return busy or not machine.is_at_rest

    def _move_on(self, now_s: float) -> None:
        """Let the vehicle move, by steps of one length; at rest by one of any length."""
        while now_s - self._stepped_s >= STEP_S - 1e-9:
            if not self._is_moving:
                spent_s = math.floor((now_s - self._stepped_s) / STEP_S + 1e-6) * STEP_S
                self.plant.machine.rest(spent_s)
                self.plant.sensors.pass_time(spent_s)
            else:
                spent_s = STEP_S
                if self.controller is not None:
                    self.controller.step(spent_s, self._stepped_s + spent_s)
                else:
                    self.plant.machine.step(None, self.plant.wind.step(spent_s), spent_s)
            self._stepped_s += spent_s

    def _take(self, frame: Frame, now_s: float) -> None:
        if self.controller is None:
            return
        try:
            message = frame.decode()
        except PeerError:
            return  # of a dialect that only others speak
        self.controller.take(frame.source, message, now_s)
