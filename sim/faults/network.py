"""Faults of the radio network and of the broker."""

from typing import Annotated, Literal

from msgspec import Meta

from sim.faults.base import BROKER, BaseFault, Count, Fraction, Lasting


class LinkLoss(Lasting, frozen=True, kw_only=True, tag="link_loss"):
    """No network: nothing passes, and after a while the client notices."""


class AsymmetricLoss(Lasting, frozen=True, kw_only=True, tag="asymmetric_loss"):
    """Nothing passes in one direction."""

    lost: Literal["up", "down"] = "down"


class HalfOpen(Lasting, frozen=True, kw_only=True, tag="half_open"):
    """The connection is dead, and neither end is told."""


class Delay(Lasting, frozen=True, kw_only=True, tag="delay"):
    """Everything takes longer, by up to so much."""

    delay_s: Annotated[float, Meta(gt=0, le=120)] = 8.0


class Reordering(Lasting, frozen=True, kw_only=True, tag="reordering"):
    """Messages overtake each other by up to so much."""

    spread_s: Annotated[float, Meta(gt=0, le=120)] = 5.0


class Duplication(Lasting, frozen=True, kw_only=True, tag="duplication"):
    """Messages come twice and three times."""

    twice_frac: Fraction = 0.5


class Damage(Lasting, frozen=True, kw_only=True, tag="damage"):
    """Messages arrive with bytes changed, cut off, or as something else."""

    damaged_frac: Fraction = 0.3


class BrokerRestart(Lasting, frozen=True, kw_only=True, tag="broker_restart"):
    """The broker dies and is started again, with what it had retained or without."""

    vehicle: str = BROKER
    keeps_state: bool = False


class QueueOverflow(Lasting, frozen=True, kw_only=True, tag="queue_overflow"):
    """The broker drops what goes down to a client beyond so many messages that wait."""

    most: Count = 0


class Poison(BaseFault, frozen=True, kw_only=True, tag="poison"):
    """Somebody publishes what no reader can read, on a topic of this vehicle."""

    lane: Literal["fact", "track", "proof", "ack", "route", "command", "conditions"] = "fact"


AnyNetworkFault = (
    LinkLoss
    | AsymmetricLoss
    | HalfOpen
    | Delay
    | Reordering
    | Duplication
    | Damage
    | BrokerRestart
    | QueueOverflow
    | Poison
)
