"""The port to a broker: what the daemon, the station and the simulator all speak through."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker says for us when we vanish."""

    topic: str
    payload: bytes
    qos: int = 1
    retained: bool = True


class BrokerLink(Protocol):
    """One living connection."""

    async def publish(
        self, topic: str, payload: bytes, *, qos: int, retained: bool = False
    ) -> None:
        """Hand a message to the broker; a returned QoS 1 publish was PUBACKed (proves little).

        Raises LinkError when the connection is gone.
        """
        ...

    def messages(self) -> AsyncIterator[tuple[str, bytes]]:
        """Yield (topic, payload) as they come. Raises LinkError when the connection is gone."""
        ...


class Side(Protocol):
    """A lane beside the others, of words that nobody keeps."""

    def offer(self, sealed: bytes) -> None:
        """Take the bytes of a word as they came."""
        ...

    async def run(self, link: BrokerLink, topic: str) -> None:
        """Say what there is to say over one connection."""
        ...


Connect = Callable[[tuple[str, ...], Will | None], AbstractAsyncContextManager[BrokerLink]]
"""Connect with these subscriptions and this will. Raises LinkError."""
