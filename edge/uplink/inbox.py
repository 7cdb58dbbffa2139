"""The orders of the station: genuine ones once and in order, each acknowledged when done."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from edge.clock import Clock
from edge.errors import StoreError
from edge.handover.proof import SigningKey, VerifyingKey
from edge.messages.broker.stream import Ack
from edge.messages.commands import Command
from edge.messages.facts import CommandRefused, Fact
from edge.streams import Latest, Mailbox
from edge.uplink.acks import seal_ack
from edge.uplink.orders import Forged, Genuine, Unreadable, expired, judge
from edge.uplink.outbox import FactOutbox
from edge.uplink.port import BrokerLink
from edge.uplink.stream.receiver import KEPT_EPOCHS, Receiver
from edge.uplink.stream.sender import WINDOW

log = logging.getLogger(__name__)

ACK_AGAIN_S = 600.0  # so that a station that was told wrong hears what is right
FORGED_TOLD_EVERY_S = 600.0  # one fact tells of many: forging must not fill the store

OnOrder = Callable[[Command, bytes], Awaitable[object]]
"""Carry an order out (or refuse it by a fact) and commit that with `received=(epoch, seq)`
before returning."""
OnRefused = Callable[[Fact, tuple[str, int] | None], Awaitable[object]]
"""Commit the fact, with the position if there is one, before returning."""


class Inbox:
    """Between the broker and whoever carries orders out."""

    def __init__(
        self,
        facts: FactOutbox,
        *,
        vehicle: str,
        key: SigningKey,
        keys: Sequence[VerifyingKey],
        clock: Clock,
        on_order: OnOrder,
        on_refused: OnRefused,
    ) -> None:
        self._receiver: Receiver[Genuine | Unreadable] = Receiver("command", facts.received())
        self._vehicle = vehicle
        self._key = key
        self._keys = tuple(keys)
        self._clock = clock
        self._on_order = on_order
        self._on_refused = on_refused
        # What is delivered and not committed stays within the window of each epoch.
        self._delivered: Mailbox[tuple[str, int, Genuine | Unreadable]] = Mailbox(
            "orders", KEPT_EPOCHS * WINDOW
        )
        self._acks = Latest[Ack]()
        self._forged = 0
        self._forged_told_s = float("-inf")

    async def offer(self, sealed: bytes) -> None:
        """Take the bytes of one order as they came."""
        judged = judge(sealed, vehicle=self._vehicle, keys=self._keys)
        if isinstance(judged, Forged):
            await self._tell_forged(judged)
            return
        if isinstance(judged, Genuine):
            epoch, seq = judged.command.epoch, judged.command.seq
        else:
            epoch, seq = judged.epoch, judged.seq
        offer = self._receiver.offer(epoch, seq, judged)
        if offer.new_epoch:
            log.warning("station began a new command stream", extra={"epoch": epoch})
        for number, item in offer.deliver:
            self._delivered.put((epoch, number, item))
        self._acks.set(self._receiver.ack(epoch))

    async def work(self) -> None:
        """Carry orders out one after another, for ever, whether the broker is there or not."""
        while True:
            epoch, seq, item = await self._delivered.get()
            if seq != self._receiver.upto(epoch) + 1:
                continue  # an order before it could not be kept: the station sends both again
            try:
                await self._carry_out(epoch, seq, item)
            except StoreError:
                log.exception("order not kept, waiting for it again", extra={"seq": seq})
                self._receiver.rewind()
                continue
            self._receiver.committed(epoch, seq)
            self._acks.set(self._receiver.ack(epoch))

    async def acknowledge(self, link: BrokerLink, topic: str) -> None:
        """Tell the station what has been committed, over one connection, at once and again."""
        version = 0
        if self._receiver.epoch:
            self._acks.set(self._receiver.ack(self._receiver.epoch))
        while True:
            again = asyncio.timeout(ACK_AGAIN_S if self._receiver.epoch else None)
            try:
                async with again:
                    version, ack = await self._acks.newer_than(version)
            except TimeoutError:
                ack = self._receiver.ack(self._receiver.epoch)
            sealed = seal_ack(ack, vehicle=self._vehicle, key=self._key)
            await link.publish(topic, sealed, qos=1)

    async def _carry_out(self, epoch: str, seq: int, item: Genuine | Unreadable) -> None:
        if isinstance(item, Unreadable):
            log.warning("order not understood", extra={"seq": seq, "why": item.told.why})
            await self._on_refused(item.told, (epoch, seq))
            return
        refusal = expired(item.command, self._clock.utc(), self._clock.source)
        if refusal is not None:
            log.warning("order refused", extra={"seq": seq, "why": refusal.reason})
            await self._on_refused(refusal, (epoch, seq))
            return
        await self._on_order(item.command, item.sealed)

    async def _tell_forged(self, forged: Forged) -> None:
        self._forged += 1
        now_s = self._clock.now_s()
        if now_s - self._forged_told_s < FORGED_TOLD_EVERY_S:
            return
        log.warning("forged order", extra={"why": forged.why, "count": self._forged})
        reason = f"{forged.why} ({self._forged} so far)"
        self._forged_told_s = now_s
        told = CommandRefused(order="unknown", command_seq=0, reason=reason)
        try:
            await self._on_refused(told, None)
        except StoreError:
            log.exception("forged order not told")
