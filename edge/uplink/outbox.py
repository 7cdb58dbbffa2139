"""What the uplink needs of a store: numbered durable items, to be read and acknowledged."""

from collections.abc import Mapping, Sequence
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

    async def stand_ins(self, numbers: Sequence[int]) -> list[tuple[int, T]]:
        """Return items that say that those of these numbers are gone.

        They were wiped after the far side had acknowledged them, and it lacks them again.
        """
        ...

    async def acknowledge(self, upto: int) -> None:
        """Note that the far side has everything up to `upto`, which may be less than before."""
        ...


class FactOutbox(Outbox[bytes], Protocol):
    """The facts, with how far the command stream has taken effect."""

    def received(self) -> Mapping[str, int]:
        """Return the number of the last command that took effect, by epoch, newest last."""
        ...

    @property
    def acks_are_sealed(self) -> bool:
        """The station has signed an acknowledgement once: it is believed only if it does."""
        ...

    async def expect_sealed_acks(self) -> None:
        """Believe no unsigned acknowledgement from now on. Raises StoreError."""
        ...
