"""What the pilot needs of a kind of machine: its pure machine of a leg, and what goes round it.

The pilot is one shell for all kinds. It hears the devices, keeps progress and facts before it
acts, asks the guard, sends orders, and tells the mission what came of it. What differs between
a drone and a robot is behind `Craft`, which waits for nothing and reads no clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from edge.conditions.layers import NO_LAYERS, Layers
from edge.executor.mission.progress import Mission
from edge.guard.bounds import Bounds
from edge.guard.truth import Truth
from edge.messages.commands import DirectMachine
from edge.messages.facts import Fact
from edge.messages.machines.actuators import AnyCommand
from edge.messages.machines.cleared import Cleared, Refused, SafeStop
from edge.messages.machines.controller import ControllerOrder
from edge.messages.machines.orders import AutopilotOrder
from edge.messages.parcels import FailureCode, ParcelId, StopId
from edge.pilot.words import Words

AnyOrder = AutopilotOrder | ControllerOrder
Progress = Any
"""Of the kind's own machine: `FlightProgress`, `DriveProgress`."""
Event = Any
"""Of its `events.py`."""
Action = Any
"""Of its `events.py`; every one has a `number`."""


class Change(Protocol):
    """What one event did: to be committed as a whole before any action starts."""

    @property
    def progress(self) -> Progress:
        """How far the leg has come."""
        ...

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What must never be lost."""
        ...

    @property
    def actions(self) -> tuple[Action, ...]:
        """What is wanted next."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything that is known when a craft is asked; the craft keeps nothing of it."""

    now_s: float
    utc: datetime
    words: Words
    mission: Mission
    layers: Layers = NO_LAYERS
    station_heard: bool = True
    """Somebody hears the vehicle."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """It stands at the stop it was on its way to, or at the station (None)."""

    stop_id: StopId | None


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What was for this stop has left it."""

    stop_id: StopId
    parcel_ids: tuple[ParcelId, ...] = ()
    """Of several; (): all."""
    proven: bool = False
    """The right code was shown before anything opened."""


@dataclass(frozen=True, slots=True)
class NotHandedOver:
    """What was for this stop is still on board, or nobody knows where it is."""

    stop_id: StopId
    code: FailureCode
    why: str
    parcel_ids: tuple[ParcelId, ...] = ()
    """Of several; (): all."""


Report = Arrived | HandedOver | NotHandedOver
"""What the pilot tells the mission, through the same desk as a driver."""


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders of one action, one after the other; the last to end is its answer.

    Without any order the action is answered at once.
    """

    autopilot: tuple[AutopilotOrder, ...] = ()
    controller: tuple[ControllerOrder, ...] = ()


def told_why(order: DirectMachine) -> str:
    """Return what stands as the reason where a person decided."""
    return f"{order.by}: {order.why}" if order.why else f"{order.by} decided"


class Craft(Protocol):
    """One kind of machine."""

    blob: str
    """Name of its progress in the store: `flight`, `drive`."""

    def load(self, blob: bytes | None) -> Progress:
        """Return the progress that was kept, or that of a machine without a leg."""
        ...

    def dump(self, progress: Progress) -> bytes:
        """Return the progress to keep."""
        ...

    def look_s(self, progress: Progress) -> float:
        """Return how long it is from one look to the next, while something goes on."""
        ...

    def wants(self, word: object) -> bool:
        """Take a word; tell whether it is an event, and not only how things stand."""
        ...

    def heard(self, progress: Progress, word: object, at: Situation) -> Event | None:
        """Return the event that a word is."""
        ...

    def rests(self, progress: Progress) -> bool:
        """Tell whether nothing goes on: seldom looks will do."""
        ...

    def raises_alarm(self, progress: Progress) -> bool:
        """Tell whether somebody has laid hands on it: where it is, is wanted often."""
        ...

    def advance(self, progress: Progress, event: Event) -> Change:
        """Apply one event of the machine."""
        ...

    def looked(self, progress: Progress, at: Situation) -> Event:
        """Return the event of another look."""
        ...

    def restarted(self, progress: Progress, at: Situation, why: str) -> Event:
        """Return the event of a start of either side."""
        ...

    def answered(
        self, progress: Progress, at: Situation, number: int, *, done: bool, why: str
    ) -> Event:
        """Return the event of an action that has ended."""
        ...

    def vetoed(
        self, progress: Progress, at: Situation, verdict: Refused | SafeStop, number: int | None
    ) -> Sequence[Event]:
        """Return what it means that the guard said no; `number` None: to what went on."""
        ...

    def directed(self, progress: Progress, order: DirectMachine, at: Situation) -> Event | str:
        """Return what a person's decision means, or why it means nothing here."""
        ...

    def wanted(self, progress: Progress, at: Situation) -> Event | None:
        """Return what the mission wants now: set out, give up, another way; None: nothing."""
        ...

    def ponder(self, progress: Progress, action: Action, at: Situation) -> Event | None:
        """Answer an action that is no order (a gate, a look below, another way).

        None: not yet; it is asked again with every look while the action counts.
        """
        ...

    def notes(self, progress: Progress, at: Situation) -> Sequence[Fact]:
        """Return facts beside the machine's own, each once."""
        ...

    def reports(self, progress: Progress, at: Situation) -> Sequence[Report]:
        """Return what the mission has to be told, of progress alone: until it is true."""
        ...

    def command_of(self, action: Action, number: int, now_s: float) -> AnyCommand | None:
        """Return what the guard is asked; None for what moves and opens nothing."""
        ...

    def orders_of(
        self, action: Action, cleared: Cleared[AnyCommand] | None, key: str, at: Situation
    ) -> Orders:
        """Return the orders of an action; what moves or opens needs the guard's answer."""
        ...

    def stop_orders(self, cleared: Cleared[AnyCommand], key: str, at: Situation) -> Orders:
        """Return the orders of one of the guard's own commands, of a safe stop."""
        ...

    def truth(self, progress: Progress, at: Situation) -> Truth:
        """Return what the guard is told."""
        ...

    def bounds(self, progress: Progress, at: Situation) -> Bounds | None:
        """Return what the guard allows today; None before the first route."""
        ...
