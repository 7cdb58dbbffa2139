"""The one shape of a conversation: it is begun, fed, woken, and has an end."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from edge.messages.machines.orders import Result
from firmware_bridge.mavlink.exchange.pace import Pace
from firmware_bridge.mavlink.wire.dialect import Message


@dataclass(frozen=True, slots=True)
class Ended:
    """How a conversation ended."""

    result: Result
    why: str = ""


DONE = Ended("done")


@dataclass(frozen=True, slots=True)
class Line:
    """How to talk to one autopilot: whom, by which queue, at which pace."""

    system: int
    component: int
    say: Callable[[Message, float], object]
    pace: Pace


class Exchange(Protocol):
    """A conversation; whoever runs it hands in the autopilot's messages and the time."""

    @property
    def wake_at_s(self) -> float:
        """When `wake` wants to be called."""
        ...

    @property
    def ended(self) -> Ended | None:
        """None while it goes on."""
        ...

    def begin(self, now_s: float) -> None:
        """Say the first thing."""
        ...

    def take(self, message: Message, now_s: float) -> None:
        """Hear a message of the autopilot, meant for this conversation or not."""
        ...

    def wake(self, now_s: float) -> None:
        """Ask again, or give up."""
        ...

    def abandon(self, now_s: float) -> None:
        """Stop, and leave the far side ready for the next."""
        ...
