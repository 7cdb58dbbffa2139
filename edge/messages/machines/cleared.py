"""What the guard answers. Only the guard makes a `Cleared`, and only that reaches an actuator.

`tests/architecture/test_actuators.py` keeps it so.
"""

from typing import Generic, Literal, TypeVar

import msgspec

from edge.messages.machines.actuators import ActuatorCommand, AnyCommand, Sender

AnyOne = TypeVar("AnyOne", bound=ActuatorCommand)
Reason = Literal[
    "lease",
    "replay",
    "assistance",
    "tamper",
    "sub_state",
    "position",
    "weather",
    "speed",
    "height",
    "fence",
    "zone",
    "people",
    "crossing",
    "energy",
    "site",
    "approval",
    "remote_id",
    "payload",
    "kind",
    "not_a_number",
]


class Cleared(msgspec.Struct, Generic[AnyOne], frozen=True, kw_only=True):
    """A command that may be obeyed until it expires, which is never later than the asked."""

    command: AnyOne
    cleared_s: float


class Clip(msgspec.Struct, frozen=True, kw_only=True):
    """One figure that was made smaller."""

    what: Literal["speed_mps", "climb_mps", "descent_mps", "lease_s"]
    asked: float
    given: float
    why: str


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag_field="verdict"):
    """Base of every answer."""

    number: int
    """Of the command; 0: nobody asked, the guard acts by itself."""
    by: Sender = "executor"
    operator: str = ""
    """Who helps from afar, for the audit."""


class Passed(Answer, frozen=True, kw_only=True, tag="passed"):
    """As it was asked."""

    cleared: Cleared[AnyCommand]


class Clipped(Answer, frozen=True, kw_only=True, tag="clipped"):
    """Less than was asked."""

    cleared: Cleared[AnyCommand]
    clips: tuple[Clip, ...]


class Refused(Answer, frozen=True, kw_only=True, tag="refused"):
    """Not done; what was cleared before stays in force until it expires."""

    reason: Reason
    why: str


class SafeStop(Answer, frozen=True, kw_only=True, tag="safe_stop"):
    """Not done, and what goes on is ended by these commands, in this order."""

    reason: Reason
    why: str
    cleared: tuple[Cleared[AnyCommand], ...]
    burst: bool = False
    """Report the position as often as it is known, from now on."""


Verdict = Passed | Clipped | Refused | SafeStop
