"""What happens to a pilot, one thing after the other, and what he is in the middle of."""

import asyncio
from dataclasses import dataclass

from edge.messages.commands import Command, DirectMachine
from edge.messages.facts import GuardRefused, GuardStopped
from edge.messages.machines.cleared import Refused, SafeStop
from edge.messages.machines.orders import OrderAnswer
from edge.pilot.craft import Action


@dataclass(frozen=True, slots=True)
class Restart:
    """Either side has begun anew."""

    why: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The guard has ended what went on."""

    stop: SafeStop


@dataclass(frozen=True, slots=True)
class Vetoed:
    """The guard did not let an action through."""

    number: int
    verdict: Refused | SafeStop


@dataclass(frozen=True, slots=True)
class Heard:
    """A device has said something that is more than how things stand."""

    word: object


@dataclass(frozen=True, slots=True)
class Directed:
    """A person at the station has decided."""

    command: Command
    order: DirectMachine
    committed: asyncio.Event
    """Set once it is kept what became of it."""


@dataclass(frozen=True, slots=True)
class Look:
    """It is time to look."""


Happening = Restart | Stopped | Vetoed | Heard | Directed | Look | OrderAnswer


def is_renewal(action: Action) -> bool:
    """Tell whether it only renews what goes on: nothing of it has to be kept first."""
    return bool(getattr(action, "renews", False))


def refused_fact(command: str, verdict: Refused | SafeStop) -> GuardRefused:
    """Return what is recorded of the guard's no to a command."""
    stopped = isinstance(verdict, SafeStop)
    return GuardRefused(
        command=command, reason=verdict.reason, why=verdict.why, stopped=stopped
    )


def stopped_fact(stop: SafeStop) -> GuardStopped:
    """Return what is recorded of a safe stop."""
    told = tuple(str(one.command.__struct_config__.tag) for one in stop.cleared)
    return GuardStopped(reason=stop.reason, why=stop.why, told=told)
