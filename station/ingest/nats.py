"""A NATS cluster behind `port.Connect`: queue groups, which its MQTT side does not have.

An MQTT topic is a NATS subject with dots for slashes, and what vehicles publish over MQTT
reaches the subscribers of the subject, too. Nothing is acknowledged to the cluster: only the
end-to-end acknowledgement counts, so what is lost on the way to a worker comes again.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

from edge.errors import ConfigError, LinkError
from edge.uplink.port import BrokerLink, Connect, Will

SHARE = "$share/"
MOST_WAITING = 1000  # messages that wait for us; more are let go, and come again
ANSWER_S = 10


def nats_connector(
    servers: str, *, name: str, username: str | None = None, password: str | None = None
) -> Connect:
    """Return how to connect; `servers` are addresses with commas between them.

    Raises ConfigError if the driver is not installed.
    """
    try:
        import nats
    except ImportError as error:
        raise ConfigError("NATS needs nats-py: pip install 'doorstep[nats]'") from error

    def connect(
        filters: tuple[str, ...], will: Will | None
    ) -> AbstractAsyncContextManager[BrokerLink]:
        assert will is None, "NATS says nothing for those who vanish"
        return connected(filters)

    @asynccontextmanager
    async def connected(filters: tuple[str, ...]) -> AsyncIterator[BrokerLink]:
        link = _Link(servers)
        try:
            async with asyncio.timeout(ANSWER_S):
                client = await nats.connect(
                    servers.split(","),
                    name=name,
                    user=username,
                    password=password,
                    allow_reconnect=False,  # `keep_alive` is the only one that does
                    max_reconnect_attempts=1,
                    reconnect_time_wait=0,
                    connect_timeout=ANSWER_S,
                    closed_cb=link.closed,
                    error_cb=link.failed,
                )
        except (OSError, TimeoutError, nats.errors.Error) as error:
            raise LinkError(f"{servers}: {error or type(error).__name__}") from error
        try:
            link.client = client
            for each in filters:
                queue, subject = parted(each)
                await client.subscribe(subject, queue=queue, cb=link.take)
            await client.flush(ANSWER_S)
            yield link
        except nats.errors.Error as error:
            raise LinkError(f"{servers}: {error}") from error
        finally:
            with suppress(nats.errors.Error, OSError, TimeoutError):
                await client.close()

    return connect


def parted(filter_: str) -> tuple[str, str]:
    """Return queue group and subject of a shared subscription's filter."""
    queue, _, topic = filter_.removeprefix(SHARE).partition("/")
    assert filter_.startswith(SHARE), f"shared by nobody: {filter_}"
    return queue, topic.replace("/", ".").replace("+", "*")


class _Link:
    """One living connection."""

    def __init__(self, peer: str) -> None:
        self.client: Any = None
        self._peer = peer
        self._why = "the connection is gone"
        self._taken: asyncio.Queue[tuple[str, bytes] | None] = asyncio.Queue()

    async def take(self, message: Any) -> None:  # noqa: ANN401  # nats-py's, untyped
        if self._taken.qsize() < MOST_WAITING:
            self._taken.put_nowait((message.subject.replace(".", "/"), message.data))

    async def failed(self, error: Exception) -> None:
        self._why = str(error) or type(error).__name__

    async def closed(self) -> None:
        self._taken.put_nowait(None)

    async def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int,  # noqa: ARG002  # NATS has none
        retained: bool = False,
    ) -> None:
        """Hand a message over; a returned call proves nothing. Raises LinkError."""
        assert not retained, "NATS retains nothing for a plain publisher"
        if self.client.is_closed:
            raise LinkError(f"{self._peer}: {self._why}")
        await self.client.publish(topic.replace("/", "."), payload)

    async def messages(self) -> AsyncIterator[tuple[str, bytes]]:
        """Yield (topic, payload) as they come. Raises LinkError when the connection is gone."""
        while (taken := await self._taken.get()) is not None:
            yield taken
        raise LinkError(f"{self._peer}: {self._why}")
