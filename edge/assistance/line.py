"""The line between a person at the station and a robot: words in, pulses out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from edge.assistance.lease import Helped, HelperWord, Lease, RefusedError
from edge.clock import VOUCHED, Clock
from edge.errors import PeerError, StoreError
from edge.handover.proof import SigningKey
from edge.messages.broker.wire import from_json
from edge.messages.facts import AssistanceRefused, Fact
from edge.messages.geo import Place
from edge.messages.machines.assistance import HelpAnswer, HelpWord
from edge.streams import Mailbox
from edge.uplink.port import BrokerLink

log = logging.getLogger(__name__)

ANSWER_S = 0.4  # from one pulse to the next: two may be lost and a beat still counts
AFTER_S = 2.0  # so long it goes on saying why it is over
REFUSED_TOLD_EVERY_S = 60.0  # the same no is one fact; forging must not fill the store
MOST_REFUSALS = 16


@dataclass(frozen=True, slots=True)
class Stand:
    """What the person is shown of the robot."""

    phase: str
    helped: Helped
    refused: str = ""
    """Why it does not go where it was steered."""
    place: Place | None = None
    heading_deg: float | None = None
    speed_mps: float | None = None


class HelpLine:
    """Of one robot; lives as long as the daemon, over many connections."""

    def __init__(
        self,
        lease: Lease,
        vehicle: str,
        *,
        key: SigningKey,
        clock: Clock,
        stand: Callable[[], Stand],
        hear: Callable[[HelperWord], None],
        record: Callable[[Fact], Awaitable[object]],
    ) -> None:
        """`hear` takes the words as if the lookout had said them; `stand` is how it stands."""
        self._lease = lease
        self._vehicle = vehicle
        self._key = key
        self._clock = clock
        self._stand = stand
        self._hear = hear
        self._record = record
        self._wanted = asyncio.Event()
        self._until_s = float("-inf")
        """Until when somebody listens to its pulses, if no session is open."""
        self._refused = ("", "")
        self._told: dict[str, float] = {}
        self._refusals: Mailbox[AssistanceRefused] = Mailbox("refused help", MOST_REFUSALS)

    def offer(self, sealed: bytes) -> None:
        """Take the bytes of a word as they came."""
        now_s, stand = self._clock.now_s(), self._stand()
        try:
            words = self._lease.take(
                sealed,
                stand.helped,
                now_s,
                self._clock.utc(),
                vouched=self._clock.source in VOUCHED,
            )
        except RefusedError as error:
            word = from_json(sealed, HelpWord)  # it was read before it was refused
            self._refused = (str(error), word.session)
            self._refuse(word.operator, str(error), now_s)
        except PeerError as error:
            self._refuse("", str(error), now_s)
            return
        else:
            for one in words:
                self._hear(one)
        self._until_s = now_s + AFTER_S
        self._wanted.set()

    async def run(self, link: BrokerLink, topic: str) -> None:
        """Say pulses over one connection, while somebody listens."""
        while True:
            await self._wanted.wait()
            now_s, stand = self._clock.now_s(), self._stand()
            was = self._lease.held
            self._lease.look(stand.helped, now_s)
            if self._lease.held is not None or was is not None:
                self._until_s = now_s + AFTER_S
            await link.publish(topic, self._answer(stand, now_s), qos=0)
            if now_s >= self._until_s:
                self._wanted.clear()
            await asyncio.sleep(ANSWER_S)

    async def tell(self) -> None:
        """Make facts of whom it did not let in, for ever."""
        while True:
            fact = await self._refusals.get()
            try:
                await self._record(fact)
            except StoreError:
                log.exception("refused help not told")

    def _answer(self, stand: Stand, now_s: float) -> bytes:
        lease = self._lease
        open_one = lease.held
        shown = open_one or lease.last
        refused, refused_session = self._refused
        if stand.refused and open_one is not None:
            refused, refused_session = stand.refused, open_one.session
        return self._key.seal(
            HelpAnswer(
                vehicle=self._vehicle,
                pulse=lease.pulse(now_s),
                utc=self._clock.utc(),
                phase=stand.phase,
                session=shown.session if shown else "",
                operator=open_one.operator if open_one else stand.helped.operator,
                seq=shown.seq if shown else 0,
                left_s=round(open_one.until_s - now_s, 1) if open_one else 0.0,
                ended=lease.ended,
                refused=refused,
                refused_session=refused_session,
                place=stand.place,
                heading_deg=stand.heading_deg,
                speed_mps=stand.speed_mps,
                key_id=self._key.key_id,
            )
        )

    def _refuse(self, operator: str, why: str, now_s: float) -> None:
        """Have it recorded; the same again only after a while, and late beats not at all."""
        log.info("help not taken", extra={"why": why})
        if not operator and not why.startswith(("not signed", "addressed", "in the name")):
            return
        what = f"{operator}: {why.split()[0]}"  # how late it is differs each time
        told_s = self._told.get(what)
        if told_s is not None and now_s - told_s < REFUSED_TOLD_EVERY_S:
            return
        if len(self._refusals) < MOST_REFUSALS:
            self._told[what] = now_s
            while len(self._told) > MOST_REFUSALS:
                del self._told[next(iter(self._told))]
            self._refusals.put(AssistanceRefused(operator=operator, why=why[:200]))
