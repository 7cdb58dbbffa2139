"""What came in, coming in again: the daemon's three seams, fed from a tape at its instants."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

import msgspec

from edge.driver.desk import Desk
from edge.errors import LinkError, StoreError
from edge.executor.replanning.planning import Search
from edge.messages.commands import AnyDriverAction
from edge.planner.plan import Made
from edge.record import entries as said
from edge.record.tape import Tape
from edge.uplink.port import Will
from sim.virtual_time import VirtualTimeLoop

MOST_ROUNDS = 60  # of one instant that are counted; later ones are of crowds that are not here

E = TypeVar(
    "E",
    said.Opened | said.NotOpened,
    said.Connected | said.NotConnected,
    said.Came,
    said.Message | said.Lost,
    said.Searched,
)
_made = msgspec.json.Decoder(Made)

_actions = msgspec.json.Decoder(AnyDriverAction)


class Feed:
    """One life's tape; whatever is not on it never comes."""

    def __init__(self, tape: Tape, loop: VirtualTimeLoop, *, deaf: bool = False) -> None:
        self.refused: list[tuple[float, str]] = []
        """What the desk answered no to, with when."""
        self._loop = loop
        self._opens: dict[str, deque[said.Opened | said.NotOpened]] = defaultdict(deque)
        self._connects: deque[said.Connected | said.NotConnected] = deque()
        self._came: dict[int, deque[said.Came]] = defaultdict(deque)
        self._heard: dict[int, deque[said.Message | said.Lost]] = defaultdict(deque)
        self._not_written: dict[tuple[int, int], said.NotWritten] = {}
        self._published: dict[tuple[int, int], said.Published] = {}
        self._searched: deque[said.Searched] = deque()
        self._acts: list[said.Acted | said.Attached] = []
        for entry in tape.entries:
            if not (deaf and isinstance(entry, said.Message) and _is_ack(entry.topic)):
                self._sort_in(entry)

    def _sort_in(self, entry: said.Entry) -> None:
        match entry:
            case said.Opened() | said.NotOpened():
                self._opens[entry.address].append(entry)
            case said.Connected() | said.NotConnected():
                self._connects.append(entry)
            case said.Came():
                self._came[entry.link].append(entry)
            case said.Message() | said.Lost():
                self._heard[entry.link].append(entry)
            case said.NotWritten():
                self._not_written[entry.link, entry.number] = entry
            case said.Published():
                self._published[entry.link, entry.number] = entry
            case said.Searched():
                self._searched.append(entry)
            case said.Acted() | said.Attached():
                self._acts.append(entry)

    @asynccontextmanager
    async def open_link(self, address: str) -> AsyncIterator["FedLink"]:
        """Open a device's link when it was opened. Raises LinkError when it was not."""
        found = await self._next(self._opens[address])
        if isinstance(found, said.NotOpened):
            raise LinkError(found.why)
        yield FedLink(self, found.link)

    @asynccontextmanager
    async def connect(
        self,
        _filters: tuple[str, ...],
        _will: Will | None,
    ) -> AsyncIterator["FedBroker"]:
        """Connect to the broker when it took us in. Raises LinkError when it did not."""
        found = await self._next(self._connects)
        if isinstance(found, said.NotConnected):
            raise LinkError(found.why)
        yield FedBroker(self, found.link)

    async def act(self, desk: Desk) -> None:
        """Do what the driver did, when he did it; for as long as there is something."""
        async with asyncio.TaskGroup() as tasks:
            for entry in self._acts:
                await self.until(entry.at_s, entry.round - 1)  # a task begins a round later
                tasks.create_task(self._act(desk, entry), name="driver")

    async def _act(self, desk: Desk, entry: said.Acted | said.Attached) -> None:
        try:
            if isinstance(entry, said.Attached):
                await desk.attach(entry.content, entry.media_type)
                return
            action = _actions.decode(entry.action)
            answer = await desk.act(action)
        except StoreError as error:
            self.refused.append((entry.at_s, str(error)))
            return
        if not answer.accepted:
            name = action.__struct_config__.tag
            self.refused.append((entry.at_s, f"{name}: {answer.why}"))

    async def search(self, _search: Search) -> Made:
        """Return how far the planner came in its time, when it did."""
        return _made.decode((await self._next(self._searched)).made)

    async def came(self, link: int) -> bytes:
        """Return the next bytes of a device, when they came."""
        return (await self._next(self._came[link])).content

    async def heard(self, link: int) -> tuple[str, bytes]:
        """Return the broker's next message. Raises LinkError when the connection was lost."""
        found = await self._next(self._heard[link])
        if isinstance(found, said.Lost):
            raise LinkError(found.why)
        return found.topic, found.payload

    async def published(self, link: int, number: int, qos: int) -> None:
        """Wait until the broker had taken a message. Raises LinkError when it did not."""
        found = self._published.get((link, number))
        if found is None:
            if qos > 0:
                await self._never()
            return
        await self.until(found.at_s, found.round)
        if found.why:
            raise LinkError(found.why)

    def written(self, link: int, number: int) -> None:
        """Take bytes for a device. Raises LinkError if it did not take them."""
        found = self._not_written.get((link, number))
        if found is not None:
            raise LinkError(found.why)

    async def until(self, at_s: float, turn: int) -> None:
        """Wait for a round of an instant; in its turn among those who wake in that round."""
        now_s, spins = self._loop.moment()
        turn = min(turn, MOST_ROUNDS)
        if at_s < now_s or (at_s == now_s and spins >= turn):
            return
        if at_s == now_s and spins == turn - 1:
            await asyncio.sleep(0)
            return
        due: asyncio.Future[None] = self._loop.create_future()

        def hop() -> None:
            if self._loop.moment()[1] >= turn - 1:
                if not due.done():
                    due.set_result(None)
            else:
                self._loop.call_soon(hop)

        self._loop.call_last_at(at_s, hop)
        await due

    async def _next(self, waiting: deque[E]) -> E:
        if not waiting:
            await self._never()
        found = waiting[0]
        await self.until(found.at_s, found.round)
        waiting.popleft()
        return found

    async def _never(self) -> None:
        await self._loop.create_future()


def _is_ack(topic: str) -> bool:
    return topic.endswith("/down/ack")


class FedLink:
    """A device's link, from the tape."""

    def __init__(self, feed: Feed, link: int) -> None:
        self._feed = feed
        self._link = link
        self._writes = 0

    async def read(self) -> bytes:
        """Return what came next; b"" once the link was gone."""
        return await self._feed.came(self._link)

    async def write(self, data: bytes) -> None:  # noqa: ARG002 (nobody is there to read it)
        """Take all bytes. Raises LinkError when the device took them no more."""
        self._writes += 1
        self._feed.written(self._link, self._writes)


class FedBroker:
    """A connection to the broker, from the tape."""

    def __init__(self, feed: Feed, link: int) -> None:
        self._feed = feed
        self._link = link
        self._number = 0

    async def publish(
        self,
        topic: str,  # noqa: ARG002 (as above)
        payload: bytes,  # noqa: ARG002
        *,
        qos: int,
        retained: bool = False,  # noqa: ARG002
    ) -> None:
        """Hand a message over. Raises LinkError when the connection was gone."""
        self._number += 1
        await self._feed.published(self._link, self._number, qos)

    async def messages(self) -> AsyncIterator[tuple[str, bytes]]:
        """Yield (topic, payload). Raises LinkError when the connection was gone."""
        while True:
            yield await self._feed.heard(self._link)
