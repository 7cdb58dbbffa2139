"""The daemon's three seams as they are with somebody who listens in."""

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

from edge.driver.desk import Desk
from edge.errors import LinkError
from edge.messages.broker.wire import to_json
from edge.messages.commands import AnyDriverAction, Photo
from edge.messages.view import ActResult, DayView
from edge.record import entries as said
from edge.streams import Latest
from edge.uplink.port import BrokerLink


class Hear(Protocol):
    """Takes note of what came in at this moment."""

    def __call__(self, kind: "type[said.Entry]", *what: object, now: bool = False) -> None: ...


class ByteLink(Protocol):
    """A link as the devices' sessions use it."""

    async def read(self) -> bytes:
        """Return at least one byte, or b"" once the link is gone."""
        ...

    async def write(self, data: bytes) -> None:
        """Write all bytes. Raises LinkError when the link is gone."""
        ...


class HeardLink:
    """A device's link; what it says is written down."""

    def __init__(self, hear: Hear, number: int, link: ByteLink) -> None:
        self._hear = hear
        self._number = number
        self._link = link
        self._writes = 0

    async def read(self) -> bytes:
        content = await self._link.read()
        self._hear(said.Came, self._number, content)
        return content

    async def write(self, data: bytes) -> None:
        self._writes += 1
        number = self._writes
        try:
            await self._link.write(data)
        except LinkError as error:
            self._hear(said.NotWritten, self._number, number, str(error))
            raise


class HeardBroker:
    """A connection to the broker; what it says is written down."""

    def __init__(self, hear: Hear, number: int, link: BrokerLink) -> None:
        self._hear = hear
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
                self._hear(said.Published, self._number, number, why)

    async def messages(self) -> AsyncIterator[tuple[str, bytes]]:
        try:
            async for topic, payload in self._link.messages():
                self._hear(said.Message, self._number, topic, payload, now=True)
                yield topic, payload
        except LinkError as error:
            self._hear(said.Lost, self._number, str(error))
            raise


class HeardDesk:
    """The driver's desk; what he does is written down before it is done."""

    def __init__(self, hear: Hear, desk: Desk) -> None:
        self._hear = hear
        self._desk = desk

    @property
    def views(self) -> Latest[DayView]:
        return self._desk.views

    async def act(self, action: AnyDriverAction) -> ActResult:
        self._hear(said.Acted, to_json(action), now=True)
        return await self._desk.act(action)

    async def attach(self, content: bytes, media_type: str) -> Photo:
        self._hear(said.Attached, content, media_type, now=True)
        return await self._desk.attach(content, media_type)


def _cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
