"""What stands in on a trial for what the vehicle lacks: gripper, look below, ground station."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

from edge.clock import Clock
from edge.devices import Lent, Word, new_orders
from edge.messages.machines.autopilot import (
    AutopilotState,
    AutopilotText,
    RangeBelow,
    VehicleMotion,
)
from edge.messages.machines.orders import AutopilotOrder, Grip, OrderAnswer
from edge.messages.parcels import ParcelId
from firmware_bridge.mavlink.wire.dialect import mavlink

LOOKS_S = 0.5
OPENS_S = 1.0
BEATS_S = 1.0
SHORT_WARNING = 4  # syslog: warning and worse
MOST_SAID = 200


class Hold:
    """Where the one parcel of a drone is; whoever opens the gripper lets it go."""

    def __init__(self) -> None:
        self.held: ParcelId | None = None

    def put_in(self, parcel_id: ParcelId, _number: int) -> None:
        """Hang it on."""
        self.held = parcel_id

    def take_out(self, parcel_id: ParcelId) -> bool:
        """Take it off; tell whether it was there."""
        was_there, self.held = self.held == parcel_id, None
        return was_there

    def refresh(self) -> None:
        """Leave the battery as it is."""


class BetweenAutopilotAndDaemon:
    """Hears both sides of a real autopilot's link, and stands in for what it lacks."""

    def __init__(
        self, clock: Clock, hold: Hold, *, has_gripper: bool, looks_below: bool
    ) -> None:
        self.refused: list[dict[str, object]] = []
        """Orders that the autopilot did not carry out: which, when, and its reason."""
        self.said: list[dict[str, object]] = []
        """Its own warnings."""
        self.modes: list[dict[str, object]] = []
        self._clock = clock
        self._hold = hold
        self._has_gripper = has_gripper
        self._looks_below = looks_below
        self._given: dict[str, AutopilotOrder] = {}
        self._motion: VehicleMotion | None = None
        self.sees_itself = False
        """It has a sensor that looks down."""
        self._publish: Callable[[Word], None] = lambda _: None

    def over(self, publish: Callable[[Word], None], lent: Lent) -> Lent:
        """Return what the sessions are lent in place of the daemon's own."""
        self._publish = publish
        return replace(lent, orders=new_orders())

    async def run(self, outer: Lent, inner: Lent) -> None:
        """Pass orders on and look below, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._pass_on(outer, inner), name="trial.orders")
            if self._looks_below:
                tasks.create_task(self._look_below(), name="trial.below")

    def hear(self, word: Word) -> None:
        """Take a word of the autopilot, and pass it on to the daemon."""
        match word:
            case VehicleMotion():
                self._motion = word
            case RangeBelow():
                self.sees_itself = True
            case AutopilotText() if word.severity <= SHORT_WARNING:
                self._note(self.said, text=word.text)
            case AutopilotState():
                now = {"mode": word.mode_name, "armed": word.armed}
                if not self.modes or not now.items() <= self.modes[-1].items():
                    self._note(self.modes, **now)
            case OrderAnswer():
                self._answered(word)
        self._publish(word)

    def _answered(self, answer: OrderAnswer) -> None:
        order = self._given.pop(answer.order_id, None)
        if order is None:
            return
        if answer.result != "done":
            name = str(order.__struct_config__.tag)
            why = answer.why or answer.result
            self._note(self.refused, order=name, result=answer.result, why=why)
        elif isinstance(order, Grip) and not order.closed:
            self._hold.held = None

    def _note(self, notes: list[dict[str, object]], **fields: object) -> None:
        if len(notes) < MOST_SAID:
            notes.append({"at_s": round(self._clock.now_s(), 1), **fields})

    async def _pass_on(self, outer: Lent, inner: Lent) -> None:
        while True:
            order = await outer.orders.get()
            if len(self._given) >= MOST_SAID:
                self._given.clear()
            self._given[order.order_id] = order
            if isinstance(order, Grip) and not self._has_gripper:
                await asyncio.sleep(OPENS_S)
                self.hear(
                    OrderAnswer(
                        received_s=self._clock.now_s(), order_id=order.order_id, result="done"
                    )
                )
            else:
                inner.orders.put(order)

    async def _look_below(self) -> None:
        """See free ground below, as somebody at the place would; not where it sees itself."""
        while True:
            motion = self._motion
            if motion is not None and not self.sees_itself:
                distance_m = max(0.0, motion.height_m)
                self._publish(RangeBelow(received_s=self._clock.now_s(), distance_m=distance_m))
            await asyncio.sleep(LOOKS_S)


async def beat_as_ground(port: int) -> None:
    """Be the ground station that a failsafe counts on: a heartbeat a second, for ever."""
    voice = mavlink.MAVLink(None, srcSystem=255, srcComponent=190)
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sock:
        sock.setblocking(False)
        sock.connect(("127.0.0.1", port))
        while True:
            beat = mavlink.MAVLink_heartbeat_message(
                mavlink.MAV_TYPE_GCS, mavlink.MAV_AUTOPILOT_INVALID, 0, 0,
                mavlink.MAV_STATE_ACTIVE, 3,
            )  # fmt: skip
            data = beat.pack(voice)
            voice.seq = (voice.seq + 1) % 256
            try:
                sock.send(data)
                while sock.recv(65536):
                    pass  # what the vehicle says is heard elsewhere
            except (BlockingIOError, ConnectionRefusedError):
                pass
            await asyncio.sleep(BEATS_S)


def free_port() -> int:
    """Return a free UDP port of the loopback."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
