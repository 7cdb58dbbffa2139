"""A robot at a door: machine, guard, controller's session and the simulated controller."""

from edge.guard.bounds import Approval, Bounds, site_at
from edge.guard.guard import Guard
from edge.guard.shapes import Round
from edge.guard.truth import (
    Charge,
    PartsState,
    People,
    Posture,
    ProvenCode,
    Truth,
    WeatherNow,
    Whereabouts,
)
from edge.messages.geo import distance_m, east_north_m
from edge.messages.machines.actuators import GoToward, Hold, Lock
from edge.messages.machines.cleared import Clipped, Passed
from edge.messages.machines.controller import (
    CompartmentEvent,
    ControllerPresence,
    ControllerStatus,
    KeptEvent,
)
from edge.messages.machines.orders import OrderAnswer
from edge.pilot.robots.senses import lid_of, locks_of
from edge.sidewalk import events as e
from edge.sidewalk.asking import command_of, device_orders, name_of, orders_of
from edge.sidewalk.machine import advance
from edge.sidewalk.progress import DriveProgress, Phase, Seen
from edge.vehicles import MACHINES
from firmware_bridge.mcu.session import McuSession
from sim.devices.mcu import Controller
from sim.vehicles.machines.strongbox import Strongbox
from tests.edge.sidewalk.legs import DOOR, HOME, leg

TICK_S = 0.05
BOXES = 3


class Door:
    """One stop, from its arrival on; `run` lets time pass."""

    def __init__(self, *compartments, place=DOOR, approved=None, **more):
        self.plan = leg(*(compartments or ("2",)), **more)
        self.now_s, self.ticks = 100.0, 0
        self.place = place
        self.facts, self.phases, self.answers = [], [], []
        self.armed = True
        self.box = Strongbox(BOXES)
        self.session, self.status, self.boot_id = McuSession(self.now_s), None, None
        self.carried, self.number = {}, 0
        self.controller = Controller(7, 3, compartments=BOXES, now_ms=self.now_ms)
        self.bolts_drawn = set()
        point = east_north_m(HOME, DOOR)
        names = frozenset(approved or compartments or ("2",))
        self.guard = Guard(
            Bounds(
                kind="robot",
                figures=MACHINES["robot"].machine,
                home=HOME,
                stay_in=(Round((0.0, 0.0), 500.0),),
                sites=(site_at("home", HOME, HOME),),
                approvals=(Approval("stop-1", point, 8.0, compartments=names),),
            )
        )
        self.progress = DriveProgress()
        self.run(1.0)
        began = advance(self.progress, e.SetOut(seen=self.seen(), plan=self.plan)).progress
        for _ in range(3):
            event = e.GateAnswered(seen=self.seen(), reasons=())
            if began.phase is not Phase.AT_GATE:
                event = e.Answered(seen=self.seen(), number=began.asked, done=True)
            began = advance(began, event).progress
        self.progress = began

    @property
    def now_ms(self):
        return round(self.now_s * 1000) + 9000

    def seen(self):
        status = self.status
        doors = () if status is None else status.doors_open
        return Seen(
            now_s=self.now_s,
            mode="hold",
            goes_in="guided",
            armed=self.armed,
            place=self.place,
            accuracy_m=2.0,
            door_m=distance_m(self.place, DOOR),
            speed_mps=0.0,
            lid=lid_of(status),
            locks=locks_of(status),
            doors=tuple((name_of(i), is_open) for i, is_open in enumerate(doors)),
            boot_id=self.boot_id,
        )

    def truth(self):
        code_s = self.progress.code_until_s
        now_s = self.now_s
        return Truth(
            whereabouts=Whereabouts(now_s, self.place, 2.0, (0.0, 0.0, 0.0)),
            charge=Charge(now_s, 3e6),
            parts=PartsState(now_s, lid=lid_of(self.status), locks=locks_of(self.status)),
            posture=Posture(now_s, 1.0),
            people=People(now_s),
            weather=WeatherNow(now_s, ice=False, dark=False),
            payload_kg=1.0,
            proven=() if code_s is None else (ProvenCode("stop-1", code_s),),
        )

    def run(self, seconds):
        until_s = self.now_s + seconds
        while self.now_s < until_s - 1e-9:
            self.ticks += 1
            self.now_s = round(self.now_s + TICK_S, 6)
            self._exchange()
            if self.ticks % 4 == 0 and self.progress.plan is not None:
                self.step(e.Looked(seen=self.seen()))
        return self

    def step(self, event):
        change = advance(self.progress, event)
        if change.progress.phase is not self.progress.phase:
            self.phases.append(change.progress.phase)
        self.progress = change.progress
        self.facts += change.facts
        for action in change.actions:
            self._act(action)

    def told(self, kind):
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def code(self, right=True):
        self.step(e.CodeShown(seen=self.seen(), right=right))

    def may_drive(self):
        """Return what the guard says to a motion now."""
        self.number += 1
        command = GoToward(
            number=self.number, issued_s=self.now_s, expires_s=self.now_s + 0.5,
            place=HOME, speed_mps=1.0,
        )  # fmt: skip
        return self.guard.judge(command, self.truth(), self.now_s)

    def daemon_dies(self):
        """Forget all but the progress that was kept; the controller goes on."""
        self.session, self.status = McuSession(self.now_s), None
        self.carried = {}
        self.step(e.Restarted(seen=self.seen(), why="the daemon started"))

    def _act(self, action):
        self.number += 1
        command = command_of(action, self.number, self.now_s)
        if command is None:
            return
        verdict = self.guard.judge(command, self.truth(), self.now_s)
        if not isinstance(verdict, Passed | Clipped):
            self.step(e.Vetoed(seen=self.seen(), reason=verdict.reason, why=verdict.why))
            return
        if isinstance(verdict.cleared.command, Hold):
            self.armed = isinstance(action, e.WakeMotors)
            self.step(e.Answered(seen=self.seen(), number=action.number, done=True))
            return
        orders = orders_of(action, verdict.cleared, f"k{self.number}", compartments=BOXES)
        if isinstance(verdict.cleared.command, Lock):
            assert orders == device_orders(
                (verdict.cleared,), f"k{self.number}.{action.number}", compartments=BOXES
            )
        for order in orders:
            self.session.send(order, self.now_s)
        self.carried[orders[-1].order_id] = action.number

    def _exchange(self):
        self.box.step(self.controller, TICK_S)
        self.controller.sense(self.box.sensors(self.controller), self.now_ms)
        self.controller.tick(self.now_ms)
        self.bolts_drawn |= set(self.controller.drawn)
        if self.now_s >= self.session.wake_at_s:
            self._heard(self.session.wake(self.now_s))
        self.controller.receive(self.session.outgoing(), self.now_ms)
        self._heard(self.session.receive(self.controller.outgoing(), self.now_s))

    def _heard(self, words):
        for word in words:
            match word:
                case ControllerStatus():
                    self.status = word if word.takes_orders else None
                case ControllerPresence():
                    self.boot_id = word.boot_id
                case OrderAnswer() if word.order_id in self.carried:
                    number, done = self.carried.pop(word.order_id), word.result == "done"
                    self.answers.append(word)
                    self.step(
                        e.Answered(seen=self.seen(), number=number, done=done, why=word.why)
                    )
                case CompartmentEvent():
                    name = name_of(word.compartment)
                    self.step(e.DoorMoved(seen=self.seen(), compartment=name, what=word.what))
                    kept = KeptEvent(
                        order_id=f"e{word.event_id}", boot_id=word.boot_id,
                        event_id=word.event_id,
                    )  # fmt: skip
                    self.session.send(kept, self.now_s)
