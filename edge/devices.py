"""What passes between the daemon and its devices: their words, and what it lends them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from edge.messages.machines.autopilot import AutopilotReading
from edge.messages.machines.orders import AutopilotOrder, OrderAnswer
from edge.messages.readings import Reading
from edge.streams import Mailbox

MOST_ORDERS = 32  # as many as the link's own box takes

AutopilotWord = AutopilotReading | OrderAnswer
Word = Reading | AutopilotWord


@dataclass(frozen=True, slots=True, kw_only=True)
class Lent:
    """The daemon's memory for what a device must not forget, and its orders for the devices."""

    recall: Callable[[str], bytes | None]
    """Return a blob as of the last commit."""
    keep: Callable[[str, bytes], Awaitable[None]]
    """Make a blob durable. Raises StoreError."""
    orders: Mailbox[AutopilotOrder]
    """For the autopilot, each cleared by the guard."""


def new_orders() -> Mailbox[AutopilotOrder]:
    """Return an empty box for the autopilot's orders."""
    return Mailbox("orders for the autopilot", MOST_ORDERS)
