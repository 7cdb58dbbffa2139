"""What the uplink needs of a store: numbered durable items, to be read and acknowledged."""

from collections.abc import Mapping
from typing import Protocol, TypeVar

from edge.streams import Latest

T = TypeVar("T")


class Outbox(Protocol[T]):
    """One stream's durable end."""

    @property
    def epoch(self) -> str:
        """One life of the store; numbers start at 1 in each."""
        ...

    @property
    def acked(self) -> int:
        """The far side has committed everything up to here."""
        ...

    @property
    def last_seq(self) -> int:
        """Number of the last durable item."""
        ...

    @property
    def appended(self) -> Latest[int]:
        """Number of the last durable item, at every new one."""
        ...

    async def read(self, first: int, limit: int) -> list[tuple[int, T]]:
        """Return up to `limit` items from number `first` on, in order."""
        ...

    async def acknowledge(self, upto: int) -> None:
        """Note that the far side has committed everything up to `upto`."""
        ...


class FactOutbox(Outbox[bytes], Protocol):
    """The facts, with how far the command stream has taken effect."""

    def received(self) -> Mapping[str, int]:
        """Return the number of the last command that took effect, by epoch, newest last."""
        ...
