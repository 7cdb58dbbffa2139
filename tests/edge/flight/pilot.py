"""A shell for the tests: machine, session and simulated autopilot on virtual time.

It commits progress before it acts, and forgets everything else when the daemon dies.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import msgspec

from edge.clock import LoopClock
from edge.errors import LinkError
from edge.flight import events as e
from edge.flight.asking import command_of, orders_of
from edge.flight.machine import advance
from edge.flight.progress import FlightProgress, Phase, Seen
from edge.messages.geo import Place, distance_m
from edge.messages.machines.autopilot import (
    AutopilotPresence,
    AutopilotState,
    MissionProgress,
    VehicleMotion,
)
from edge.messages.machines.cleared import Cleared
from edge.messages.machines.orders import OrderAnswer
from firmware_bridge.autopilot import Autopilot
from firmware_bridge.mavlink.session import MavlinkSession
from sim.devices.autopilot.build import Setup, build
from tests.conftest import simulate
from tests.edge.flight.legs import DOOR

MORNING = datetime(2026, 11, 2, 7, 30, tzinfo=UTC)
LOOK_S = 0.5
DELAY_S = 0.02


class Air:
    """A link of datagrams that are lost and late, to one simulated autopilot."""

    def __init__(self, setup, *, loss=0.0, delay_s=DELAY_S, seed=1):
        self.loop = asyncio.get_running_loop()
        self.autopilot = build(setup, now_s=self.loop.time(), utc=MORNING)
        self.loss, self.delay_s, self.rng = loss, delay_s, Random(seed)
        self.inbox = asyncio.Queue()
        self.heard = asyncio.Event()
        self.away = False

    async def live(self):
        autopilot = self.autopilot
        while True:
            now_s = self.loop.time()
            due_s = autopilot.wake_at_s
            autopilot.wake(due_s if now_s < due_s < now_s + 1e-6 else now_s)
            while data := autopilot.outgoing():
                if self.rng.random() >= self.loss and not self.away:
                    self.loop.call_later(self.delay_s, self.inbox.put_nowait, data)
            self.heard.clear()
            try:
                async with asyncio.timeout(max(0.0, autopilot.wake_at_s - self.loop.time())):
                    await self.heard.wait()
            except TimeoutError:
                continue

    async def read(self):
        return await self.inbox.get()

    async def write(self, data):
        if self.rng.random() >= self.loss and not self.away:
            self.loop.call_later(self.delay_s, self._arrive, data)

    def _arrive(self, data):
        self.autopilot.receive(data, self.loop.time(), datagrams=True)
        self.heard.set()

    def open(self, _address):
        return self

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        self.inbox = asyncio.Queue()


class Pilot:
    """One daemon's life after the other; `disk` is all that passes from one to the next."""

    def __init__(self, air, plan, *, clear=lambda: True, sensors=True):
        self.air, self.plan, self.clear, self.sensors = air, plan, clear, sensors
        self.disk = msgspec.msgpack.encode(FlightProgress())
        self.facts, self.phases, self.acted = [], [], []
        self.station = True
        self.find_way = None
        self.on_phase = lambda _phase: None

    async def live(self):
        """Run one life of the daemon."""
        self.clock = LoopClock(asyncio.get_running_loop(), MORNING, "simulated")
        self.progress = msgspec.msgpack.decode(self.disk, type=FlightProgress)
        self.state = self.motion = self.part = None
        self.present, self.known, self.waiting = False, False, {}
        self.session = MavlinkSession(self.clock.now_s(), datagrams=True)
        self.autopilot = Autopilot(
            address="air",
            session=self.session,
            publish=self.hear,
            clock=self.clock,
            open_link=self.air.open,
        )
        self.step(e.Restarted(seen=self.seen(), why="the daemon started"))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._connect())
            tasks.create_task(self._look())

    async def _connect(self):
        while True:
            try:
                await self.autopilot.connect()
            except* LinkError:
                await asyncio.sleep(1)

    async def _look(self):
        while True:
            await asyncio.sleep(LOOK_S)
            self.step(e.Looked(seen=self.seen()))
            if self.progress.phase is Phase.ON_GROUND and self.present and not self.known:
                self.known = True
                self.step(e.SetOut(seen=self.seen(), plan=self.plan))

    def hear(self, word):
        match word:
            case AutopilotPresence():
                was, self.present = self.present, word.present and bool(word.manner)
                if word.restarted or (self.present and not was):
                    self.part = self.state = None
                    self.step(e.Restarted(seen=self.seen(), why="the autopilot is back"))
            case AutopilotState():
                self.state = word
            case VehicleMotion():
                self.motion = word
            case MissionProgress():
                self.part = word.part
            case OrderAnswer():
                self._answered(word)

    def seen(self):
        state, motion = self.state, self.motion
        here = motion and Place(lat_deg=motion.lat_deg, lon_deg=motion.lon_deg)
        landing = self.progress.landing
        craft = self.air.autopilot.controller
        payload = craft.craft.payload if craft and self.sensors else None
        return Seen(
            now_s=self.clock.now_s(),
            present=self.present,
            mode=state.mode if state else None,
            armed=state.armed if state else None,
            landed=state.landed if state else None,
            part=self.part,
            distance_m=distance_m(here, DOOR) if here else None,
            landing_m=distance_m(here, landing) if here and landing else None,
            accuracy_m=2.0 if here else None,
            height_m=motion.height_m if motion else None,
            grip="unknown" if not payload else "empty" if payload.is_open else "holding",
            winch=winch_of(payload),
            station=self.station,
        )

    def step(self, event):
        change = advance(self.progress, event)
        was, self.progress = self.progress, change.progress
        if change.facts or change.actions:
            self.disk = msgspec.msgpack.encode(change.progress)
        self.facts += change.facts
        if change.progress.phase is not was.phase:
            self.phases.append(change.progress.phase)
        for action in change.actions:
            asyncio.get_running_loop().call_soon(self.act, action)
        if change.progress.phase is not was.phase:
            self.on_phase(change.progress.phase)

    def act(self, action):
        if action.number != self.progress.asked:
            return
        self.acted.append(action)
        if isinstance(action, e.AskGate):
            ready = self.present and self.state is not None and self._can_arm()
            if not ready or self.state.landed != "on_ground":
                asyncio.get_running_loop().call_later(1.0, self.act, action)
            reasons = () if ready and self.state.landed == "on_ground" else ("not yet",)
            self.step(e.GateAnswered(seen=self.seen(), reasons=reasons))
        elif isinstance(action, e.LookBelow):
            checked = e.ClearChecked(seen=self.seen(), number=action.number, clear=self.clear())
            asyncio.get_running_loop().call_later(1.0, self._clear, checked)
        elif isinstance(action, e.FindWay):
            if self.find_way is not None:
                way = self.find_way()
                self.step(e.Rerouted(seen=self.seen(), plan=way, why="the way home"))
        else:
            now_s = self.clock.now_s()
            command = command_of(action, action.number, now_s)
            cleared = command and Cleared(command=command, cleared_s=now_s)
            altitude_m = self.motion.altitude_m if self.motion else None
            orders = list(orders_of(action, cleared, "leg", altitude_m=altitude_m))
            self.waiting = {orders[0].order_id: (action, orders)}
            self.autopilot.order(orders[0])

    def _can_arm(self):
        return self.state.can_arm is not False or self.state.mode in ("mission", "land")

    def _clear(self, checked):
        self.step(replace(checked, seen=self.seen()))

    def _answered(self, answer):
        if answer.order_id not in self.waiting:
            return
        action, orders = self.waiting.pop(answer.order_id)
        done = answer.result == "done"
        if done and len(orders) > 1:
            self.waiting = {orders[1].order_id: (action, orders[1:])}
            self.autopilot.order(orders[1])
            return
        why = answer.why or answer.result
        self.step(e.Answered(seen=self.seen(), number=action.number, done=done, why=why))


def winch_of(payload):
    if payload is None:
        return "unknown"
    if payload.line_m != payload.line_goal_m:
        return "moving"
    return "out" if payload.line_m > 0 else "in"


def fly(plan, script=None, *, manner="ardupilot", loss=0.0, until=Phase.LANDED, **more):
    """Fly a leg; `script(pilot, tasks)` may meddle. Return the pilot at its end."""

    async def main():
        air = Air(
            Setup(manner=manner, payload_kg=1.0),
            loss=loss,
            delay_s=more.pop("delay_s", DELAY_S),
        )
        pilot = Pilot(air, plan, **more)
        over = asyncio.Event()

        def reached(phase):
            if phase is until:
                over.set()

        pilot.on_phase = reached
        world = asyncio.create_task(air.live())
        script_of = script or (lambda pilot: pilot.live())
        flying = asyncio.create_task(script_of(pilot))
        ending = asyncio.create_task(over.wait())
        await asyncio.wait((flying, ending, world), timeout=400, return_when="FIRST_COMPLETED")
        pilot.truth = air.autopilot.truth
        pilot.payload = air.autopilot.controller and air.autopilot.controller.craft.payload
        failed = next((t for t in (flying, world) if t.done() and t.exception()), None)
        for task in (flying, ending, world):
            task.cancel()
        await asyncio.wait((flying, ending, world))
        if failed:
            raise failed.exception()
        return pilot

    return simulate(main)
