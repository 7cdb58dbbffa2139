"""What may stand between two tasks; the type says what happens when it overflows."""

import asyncio
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """A value of which only the newest counts: readers may miss values, never wait behind."""

    def __init__(self) -> None:
        self._value: T | None = None
        self._version = 0
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def value(self) -> T | None:
        """The newest value, or None before the first."""
        return self._value

    @property
    def version(self) -> int:
        """How many values were set so far."""
        return self._version

    @property
    def readers(self) -> int:
        """How many wait for the next value."""
        return len(self._waiting)

    def set(self, value: T) -> None:
        """Replace the value and wake every reader."""
        self._value = value
        self._version += 1
        waiting, self._waiting = self._waiting, []
        for reader in waiting:
            if not reader.done():
                reader.set_result(None)

    async def newer_than(self, version: int) -> tuple[int, T]:
        """Wait for a value later than `version`; return it with its own version."""
        while self._version <= version:
            changed = asyncio.get_running_loop().create_future()
            self._waiting.append(changed)
            try:
                await changed
            finally:
                if changed in self._waiting:  # gave up before a value came
                    self._waiting.remove(changed)
        assert self._value is not None, "a version without a value"
        return self._version, self._value


class MailboxFullError(Exception):
    """A bounded mailbox overflowed: its reader is too slow, which is our bug."""


class Mailbox(Generic[T]):
    """A bounded queue in order; full is an error, never a silent drop."""

    def __init__(self, name: str, limit: int) -> None:
        self._name = name
        self._limit = limit
        self._items: deque[T] = deque()
        self._ready = asyncio.Event()

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: T) -> None:
        """Append an item. Raises MailboxFullError at the limit."""
        if len(self._items) >= self._limit:
            raise MailboxFullError(f"{self._name} holds {self._limit} items")
        self._items.append(item)
        self._ready.set()

    async def get(self) -> T:
        """Wait for the oldest item and take it out."""
        while not self._items:
            self._ready.clear()
            await self._ready.wait()
        return self._items.popleft()
