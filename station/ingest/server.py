"""A connection to PostgreSQL that may be trusted with what is acknowledged.

What can be wrong is told with its cure: ConfigError for what a person must change, LinkError
for what may be better in a moment.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from edge.errors import ConfigError, LinkError

if TYPE_CHECKING:
    import asyncpg

Connection: TypeAlias = "asyncpg.Connection[Any]"

OLDEST = 130_000  # PostgreSQL 13: the oldest that this was tried to understand
CONNECT_S = 10.0
ANSWER_S = 60.0  # a commit that takes longer is a server in trouble: start again

SETTINGS = {
    "application_name": "doorstep-ingest",
    # An acknowledgement is a promise: whatever the server's default is, ours are on the disk.
    "synchronous_commit": "on",
    "default_transaction_isolation": "read committed",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
    # A worker whose machine lost its power may not hold the rows it locked for two hours.
    "tcp_keepalives_idle": "20",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "4",
    # Each group of messages is small; parallel plans and JIT would only cost.
    "jit": "off",
}


@asynccontextmanager
async def connected(url: str, password: str | None) -> AsyncIterator[Connection]:
    """Connect, and check that this server can keep what it is given.

    Raises ConfigError or LinkError.
    """
    driver = _driver()
    where = _where(url)
    with told_errors(where):
        connection = await driver.connect(
            url,
            password=password,
            timeout=CONNECT_S,
            command_timeout=ANSWER_S,
            server_settings=SETTINGS,
        )
    try:
        with told_errors(where):
            await _check(connection, where)
        yield connection
    finally:
        # What is under way is undone; a server that is gone is not waited for.
        connection.terminate()


@contextmanager
def told_errors(where: str) -> Iterator[None]:
    """Turn the driver's errors into ours."""
    driver = _driver()
    try:
        yield
    except driver.InvalidAuthorizationSpecificationError as error:
        raise ConfigError(
            f"{where}: {error}: put the right password into ingest.password_file, and the user"
            " into ingest.database; pg_hba.conf must let it in from here"
        ) from error
    except driver.InvalidCatalogNameError as error:
        raise ConfigError(f"{where}: {error}: make it with `createdb`") from error
    except driver.InsufficientPrivilegeError as error:
        raise ConfigError(
            f"{where}: {error}: let the user own the database"
            " (ALTER DATABASE … OWNER TO …), or GRANT it what is missing"
        ) from error
    except driver.UndefinedTableError as error:
        raise ConfigError(
            f"{where}: {error}: run `doorstep-station ingest --prepare` first"
        ) from error
    except (driver.PostgresError, driver.InterfaceError) as error:
        if isinstance(error, driver.DataError | driver.IntegrityConstraintViolationError):
            raise
        raise LinkError(f"{where}: {error}") from error
    except TimeoutError as error:
        raise LinkError(f"{where}: does not answer in time") from error
    except OSError as error:
        raise LinkError(
            f"{where}: {error}: is PostgreSQL running there, and does it listen on that address"
            " (listen_addresses)?"
        ) from error


async def _check(connection: Connection, where: str) -> None:
    version = connection.get_server_version()
    number = int(await connection.fetchval("SHOW server_version_num"))
    if number < OLDEST:
        raise ConfigError(
            f"{where} is PostgreSQL {version.major}.{version.minor}: 13 or newer is needed"
        )
    if await connection.fetchval("SELECT pg_is_in_recovery()"):
        raise LinkError(f"{where} is a standby: only the primary server can be written")
    if await connection.fetchval("SHOW fsync") != "on":
        raise ConfigError(
            f"{where} runs with fsync = off, so a power cut would lose what was acknowledged:"
            " set fsync = on in postgresql.conf and restart it"
        )


def _where(url: str) -> str:
    parts = urlsplit(url)
    return f"PostgreSQL at {parts.hostname or 'the local socket'}:{parts.port or 5432}"


def _driver() -> Any:  # noqa: ANN401  # asyncpg ships no types
    try:
        import asyncpg
    except ImportError as error:
        raise ConfigError(
            "PostgreSQL needs asyncpg: pip install 'doorstep[postgres]'"
        ) from error
    return asyncpg
