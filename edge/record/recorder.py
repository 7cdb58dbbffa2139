"""Writes down what comes in through the daemon's three seams: links, broker, page.

It never stands in the way: when the disk takes nothing more, or the bound is reached, it stops
and says so, and the daemon works on.
"""

import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from math import inf
from pathlib import Path
from random import Random
from typing import Literal

import msgspec

from edge.clock import Clock
from edge.config import Config
from edge.driver.desk import Desk
from edge.errors import LinkError
from edge.executor.replanning.planning import Search, Searching, in_worker
from edge.handover.proof import SigningKey
from edge.messages.broker.wire import to_json
from edge.planner.plan import Made
from edge.record import entries as said
from edge.record.heard import ByteLink, HeardBroker, HeardDesk, HeardLink
from edge.record.seal import SALT_B, Label
from edge.record.shelf import NEVER_FULL, Shelf
from edge.record.tape import PIECE_B, TapeWriter
from edge.uplink.port import BrokerLink, Connect, Will

log = logging.getLogger(__name__)

DAY_S = 86_400.0
STORE_FILES = ("facts.db", "facts.db-wal", "track.db", "track.db-wal")
Moment = Callable[[], tuple[float, int]]
"""Tells the loop's time, and the round of the loop at that time."""


OpenLink = Callable[[str], AbstractAsyncContextManager[ByteLink]]


class Recorder:
    """The tape of one life; made before the daemon opens its store."""

    def __init__(self, shelf: Shelf, moment: Moment) -> None:
        """Prepare; nothing is written before `begin`."""
        self._shelf = shelf
        self._moment = moment
        self._tape: TapeWriter | None = None
        self._bound_b = NEVER_FULL
        self._until_s = inf
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

        `key` is the vehicle's, with which alone it can be read. A shelf of no days takes none.
        """
        if self._shelf.days == 0:
            return
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
            store={},
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
            self._until_s = at_s + self._shelf.days * DAY_S
        except OSError as error:
            log.warning("nothing is recorded", extra={"why": str(error)})
            return
        self._note(begun)
        for name in STORE_FILES:
            self._keep(store / name)

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
                yield HeardLink(self.heard, number, link)

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
                yield HeardBroker(self.heard, number, link)

        return connect_recorded

    def at_desk(self, desk: Desk) -> Desk:
        """Return the desk at which every press of a button is written down."""
        return HeardDesk(self.heard, desk)

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

    def _keep(self, file: Path) -> None:
        """Put a file of the store on the tape, a part at a time: it may be large."""
        if not file.exists():
            return
        with file.open("rb") as store:
            part = store.read(PIECE_B)
            self.heard(said.StorePart, file.name, part, now=True)
            while part := store.read(PIECE_B):
                self.heard(said.StorePart, file.name, part, now=True)

    def _note(self, entry: said.Entry, *, now: bool = False) -> None:
        if self._tape is None:
            return
        try:
            self._tape.add(entry, now=now)
            if self._tape.size_b > self._bound_b or entry.at_s > self._until_s:
                log.warning(
                    "recording stopped at its bound", extra={"bytes": self._tape.size_b}
                )
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


def config_of(begun: said.Begun) -> Config:
    """Return the configuration of a recorded life."""
    return msgspec.json.decode(begun.config, type=Config)
