"""Server-sent events: everything at first, then what changed."""

import asyncio
from contextlib import suppress

from aiohttp import web

from edge.clock import Clock
from edge.messages.broker.wire import to_json
from station.console.board import Board
from station.console.speed import Speed

PAUSE_S = 0.25  # real seconds between two messages to one page
TICK_S = 2.0  # real seconds after which a page is told the time at least


def whole_state(board: Board, clock: Clock, kinds: set[str]) -> bytes:
    """Return everything, or only these kinds, as one JSON document."""
    told = board.since("", 0)
    if kinds:
        told = {kind: told[kind] for kind in told if kind in kinds}
    return to_json(told | {"now_utc": clock.utc()})


async def stream_events(
    request: web.Request, board: Board, clock: Clock, speed: Speed | None
) -> web.StreamResponse:
    """Tell one page what changes until it goes away; it resumes by its Last-Event-ID."""
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
    )
    await response.prepare(request)
    generation, seen = _resume(request.headers.get("Last-Event-ID", ""))
    with suppress(ConnectionError):
        await response.write(b"retry: 1000\n\n")
        while True:
            heard = board.changed.version
            message, version = _message(board, clock, generation, seen)
            generation, seen = board.generation, version
            event_id = f"{generation}-{seen}".encode()
            await response.write(b"id: " + event_id + b"\ndata: " + message + b"\n\n")
            factor = speed.speed if speed is not None else 1.0
            await asyncio.sleep(PAUSE_S * factor)
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_S * max(factor, 0.01)):
                    await board.changed.newer_than(heard)
    return response


def _message(board: Board, clock: Clock, generation: str, seen: int) -> tuple[bytes, int]:
    told = board.since(generation, seen)
    told["now_utc"] = clock.utc()
    return to_json(told), board.version


def _resume(event_id: str) -> tuple[str, int]:
    """Read a Last-Event-ID; what cannot be read begins from nothing."""
    generation, dash, version = event_id.rpartition("-")
    if not dash or not version.isdecimal():
        return "", 0
    return generation, int(version)
