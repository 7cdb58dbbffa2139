"""The one loop that drives every session over a real or simulated link."""

import asyncio
import math
from collections.abc import Callable
from typing import TypeVar

from edge.clock import Clock
from edge.errors import LinkError
from edge.streams import Mailbox
from firmware_bridge.port import ByteLink
from firmware_bridge.session import Session

C = TypeVar("C")
R = TypeVar("R")

INBOX_PIECES = 32
"""Pieces read ahead of the session; more wait in the link, which has a bound of its own."""


async def drive(
    session: Session[C, R],
    link: ByteLink,
    publish: Callable[[R], None],
    clock: Clock,
    commands: Mailbox[C] | None = None,
) -> None:
    """Run a session until its link is lost.

    Raises LinkError, in a group, when the link closes or the session gives it up.
    """
    inbox: asyncio.Queue[bytes | tuple[C]] = asyncio.Queue(INBOX_PIECES)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_forward_bytes(link, inbox), name="drive.bytes")
        if commands is not None:
            tasks.create_task(_forward_commands(commands, inbox), name="drive.commands")
        while True:
            while data := session.outgoing():
                await link.write(data)
            wake_at_s = session.wake_at_s
            item = await _next_item(inbox, wake_at_s - clock.now_s())
            # A timer may fire a rounding error early; then it is still the time it was set for.
            now_s = clock.now_s() if item is not None else max(clock.now_s(), wake_at_s)
            if item == b"":
                raise LinkError("the link was closed")
            if isinstance(item, tuple):
                session.send(item[0], now_s)
            elif item is not None:
                for reading in session.receive(item, now_s):
                    publish(reading)
            # A device that never pauses must not keep the session from its duties.
            if now_s >= session.wake_at_s:
                for reading in session.wake(now_s):
                    publish(reading)


async def _next_item(
    inbox: asyncio.Queue[bytes | tuple[C]], pause_s: float
) -> bytes | tuple[C] | None:
    """Wait for an item, None once the pause is over."""
    try:
        async with asyncio.timeout(None if math.isinf(pause_s) else max(0.0, pause_s)):
            return await inbox.get()
    except TimeoutError:
        return None


async def _forward_bytes(link: ByteLink, inbox: asyncio.Queue[bytes | tuple[C]]) -> None:
    while data := await link.read():
        await inbox.put(data)
    await inbox.put(b"")  # behind the last bytes, so that they are still read


async def _forward_commands(
    commands: Mailbox[C], inbox: asyncio.Queue[bytes | tuple[C]]
) -> None:
    while True:
        await inbox.put((await commands.get(),))
