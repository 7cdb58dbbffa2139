"""What passes between the daemon and its devices: their words, and what it lends them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from edge.messages.driving.signals import DriverSignal
from edge.messages.machines.autopilot import AutopilotReading
from edge.messages.machines.controller import ControllerOrder, ControllerWord
from edge.messages.machines.orders import AutopilotOrder, OrderAnswer
from edge.messages.machines.pavement import LookoutWord
from edge.messages.readings import Reading
from edge.messages.signals import DeviceAsleep, VehicleSignal
from edge.streams import Mailbox

MOST_ORDERS = 32  # as many as the link's own box takes

AutopilotWord = AutopilotReading | OrderAnswer
Word = (
    Reading
    | DriverSignal
    | AutopilotWord
    | VehicleSignal
    | DeviceAsleep
    | ControllerWord
    | LookoutWord
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lent:
    """The daemon's memory for what a device must not forget, and its orders for the devices."""

    recall: Callable[[str], bytes | None]
    """Return a blob as of the last commit."""
    keep: Callable[[str, bytes], Awaitable[None]]
    """Make a blob durable. Raises StoreError."""
    orders: Mailbox[AutopilotOrder]
    """For the autopilot, each cleared by the guard."""
    controller_orders: Mailbox[ControllerOrder] = field(
        default_factory=lambda: new_controller_orders()
    )
    """For lid, bolts, winch and wheels, each cleared by the guard."""


def new_orders() -> Mailbox[AutopilotOrder]:
    """Return an empty box for the autopilot's orders."""
    return Mailbox("orders for the autopilot", MOST_ORDERS)


def new_controller_orders() -> Mailbox[ControllerOrder]:
    """Return an empty box for the controller's orders."""
    return Mailbox("orders for the controller", MOST_ORDERS)
