"""One of a cluster's nodes is enough."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from edge.errors import LinkError
from edge.uplink.nodes import any_of, parted


class Nodes:
    """Notes who is called; those in `dead` refuse."""

    def __init__(self, count):
        self.dead = set()
        self.called = []
        self.connects = [self._node(number) for number in range(count)]

    def _node(self, number):
        @asynccontextmanager
        async def connect(filters, will):
            self.called.append(number)
            if number in self.dead:
                raise LinkError(f"node {number} refused")
            yield number

        return connect


async def live_a_while(connect, *, end=LinkError):
    async with connect(("a/b",), None) as link:
        if end is not None:
            raise end(f"node {link} lost")


async def test_a_node_is_kept_while_it_answers():
    nodes = Nodes(3)
    connect = any_of(nodes.connects)
    for _ in range(3):
        await live_a_while(connect, end=None)
    assert nodes.called == [0, 0, 0]


async def test_the_next_one_is_called_when_it_is_lost_or_refuses():
    nodes = Nodes(3)
    nodes.dead = {1}
    connect = any_of(nodes.connects)
    for _ in range(4):
        with pytest.raises(LinkError):
            await live_a_while(connect)
    assert nodes.called == [0, 1, 2, 0]


async def test_a_link_lost_by_a_task_beside_it_is_lost_too():
    nodes = Nodes(2)
    connect = any_of(nodes.connects)

    def together(why):
        return BaseExceptionGroup(why, [LinkError(why)])

    with pytest.raises(BaseExceptionGroup):
        await live_a_while(connect, end=together)
    await live_a_while(connect, end=None)
    assert nodes.called == [0, 1]


async def test_who_leaves_by_himself_comes_back_to_the_same():
    nodes = Nodes(2)
    connect = any_of(nodes.connects)
    with pytest.raises(asyncio.CancelledError):
        await live_a_while(connect, end=asyncio.CancelledError)
    await live_a_while(connect, end=None)
    assert nodes.called == [0, 0]


async def test_clients_begin_at_different_nodes():
    nodes = Nodes(3)
    for first in range(6):
        await live_a_while(any_of(nodes.connects, first=first), end=None)
    assert nodes.called == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize(
    ("node", "host", "port"),
    [("b.example:1884", "b.example", 1884), ("[fd00::2]:1883", "fd00::2", 1883)],
)
def test_an_address_is_parted(node, host, port):
    assert parted(node) == (host, port)
