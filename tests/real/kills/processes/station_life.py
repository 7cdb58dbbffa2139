"""One life of the station: the shipped office and station on the real station.db.

What a dispatcher would type comes over a port of its own, one JSON line each; the answer comes
when it is durable, and whoever heard none asks again.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from datetime import date
from functools import partial
from pathlib import Path
from random import SystemRandom
from typing import Any

from edge.clock import LoopClock
from edge.errors import RefusedError
from edge.health.log import set_up_logging
from edge.uplink.mqtt import connector_of
from station.config import load_config
from station.keys import load_keys
from station.office import Office
from station.routes.assign import Limits
from station.serve import Station
from station.store.database import Database

LIMITS = Limits(iterations=40)  # how good a tour is, is not the question here

Work = Callable[[Office, date, str], Coroutine[Any, Any, object]]


def main() -> None:
    """Serve until killed; the arguments are station.toml and the port for orders."""
    set_up_logging("INFO", "station")
    asyncio.run(_serve(Path(sys.argv[1]), int(sys.argv[2])))


async def _serve(file: Path, port: int) -> None:
    config = load_config(file)
    keys, clock = load_keys(config), LoopClock.started_now()
    database = await Database.open(config.database_path)
    connect = connector_of(config.broker, file.parent, client_id="station")  # type: ignore[arg-type]
    station = Station(config, keys, database, clock=clock, connect=connect, rng=SystemRandom())
    server = await asyncio.start_server(partial(_answer, station.office), "127.0.0.1", port)
    async with server, asyncio.TaskGroup() as tasks:
        tasks.create_task(station.run(), name="station")


async def _answer(
    office: Office, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Do one thing for the dispatcher."""
    line = await reader.readline()
    if not line:  # somebody looked whether we live
        writer.close()
        return
    asked = json.loads(line)
    try:
        await WORK[asked["do"]](office, date.fromisoformat(asked["day"]), asked.get("file", ""))
        said = {"done": True, "why": ""}
    except RefusedError as error:
        said = {"done": False, "why": str(error)}
    writer.write(json.dumps(said).encode() + b"\n")
    await writer.drain()
    writer.close()


async def _import(office: Office, day: date, file: str) -> object:
    content = await asyncio.to_thread(Path(file).read_bytes)
    return await office.import_stops(Path(file).name, content, day=day)


async def _assign(office: Office, day: date, _file: str) -> object:
    answer = await office.assign(day=day, limits=LIMITS)
    assert not answer.not_assigned, f"not on the route: {answer.not_assigned}"
    assert not answer.blocked, f"not assignable: {answer.blocked}"
    return answer


async def _dispatch(office: Office, day: date, _file: str) -> object:
    return await office.dispatch(day=day)


WORK: dict[str, Work] = {"import": _import, "assign": _assign, "dispatch": _dispatch}
