"""The orders of one action, one after the other: given, answered, broken off."""

from dataclasses import dataclass

from edge.messages.machines.controller import ControllerOrder
from edge.messages.machines.orders import AutopilotOrder, OrderAnswer
from edge.pilot.craft import AnyOrder, Orders
from edge.streams import Mailbox


@dataclass(frozen=True, slots=True)
class Carried:
    """An action under way, and its orders that are still to be given."""

    number: int
    orders: tuple[AnyOrder, ...]
    broken: bool = False
    """The guard has stopped it before all of them were given."""


@dataclass(frozen=True, slots=True)
class Ended:
    """An action has been answered."""

    number: int
    done: bool
    why: str


class Carrying:
    """Between the pilot and the mailboxes of autopilot and controller."""

    def __init__(
        self, orders: Mailbox[AutopilotOrder], controller_orders: Mailbox[ControllerOrder]
    ) -> None:
        self._boxes = (orders, controller_orders)
        self._carried: dict[str, Carried] = {}

    def awaits(self, answer: OrderAnswer) -> bool:
        """Tell whether an answer is to an order of an action."""
        return answer.order_id in self._carried

    def forget(self) -> None:
        """Wait for no answer any more."""
        self._carried.clear()

    def give(self, number: int, orders: Orders) -> None:
        """Give the first order of an action; the others follow its answers."""
        self._carried.clear()
        steps: tuple[AnyOrder, ...] = (*orders.autopilot, *orders.controller)
        self._carried[steps[0].order_id] = Carried(number, steps[1:])
        self._send(steps[0])

    def order(self, orders: Orders) -> None:
        """Give orders that wait for no answer: those of a safe stop."""
        for order in (*orders.autopilot, *orders.controller):
            self._send(order)

    def answered(self, answer: OrderAnswer) -> Ended | None:
        """Take an answer: the next order goes out, or the action has ended."""
        carried = self._carried.pop(answer.order_id, None)
        if carried is None:
            return None
        done = answer.result == "done" and not carried.broken
        if done and carried.orders:
            following = carried.orders[0]
            self._carried[following.order_id] = Carried(carried.number, carried.orders[1:])
            self._send(following)
            return None
        return Ended(carried.number, done, "" if done else answer.why or answer.result)

    def break_off(self) -> None:
        """Give no other order of an action in several; what was being loaded goes on."""
        for name, carried in self._carried.items():
            if carried.orders:
                self._carried[name] = Carried(carried.number, (), broken=True)

    def _send(self, order: AnyOrder) -> None:
        autopilot, controller = self._boxes
        if isinstance(order, ControllerOrder):
            controller.put(order)
        else:
            autopilot.put(order)
