"""What the driver sits in front of: the desk of whichever daemon is running now."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from edge.driver.desk import Desk
from edge.errors import StoreError
from edge.messages.commands import AnyDriverAction, Photo
from edge.messages.view import ActResult, DayView
from edge.streams import Latest

T = TypeVar("T")

TRIES_AGAIN_S = 10.0


class Cab:
    """Keeps the driver's place while daemons come and go."""

    def __init__(self) -> None:
        self.views: Latest[DayView] = Latest()
        self._desk: Desk | None = None
        self._changed: asyncio.Future[None] | None = None

    async def watch(self, desk: Desk) -> None:
        """Show this desk until it is dark."""
        self._desk = desk
        self._change()
        version = 0
        while True:
            version, view = await desk.views.newer_than(version)
            if self._desk is not desk:
                return
            self.views.set(view)

    def dark(self) -> None:
        """Show nothing any more: the daemon died; what it still says, nobody hears."""
        self._desk = None
        self._change()

    async def act(self, action: AnyDriverAction) -> ActResult:
        """Press a button; pressed again when the daemon died before it answered."""
        return await self._ask(lambda desk: desk.act(action))

    async def attach(self, content: bytes, media_type: str) -> Photo:
        """Hand in a photo or a signature; again when the daemon died or could not keep it."""
        while True:
            try:
                return await self._ask(lambda desk: desk.attach(content, media_type))
            except StoreError:  # the page says so, and the driver tries again
                await asyncio.sleep(TRIES_AGAIN_S)

    async def _ask(self, ask: Callable[[Desk], Coroutine[Any, Any, T]]) -> T:
        while True:
            desk = self._desk
            if desk is None:
                await self._next_change()
                continue
            asked = asyncio.ensure_future(ask(desk))
            changed = self._next_change()
            asked.add_done_callback(lambda _, changed=changed: _wake(changed))  # type: ignore[misc]
            try:
                await changed
            finally:
                if not asked.done():
                    asked.cancel()
            if self._desk is desk and not asked.cancelled():
                return asked.result()

    def _next_change(self) -> asyncio.Future[None]:
        self._changed = asyncio.get_running_loop().create_future()
        return self._changed

    def _change(self) -> None:
        if self._changed is not None:
            _wake(self._changed)


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
