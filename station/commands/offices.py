"""The office a command works with: its own, or the one of the station that runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from edge.clock import LoopClock
from station.config import StationConfig
from station.keys import console_token, load_keys
from station.office import Office
from station.remote.office import RemoteOffice
from station.store.database import Database, DatabaseBusyError

AnyOffice = Office | RemoteOffice


@asynccontextmanager
async def office_of(config: StationConfig) -> AsyncIterator[AnyOffice]:
    """Open the database; if a running station holds it, ask that station.

    Raises StoreError, LinkError, ConfigError.
    """
    keys = load_keys(config)
    try:
        database = await Database.open(config.database_path)
    except DatabaseBusyError:
        console = config.console
        host = f"[{console.host}]" if ":" in console.host else console.host
        async with aiohttp.ClientSession() as session:
            token = console_token(config.data_folder)
            yield RemoteOffice(session, f"http://{host}:{console.port}", token)
        return
    try:
        yield Office(database, config, keys, LoopClock.started_now())
    finally:
        await database.close()
