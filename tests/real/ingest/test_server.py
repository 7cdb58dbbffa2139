"""What can be wrong with a server is told with its cure; older tables are brought forward."""

import asyncio

import pytest

from edge.errors import ConfigError, LinkError
from station.ingest.schema import MIGRATIONS, migrate
from station.ingest.server import connected
from tests.real.ingest.cluster import PASSWORD
from tests.real.ingest.stage import ask, write_station
from tests.real.mosquitto.broker import free_port

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("postgres")]


async def fails(url, password=PASSWORD):
    with pytest.raises((ConfigError, LinkError)) as told:
        async with connected(url, password):
            pass
    return told


async def test_no_server(url):
    told = await fails(f"postgresql://doorstep@127.0.0.1:{free_port()}/doorstep")
    assert told.type is LinkError
    assert "is PostgreSQL running there" in str(told.value)


async def test_wrong_password(url):
    told = await fails(url, "not it")
    assert told.type is ConfigError
    assert "ingest.password_file" in str(told.value)


async def test_no_such_database(url):
    told = await fails(url.replace("/postgres", "/nothing"))
    assert told.type is ConfigError
    assert "createdb" in str(told.value)


async def test_too_old_a_server(url, monkeypatch):
    monkeypatch.setattr("station.ingest.server.OLDEST", 990_000)
    told = await fails(url)
    assert told.type is ConfigError
    assert "or newer is needed" in str(told.value)


async def test_the_database_of_a_newer_program_is_left_alone(url):
    async with connected(url, PASSWORD) as connection:
        assert await migrate(connection) == 0
        assert await migrate(connection) == len(MIGRATIONS)
        newer = (*MIGRATIONS, "ALTER TABLE stream ADD COLUMN note text")
        assert await migrate(connection, newer) == len(MIGRATIONS)
        with pytest.raises(ConfigError, match="install the newer version again"):
            await migrate(connection)


async def test_many_workers_may_start_at_once(url):
    async def start():
        async with connected(url, PASSWORD) as connection:
            return await migrate(connection)

    came_from = await asyncio.gather(*(start() for _ in range(6)))
    assert sorted(came_from) == [0] + 5 * [len(MIGRATIONS)]


@pytest.mark.soak
def test_the_command_says_what_is_wrong(tmp_path, cluster):
    cluster.empty()
    config = write_station(tmp_path, 1, free_port(), cluster)
    code, said = ask(config, "status")
    assert (code, "--prepare" in said) == (78, True)
    code, status = ask(config, "prepare")
    assert (code, status["version"], status["facts"]) == (0, len(MIGRATIONS), 0)
    text = config.read_text()
    config.write_text(text.replace("doorstep@127", "doorstep:secret@127"))
    code, said = ask(config, "status")
    assert (code, "ingest.database" in said) == (78, True)
    config.write_text(text[: text.index("[ingest]")] + text[text.index("[[vehicle]]") :])
    code, said = ask(config, "status")
    assert (code, "has no [ingest]" in said) == (78, True)
