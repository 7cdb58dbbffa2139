"""One autopilot on one link: its bytes to readings, orders to what it is told."""

from collections.abc import Mapping, Sequence

from edge.errors import RefusedError
from edge.messages.machines.autopilot import AutopilotPresence, MissionProgress
from edge.messages.machines.orders import AutopilotOrder, OrderAnswer
from firmware_bridge.mavlink.exchange.commands import Command, Commanding
from firmware_bridge.mavlink.exchange.exchange import Line
from firmware_bridge.mavlink.exchange.pace import Pace
from firmware_bridge.mavlink.exchange.plans import Board
from firmware_bridge.mavlink.orderbook import OrderBook
from firmware_bridge.mavlink.orders import Desk
from firmware_bridge.mavlink.router import Passed, Router
from firmware_bridge.mavlink.vehicle.acquaintance import Acquaintance
from firmware_bridge.mavlink.vehicle.heartbeat import (
    BEAT_S,
    COMPONENT,
    LIVENESS,
    Peers,
    our_beat,
)
from firmware_bridge.mavlink.vehicle.streams import USUAL_HZ, Streams
from firmware_bridge.mavlink.vehicle.telemetry import Telemetry, Told
from firmware_bridge.mavlink.vehicle.timesync import TimeSync
from firmware_bridge.mavlink.wire.dialect import Message, mavlink
from firmware_bridge.mavlink.wire.frames import Frame, Framer, LinkCount
from firmware_bridge.mavlink.wire.outbox import Outbox
from firmware_bridge.mavlink.wire.signing import Signing

News = Told | OrderAnswer | Passed
FIRST_SYSTEM = 1  # until the vehicle's own is known
SHORTEST_WAIT_S = 0.5
HEARD = frozenset(
    number
    for number, kind in mavlink.mavlink_map.items()
    if kind.msgname.startswith(("MISSION_", "PARAM_", "COMMAND_ACK", "TIMESYNC", "AUTOPILOT_V"))
)
"""What the conversations wait for; the rest is decoded only if it is telemetry."""


class MavlinkSession:
    """Outlives its links: what is on board and what was answered is not forgotten with them."""

    def __init__(
        self,
        now_s: float,
        *,
        system: int | None = None,
        signing: Signing | None = None,
        datagrams: bool = False,
        rates_hz: Mapping[int, float] = USUAL_HZ,
        router: Router | None = None,
    ) -> None:
        """`system`: the only one to speak with; None: the first. `router`: shares the link."""
        self._signing = signing
        self._datagrams = datagrams
        self._router = router
        self._framer = Framer(datagrams=datagrams)
        self._outbox = Outbox(system or FIRST_SYSTEM, COMPONENT, signing)
        self._peers = Peers(system)
        self._telemetry = Telemetry(None)
        self._board = Board()
        self._met = Acquaintance()
        self._streams = Streams(rates_hz, silences=router is None)
        self._time = TimeSync(self._outbox.say, now_s)
        self._pace = Pace(SHORTEST_WAIT_S)
        self._news: list[News] = []
        self._orders = OrderBook(self._desk, self._news.append)
        self._missing: tuple[str, ...] = ()
        self._beat_s = now_s

    @property
    def count(self) -> LinkCount:
        """What the link delivered and lost."""
        return self._framer.count

    @property
    def clock(self) -> TimeSync:
        """The autopilot's clock beside ours."""
        return self._time

    @property
    def rates_hz(self) -> Mapping[int, float]:
        """How often each message came lately."""
        return self._streams.rates_hz

    @property
    def wake_at_s(self) -> float:
        """When something is due; at once while there are news."""
        if self._news:
            return 0.0
        due_s = min(self._beat_s, self._peers.wake_at_s)
        if self._peers.is_present:
            due_s = min(due_s, self._time.wake_at_s, self._streams.wake_at_s)
            if self._orders.is_quiet:
                due_s = min(due_s, self._met.wake_at_s)
        return min(due_s, self._orders.wake_at_s)

    def link_lost(self, now_s: float, why: str) -> Sequence[News]:
        """Begin anew on the next link: half frames and what waited for the old one are gone."""
        count = self._framer.count
        self._framer = Framer(datagrams=self._datagrams)
        self._framer.count = count
        self._outbox.clear()
        if self._peers.is_present:
            self._peers.lose()
            self._lost(now_s, why)
        return self._taken()

    def receive(self, data: bytes, now_s: float) -> Sequence[News]:
        """Take bytes, or a datagram; return what they tell."""
        for frame in self._framer.feed(data, now_s):
            if self._signing is None or self._signing.accepts(frame, now_s):
                self._take(frame, now_s)
        self._make_small_talk(now_s)
        return self._taken()

    def send(self, command: AutopilotOrder | Passed, now_s: float) -> None:
        """Take an order, or a frame of the ground station."""
        if isinstance(command, Passed):
            self._outbox.put(command.raw)
            return
        self._orders.begin(command, now_s)

    def wake(self, now_s: float) -> Sequence[News]:
        """Do what is due."""
        if now_s >= self._beat_s:
            self._outbox.say(our_beat(), now_s)
            self._beat_s = now_s + BEAT_S
        if self._peers.wake(now_s):
            self._lost(now_s, "no heartbeat")
        self._orders.wake(now_s)
        if self._peers.is_present:
            self._time.wake(now_s)
            self._streams.wake(now_s)
            self._make_small_talk(now_s)
        return self._taken()

    def outgoing(self) -> bytes:
        """Return the frames of the next datagram."""
        return self._outbox.take()

    def _taken(self) -> list[News]:
        news = self._news.copy()
        self._news.clear()
        return news

    def _take(self, frame: Frame, now_s: float) -> None:
        if frame.source == (self._outbox.system, COMPONENT):
            return  # our own words, come back
        if self._router is not None and self._router.passes_up(frame, now_s):
            self._news.append(Passed(frame.raw))
        self._peers.heard_from(frame.source, now_s)
        if frame.message_id in LIVENESS:
            message = frame.decode()
            if self._peers.heard(frame, message, now_s):
                self._found(now_s)
        elif frame.source != self._peers.address:
            return
        elif frame.message_id in HEARD or frame.message_id in self._telemetry.wanted_ids:
            message = frame.decode()
        else:
            self._streams.heard(frame.message_id)
            return
        if frame.source == self._peers.address:
            self._hear(message, now_s)

    def _hear(self, message: Message, now_s: float) -> None:
        """Hear a message of our autopilot: its state first, for those who wait to see it."""
        number = message.get_msgId()
        self._streams.heard(number)
        if number == mavlink.MAVLINK_MSG_ID_TIMESYNC:
            if self._time.take(message, now_s, self._pace):
                self._restarted(now_s)
            return
        boots = self._telemetry.boots
        self._news.extend(self._telemetry.take(message, now_s))
        if self._telemetry.boots != boots:
            self._restarted(now_s)
        if self._met.take(message):
            self._tell_presence(now_s)
        if self._is_for_us(message):
            self._orders.take(message, now_s)

    def _is_for_us(self, message: Message) -> bool:
        """Tell answers to us from those to a ground station on the same link."""
        system = getattr(message, "target_system", 0)
        component = getattr(message, "target_component", 0)
        return system in (0, self._outbox.system) and component in (0, COMPONENT)

    def _found(self, now_s: float) -> None:
        assert self._peers.address is not None, "found without an address"
        manner = self._peers.manner
        self._outbox.system = self._peers.address[0]
        # It may have begun anew meanwhile, or be another: what is on board must be read again.
        self._board.doubt_all()
        if self._telemetry.manner is not manner:
            self._telemetry = Telemetry(manner)
            self._pace = Pace(manner.shortest_wait_s if manner else SHORTEST_WAIT_S)
        self._streams.begin(now_s)
        self._met.begin(now_s)
        self._tell_presence(now_s)

    def _lost(self, now_s: float, why: str) -> None:
        self._telemetry.forget()
        self._streams.stop()
        self._met.stop()
        self._tell_presence(now_s, why)
        self._news.append(MissionProgress(received_s=now_s, part=None))

    def _restarted(self, now_s: float) -> None:
        """Doubt what was on board, it may not have been stored; ask for everything anew."""
        self._board.doubt_all()
        self._telemetry.forget()
        self._news.append(MissionProgress(received_s=now_s, part=None))
        self._orders.restarted(now_s)
        self._streams.begin(now_s)
        self._met.begin(now_s)
        self._tell_presence(now_s, "it started anew", restarted=True)

    def _tell_presence(self, now_s: float, why: str = "", *, restarted: bool = False) -> None:
        manner = self._peers.manner
        self._missing = self._met.missing + self._streams.short
        self._news.append(
            AutopilotPresence(
                received_s=now_s,
                present=self._peers.is_present,
                system=self._outbox.system,
                manner=manner.name if manner else "",
                version=self._met.version,
                capabilities=self._met.capabilities,
                missing=self._missing,
                why=why if manner else "neither ArduPilot nor PX4 of a kind we drive",
                restarted=restarted,
            )
        )

    def _make_small_talk(self, now_s: float) -> None:
        """Ask for streams, version and home while nothing else is to be said."""
        if not self._peers.is_present:
            return
        while self._orders.is_quiet:
            command = self._streams.next_command() or self._met.next_command(now_s)
            if command is None:
                break
            self._ask_aside(command, now_s)
        if self._missing != self._met.missing + self._streams.short:
            self._tell_presence(now_s)

    def _ask_aside(self, command: Command, now_s: float) -> None:
        line, texts = self._line(), self._telemetry.texts_since
        self._orders.ask_aside(lambda: Commanding(line, (command,), texts), now_s)

    def _line(self) -> Line:
        assert self._peers.address is not None, "nobody to talk to"
        return Line(*self._peers.address, self._outbox.say, self._pace)

    def _desk(self) -> Desk:
        """Return what an order may look at. Raises RefusedError while there is nobody."""
        manner = self._peers.manner
        if self._peers.address is None or manner is None:
            raise RefusedError("there is no autopilot that we know")
        return Desk(
            line=self._line(),
            manner=manner,
            telemetry=self._telemetry,
            board=self._board,
            capabilities=self._met.capabilities,
        )
