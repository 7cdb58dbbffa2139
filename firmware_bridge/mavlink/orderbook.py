"""Orders from their arrival to their answer; the same order is never carried out twice."""

from collections import OrderedDict
from collections.abc import Callable

from edge.messages.machines import orders
from edge.messages.machines.orders import AutopilotOrder, OrderAnswer
from firmware_bridge.mavlink.exchange.exchange import Ended, Exchange
from firmware_bridge.mavlink.exchange.numbers import problems_of
from firmware_bridge.mavlink.exchange.params import Reading
from firmware_bridge.mavlink.lanes import Lane
from firmware_bridge.mavlink.orders import Desk, exchange_for
from firmware_bridge.mavlink.wire.dialect import Message

MOST_ANSWERS = 256
URGENT = frozenset({"hold", "return", "land"})
PLANS = (orders.LoadPlan, orders.CheckPlan)
PARAMETERS = (orders.CheckParameters, orders.SetParameter)


class OrderBook:
    """Three lanes, what is open in them, and the answers that were given."""

    def __init__(
        self, desk: Callable[[], Desk], answered: Callable[[OrderAnswer], None]
    ) -> None:
        """`desk` is asked when an order's turn comes, and may raise RefusedError."""
        self._desk = desk
        self._answered = answered
        self._commands = Lane(self._ended)
        self._plans = Lane(self._ended)
        self._parameters = Lane(self._ended)
        self._lanes = (self._commands, self._plans, self._parameters)
        self._open: dict[str, AutopilotOrder] = {}
        self._answers: OrderedDict[str, OrderAnswer] = OrderedDict()

    @property
    def wake_at_s(self) -> float:
        """When a conversation wants to be woken."""
        return min(lane.wake_at_s for lane in self._lanes)

    @property
    def is_quiet(self) -> bool:
        """No command is under way."""
        return self._commands.is_idle

    def begin(self, order: AutopilotOrder, now_s: float) -> None:
        """Carry an order out when its turn comes, or answer as it was answered before."""
        name = order.order_id
        if name in self._answers:
            self._answered(self._answers[name])
            return
        if name in self._open:
            return
        self._open[name] = order
        lane = self._commands
        if isinstance(order, PLANS):
            lane = self._plans
        elif isinstance(order, PARAMETERS):
            lane = self._parameters
        is_urgent = isinstance(order, orders.ChangeMode) and order.mode in URGENT
        start = lane.overtake if is_urgent else lane.add
        start(name, lambda: exchange_for(order, self._desk()), now_s)

    def ask_aside(self, make: Callable[[], Exchange], now_s: float) -> None:
        """Ask for something that is no order, until an order comes."""
        self._commands.add("", make, now_s)

    def take(self, message: Message, now_s: float) -> None:
        """Hand a message of the autopilot to the conversations."""
        for lane in self._lanes:
            lane.take(message, now_s)

    def wake(self, now_s: float) -> None:
        """Let the conversations do what is due."""
        for lane in self._lanes:
            lane.wake(now_s)

    def restarted(self, now_s: float) -> None:
        """Load plans again, end all else: the autopilot has begun anew."""
        for lane in self._lanes:
            lane.restarted(now_s)

    def _ended(self, name: str, ended: Ended, exchange: Exchange | None, now_s: float) -> None:
        order = self._open.pop(name, None)
        if order is None:
            return
        problems: tuple[str, ...] = ()
        if isinstance(order, orders.CheckParameters) and isinstance(exchange, Reading):
            wanted = order.wanted or self._desk().manner.wanted
            problems = problems_of(wanted, exchange.values)
        answer = OrderAnswer(
            received_s=now_s,
            order_id=name,
            result=ended.result,
            why=ended.why,
            problems=problems,
        )
        self._answers[name] = answer
        if len(self._answers) > MOST_ANSWERS:
            self._answers.popitem(last=False)
        self._answered(answer)
