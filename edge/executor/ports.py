"""What the executor needs from outside: a durable store, handed in."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from edge.messages.commands import Photo
from edge.messages.facts import Fact


class MissionStore(Protocol):
    """Facts, progress and answers, committed together."""

    @property
    def boot(self) -> int:
        """Counts the starts on this store."""
        ...

    def state(self, name: str) -> bytes | None:
        """Return a small blob as of the last commit."""
        ...

    def answer(self, action_id: str) -> bytes | None:
        """Return what a driver's action was answered, if it was carried out before."""
        ...

    async def commit(
        self,
        facts: Sequence[Fact],
        *,
        state: Mapping[str, bytes | None],
        received: tuple[str, int] | None,
        answer: tuple[str, bytes] | None,
        driver: str,
        route: str,
    ) -> int:
        """Commit everything in one transaction. Raises StoreError, and then nothing is."""
        ...


class MediaStore(Protocol):
    """Photos and signatures."""

    async def attach(self, content: bytes, media_type: str) -> Photo:
        """Keep the bytes durably; return them by hash."""
        ...
