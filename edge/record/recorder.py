"""Writes down what comes in through the daemon's three seams: links, broker, page.

It never stands in the way: when the disk takes nothing more, or the bound is reached, it stops
and says so, and the daemon works on.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random
from typing import Literal, Protocol

import msgspec

from edge.clock import Clock
from edge.config import Config
from edge.driver.desk import Desk
from edge.errors import LinkError
from edge.executor.replanning.planning import Search, Searching, in_worker
from edge.handover.proof import SigningKey
from edge.messages.broker.wire import to_json
from edge.messages.commands import AnyDriverAction, Photo
from edge.messages.view import ActResult, DayView
from edge.planner.plan import Made
from edge.record import entries as said
from edge.record.seal import SALT_B, Label
from edge.record.shelf import NEVER_FULL, Shelf
from edge.record.tape import TapeWriter
from edge.streams import Latest
from edge.uplink.port import BrokerLink, Connect, Will

log = logging.getLogger(__name__)

STORE_FILES = ("facts.db", "facts.db-wal", "track.db", "track.db-wal")
Moment = Callable[[], tuple[float, int]]
"""Tells the loop's time, and the round of the loop at that time."""


class ByteLink(Protocol):
    """A link as the devices' sessions use it."""

    async def read(self) -> bytes:
        """Return at least one byte, or b"" once the link is gone."""
        ...

    async def write(self, data: bytes) -> None:
        """Write all bytes. Raises LinkError when the link is gone."""
        ...


OpenLink = Callable[[str], AbstractAsyncContextManager[ByteLink]]


class Recorder:
    """The tape of one life; made before the daemon opens its store."""

    def __init__(self, shelf: Shelf, moment: Moment) -> None:
        """Prepare; nothing is written before `begin`."""
        self._shelf = shelf
        self._moment = moment
        self._tape: TapeWriter | None = None
        self._bound_b = NEVER_FULL
        self._links = 0

    def begin(
        self,
        config: Config,
        folder: Path,
        clock: Clock,
        rng: Random,
        *,
        key: SigningKey,
        version: str,
    ) -> None:
        """Begin the tape of a life that starts now, on the store as it stands.

        `key` is the vehicle's, with which alone it can be read.
        """
        store = folder / config.store.folder
        at_s, turn = self._moment()
        begun = said.Begun(
            format=said.FORMAT,
            version=version,
            vehicle=config.vehicle.name,
            at_s=at_s,
            round=turn,
            utc=clock.utc(),
            source=clock.source,
            chance=rng.getstate()[1],
            config=to_json(config),
            folder=str(folder.resolve()),
            store=_contents(store),
        )
        label = Label(
            version=version,
            vehicle=begun.vehicle,
            folder=begun.folder,
            key_file=config.keys.signing_key_file,
            key_id=key.key_id,
            salt=os.urandom(SALT_B),  # no chance of the day: nothing but the tape depends on it
        )
        try:
            path, self._bound_b = self._shelf.place(clock.utc())
            self._tape = TapeWriter(path, label, key)
        except OSError as error:
            log.warning("nothing is recorded", extra={"why": str(error)})
            return
        self._note(begun, now=True)

    def end(self, how: Literal["stopped", "killed"]) -> None:
        """End the tape: what comes now, nobody hears."""
        if self._tape is not None:
            self._note(said.Ended(*self._moment(), how), now=True)
        self._close()

    def opening(self, open_link: OpenLink) -> OpenLink:
        """Return how to open links whose bytes are written down."""

        @asynccontextmanager
        async def open_recorded(address: str) -> AsyncIterator[ByteLink]:
            self._links += 1
            number = self._links
            async with AsyncExitStack() as stack:
                try:
                    link = await stack.enter_async_context(open_link(address))
                except LinkError as error:
                    self.heard(said.NotOpened, address, str(error))
                    raise
                self.heard(said.Opened, number, address)
                yield _HeardLink(self, number, link)

        return open_recorded

    def connecting(self, connect: Connect) -> Connect:
        """Return how to connect to a broker whose messages are written down."""

        @asynccontextmanager
        async def connect_recorded(
            filters: tuple[str, ...], will: Will | None
        ) -> AsyncIterator[BrokerLink]:
            self._links += 1
            number = self._links
            async with AsyncExitStack() as stack:
                try:
                    link = await stack.enter_async_context(connect(filters, will))
                except LinkError as error:
                    self.heard(said.NotConnected, str(error))
                    raise
                self.heard(said.Connected, number)
                yield _HeardBroker(self, number, link)

        return connect_recorded

    def at_desk(self, desk: Desk) -> Desk:
        """Return the desk at which every press of a button is written down."""
        return _HeardDesk(self, desk)

    def searching(self, config: Config) -> Searching:
        """Return how to search for a plan; what was found by the clock is written down."""
        if config.planner.max_iterations is not None:
            return in_worker

        async def search_recorded(search: Search) -> Made:
            made = await in_worker(search)
            self.heard(said.Searched, msgspec.json.encode(made))
            return made

        return search_recorded

    def heard(self, kind: Callable[..., said.Entry], *what: object, now: bool = False) -> None:
        """Write down what came in at this moment."""
        if self._tape is not None:
            self._note(kind(*self._moment(), *what), now=now)

    def _note(self, entry: said.Entry, *, now: bool = False) -> None:
        if self._tape is None:
            return
        try:
            self._tape.add(entry, now=now)
            if self._tape.size_b > self._bound_b:
                log.warning("recording stopped at its bound", extra={"bytes": self._bound_b})
                self._tape.add(said.Ended(*self._moment(), "full"), now=True)
                self._close()
        except OSError as error:
            log.warning("recording stopped", extra={"why": str(error)})
            self._close()

    def _close(self) -> None:
        tape, self._tape = self._tape, None
        if tape is None:
            return
        try:
            tape.close()
        except OSError as error:
            log.warning("the end of the recording is lost", extra={"why": str(error)})


class _HeardLink:
    """A device's link; what it says is written down."""

    def __init__(self, recorder: Recorder, number: int, link: ByteLink) -> None:
        self._recorder = recorder
        self._number = number
        self._link = link
        self._writes = 0

    async def read(self) -> bytes:
        content = await self._link.read()
        self._recorder.heard(said.Came, self._number, content)
        return content

    async def write(self, data: bytes) -> None:
        self._writes += 1
        number = self._writes
        try:
            await self._link.write(data)
        except LinkError as error:
            self._recorder.heard(said.NotWritten, self._number, number, str(error))
            raise


class _HeardBroker:
    """A connection to the broker; what it says is written down."""

    def __init__(self, recorder: Recorder, number: int, link: BrokerLink) -> None:
        self._recorder = recorder
        self._number = number
        self._link = link
        self._published = 0

    async def publish(
        self, topic: str, payload: bytes, *, qos: int, retained: bool = False
    ) -> None:
        self._published += 1
        number, why = self._published, ""
        try:
            await self._link.publish(topic, payload, qos=qos, retained=retained)
        except LinkError as error:
            why = str(error)
            raise
        finally:
            if (qos > 0 and not _cancelled()) or why:
                self._recorder.heard(said.Published, self._number, number, why)

    async def messages(self) -> AsyncIterator[tuple[str, bytes]]:
        try:
            async for topic, payload in self._link.messages():
                self._recorder.heard(said.Message, self._number, topic, payload, now=True)
                yield topic, payload
        except LinkError as error:
            self._recorder.heard(said.Lost, self._number, str(error))
            raise


class _HeardDesk:
    """The driver's desk; what he does is written down before it is done."""

    def __init__(self, recorder: Recorder, desk: Desk) -> None:
        self._recorder = recorder
        self._desk = desk

    @property
    def views(self) -> Latest[DayView]:
        return self._desk.views

    async def act(self, action: AnyDriverAction) -> ActResult:
        self._recorder.heard(said.Acted, to_json(action), now=True)
        return await self._desk.act(action)

    async def attach(self, content: bytes, media_type: str) -> Photo:
        self._recorder.heard(said.Attached, content, media_type, now=True)
        return await self._desk.attach(content, media_type)


def _cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _contents(store: Path) -> dict[str, bytes]:
    return {
        name: (store / name).read_bytes() for name in STORE_FILES if (store / name).exists()
    }


def config_of(begun: said.Begun) -> Config:
    """Return the configuration of a recorded life."""
    return msgspec.json.decode(begun.config, type=Config)
