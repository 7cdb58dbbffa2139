"""One server for the tests of this folder, an empty database for each of them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from station.ingest.commit import make_stages
from station.ingest.schema import migrate
from station.ingest.server import Connection, connected
from tests.real.ingest.cluster import PASSWORD, Cluster, find_postgres

MEMORY = Path("/dev/shm")  # what is tested survives the worker's death, not the machine's


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    if find_postgres() is None:
        pytest.skip("postgresql is not installed: apt-get install postgresql")
    running = Cluster(MEMORY if MEMORY.is_dir() else None)
    try:
        running.start()
        yield running
    finally:
        running.remove()


@pytest.fixture
def url(cluster: Cluster) -> str:
    return cluster.empty()


@pytest.fixture
async def connection(url: str) -> AsyncIterator[Connection]:
    async with connected(url, PASSWORD) as opened:
        await migrate(opened)
        await make_stages(opened)
        yield opened
