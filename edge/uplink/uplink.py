"""The vehicle's end of the network: lanes up, orders down, presence; stores keep working alone.

While the broker is away everything goes on being stored, and each lane starts again behind
its last acknowledgement when it is back.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from random import Random

import msgspec

from edge.clock import Clock
from edge.errors import LinkError, PeerError, StoreError
from edge.handover.proof import SigningKey, VerifyingKey
from edge.messages.broker.catalog import BY_NAME, filters, parse_topic, topic
from edge.messages.broker.stream import ProofChunk, TrackItem
from edge.messages.broker.wire import to_json, to_msgpack
from edge.messages.state import Backlog, Live, Status
from edge.streams import Latest
from edge.supervise import keep_alive
from edge.uplink.acks import read_ack
from edge.uplink.frames import Pace, fact_batches
from edge.uplink.inbox import Inbox, OnOrder, OnRefused
from edge.uplink.lane import Lane
from edge.uplink.live import Burst
from edge.uplink.outbox import FactOutbox, Outbox
from edge.uplink.port import BrokerLink, Connect, Side, Will

log = logging.getLogger(__name__)

GOODBYE_S = 2.0
UNBELIEVED_TOLD_EVERY_S = 60.0
PROOFS_UNDER_WAY = 16  # half a megabyte in memory, here and at the station


class Uplink:
    """Everything between the vehicle's stores and the broker."""

    def __init__(
        self,
        *,
        vehicle: str,
        org: str,
        facts: FactOutbox,
        track: Outbox[TrackItem],
        proofs: Outbox[ProofChunk],
        key: SigningKey,
        keys: Sequence[VerifyingKey],
        connect: Connect,
        clock: Clock,
        rng: Random,
        live: Latest[Live],
        status: Latest[Status],
        on_order: OnOrder,
        on_refused: OnRefused,
        burst: Burst | None = None,
    ) -> None:
        """Prepare; `status` is set before `run`.

        `key` is the vehicle's, `keys` are the station's; `burst` says when the position is
        shown more often.
        """
        self.online = False
        """A connection to the broker stands."""
        self._vehicle = vehicle
        self._org = org
        self._keys = tuple(keys)
        self._fact_outbox = facts
        self._connect = connect
        self._clock = clock
        self._rng = rng
        self._unbelieved = 0
        self._unbelieved_told_s = float("-inf")
        self._live = live
        self._live_version = 0
        self._burst = burst or Burst()
        self._status = status
        self._side: Side | None = None
        turn = asyncio.Lock()  # one large message at a time: the live position slips between
        pace = Pace()
        self._facts = Lane(
            "fact",
            self._topic("fact"),
            facts,
            frame=lambda events: fact_batches(events, pace.size_b),
            took=pace.took,
            clock=clock,
            turn=turn,
        )
        self._track = Lane(
            "track",
            self._topic("track"),
            track,
            frame=lambda items: [to_msgpack(item) for item in items],
            took=pace.took,
            clock=clock,
            turn=turn,
        )
        self._proofs = Lane(
            "proof",
            self._topic("proof"),
            proofs,
            frame=lambda chunks: [to_msgpack(chunk) for chunk in chunks],
            took=pace.took,
            clock=clock,
            turn=turn,
            window=PROOFS_UNDER_WAY,
        )
        self._inbox = Inbox(
            facts,
            vehicle=vehicle,
            key=key,
            keys=keys,
            clock=clock,
            on_order=on_order,
            on_refused=on_refused,
        )

    def attend(self, side: Side) -> None:
        """Carry the words between a robot and who helps it, too."""
        self._side = side

    @property
    def alarms(self) -> tuple[str, ...]:
        """What a person must know now."""
        lanes = (self._facts, self._track, self._proofs)
        silent = [lane.sender.stream for lane in lanes if lane.silent]
        told = [lane.alarm for lane in lanes if lane.alarm]
        if silent:
            told.append(f"the station does not acknowledge: {', '.join(silent)}")
        return tuple(told)

    @property
    def resent(self) -> int:
        """How many facts were sent more than once since the start."""
        return self._facts.sender.resent

    def backlog(self) -> Backlog:
        """Return what waits on board for the station's acknowledgement."""
        return Backlog(
            facts=self._facts.backlog, track=self._track.backlog, proof=self._proofs.backlog
        )

    async def run(self) -> None:
        """Keep connected until cancelled; everything but a lost link ends it."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._inbox.work(), name="orders")
            for lane in (self._facts, self._track, self._proofs):
                group.create_task(lane.follow(), name=f"follow {lane.sender.stream}")
            group.create_task(keep_alive("uplink", self._session, self._rng), name="uplink")

    async def _session(self) -> None:
        will = Will(self._topic("status"), self._offline(None))
        async with self._connect(filters(self._org, "down", self._vehicle), will) as link:
            self.online = True
            log.info("broker connected")
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._listen(link), name="listen")
                    group.create_task(self._show_status(link), name="status")
                    group.create_task(self._show_live(link), name="live")
                    group.create_task(
                        self._inbox.acknowledge(link, self._topic("up_ack")), name="acks"
                    )
                    if self._side is not None:
                        saying = self._side.run(link, self._topic("helped"))
                        group.create_task(saying, name="help")
                    for lane in (self._facts, self._track, self._proofs):
                        group.create_task(lane.run(link), name=f"{lane.sender.stream} lane")
            except asyncio.CancelledError:
                await self._say_goodbye(link)
                raise
            finally:
                self.online = False

    async def _listen(self, link: BrokerLink) -> None:
        async for name, payload in link.messages():
            parsed = parse_topic(name)
            if parsed is None or parsed[1] != self._vehicle:
                continue
            row = parsed[2]
            if row.lane == "ack":
                await self._on_ack(payload)
            elif row.lane == "command":
                await self._inbox.offer(payload)
            elif row.lane == "help" and self._side is not None:
                self._side.offer(payload)
        raise LinkError("the broker has ended the stream of messages")

    async def _on_ack(self, payload: bytes) -> None:
        try:
            ack = read_ack(
                payload,
                vehicle=self._vehicle,
                keys=self._keys,
                sealed_only=self._fact_outbox.acks_are_sealed,
            )
        except PeerError as error:
            self._tell_unbelieved(error)
            return
        if ack.signature and not self._fact_outbox.acks_are_sealed:
            try:
                await self._fact_outbox.expect_sealed_acks()
            except StoreError:
                log.exception("not kept that the station signs acknowledgements")
        for lane in (self._facts, self._track, self._proofs):
            if lane.sender.stream == ack.stream:
                await lane.on_ack(ack)

    def _tell_unbelieved(self, error: PeerError) -> None:
        """Log the first and then one in a while: forging must not fill the log."""
        self._unbelieved += 1
        now_s = self._clock.now_s()
        if now_s - self._unbelieved_told_s >= UNBELIEVED_TOLD_EVERY_S:
            self._unbelieved_told_s = now_s
            told = {"why": str(error), "count": self._unbelieved}
            log.warning("acknowledgement not believed", extra=told)

    async def _show_live(self, link: BrokerLink) -> None:
        """Publish the newest position, and none twice: after a block nothing leaks again."""
        usual_s = 1.0 / (BY_NAME["live"].rate_hz or 1.0)
        while True:
            self._live_version, live = await self._live.newer_than(self._live_version)
            await link.publish(self._topic("live"), to_json(live), qos=0)
            await asyncio.sleep(self._burst.every_s(usual_s, self._clock.now_s()))

    async def _show_status(self, link: BrokerLink) -> None:
        version = 0
        while True:
            version, status = await self._status.newer_than(version)
            await link.publish(self._topic("status"), to_json(status), qos=1, retained=True)

    async def _say_goodbye(self, link: BrokerLink) -> None:
        """Take the presence back: a clean end makes the broker forget the last will."""
        gone = self._offline(self._clock.utc())
        try:
            async with asyncio.timeout(GOODBYE_S):
                await link.publish(self._topic("status"), gone, qos=1, retained=True)
        except (LinkError, TimeoutError) as error:
            log.info("no goodbye", extra={"why": str(error)})

    def _offline(self, utc: datetime | None) -> bytes:
        status = self._status.value
        assert status is not None, "the status is set before run"
        return to_json(msgspec.structs.replace(status, state="offline", utc=utc))

    def _topic(self, name: str) -> str:
        return topic(self._org, self._vehicle, name)
