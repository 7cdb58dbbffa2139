"""A van, its page on a free port of this machine, and a client that talks to it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.driver.server import Address, serve_page
from tests.edge.driver.client import Client
from tests.edge.driver.van import SECRET, Van, a_van


@pytest.fixture
async def van(tmp_path: Path) -> AsyncIterator[Van]:
    async with a_van(tmp_path) as running:
        yield running


@pytest.fixture
async def address(van: Van) -> AsyncIterator[Address]:
    async with serve_page(
        van.desk, host="127.0.0.1", port=0, clock=van.clock, secret=SECRET
    ) as served:
        yield served


@pytest.fixture
async def client(address: Address) -> AsyncIterator[Client]:
    async with Client(address) as opened:
        yield opened


@pytest.fixture
async def phone(client: Client) -> Client:
    """A client that is signed in."""
    await client.start()
    return client
