"""A cluster of brokers: one of its nodes is enough, and another one when that is lost."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from edge.errors import LinkError
from edge.uplink.port import BrokerLink, Connect, Will


def parted(node: str) -> tuple[str, int]:
    """Return host and port of `HOST:PORT` or `[ADDRESS]:PORT`."""
    host, _, port = node.rpartition(":")
    return host.strip("[]"), int(port)


def any_of(nodes: Sequence[Connect], *, first: int = 0) -> Connect:
    """Return how to connect to one of these: the next one after each that failed or was lost.

    `first` differs from client to client, so that a fleet spreads over the nodes.
    """
    turn = first % len(nodes)

    @asynccontextmanager
    async def connected(
        filters: tuple[str, ...], will: Will | None
    ) -> AsyncIterator[BrokerLink]:
        nonlocal turn
        try:
            async with nodes[turn](filters, will) as link:
                yield link
        except (LinkError, BaseExceptionGroup):
            turn = (turn + 1) % len(nodes)
            raise

    def connect(
        filters: tuple[str, ...], will: Will | None
    ) -> AbstractAsyncContextManager[BrokerLink]:
        return connected(filters, will)

    return connect
