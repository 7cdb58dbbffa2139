"""The day as a stream of server-sent events: whole once, then what changed, newest wins."""

import asyncio
import logging

import msgspec
from aiohttp import web

from edge.messages.broker.wire import to_json
from edge.messages.view import DayView
from edge.streams import Latest

log = logging.getLogger(__name__)

LEAST_GAP_S = 0.2  # what changes meanwhile goes out as one event
KEEP_ALIVE_S = 10.0
STUCK_AFTER_S = 20.0  # a phone that takes nothing for this long is gone
RETRY_MS = 1000

HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}

FIELDS = tuple(field.name for field in msgspec.structs.fields(DayView))


def event_of(version: int, view: DayView, before: DayView | None) -> bytes:
    """Return one event: `view` with the whole day, or `change` with the fields that differ."""
    if before is None:
        return _event("view", version, to_json(view))
    changed = {
        name: getattr(view, name)
        for name in FIELDS
        if getattr(view, name) != getattr(before, name)
    }
    return _event("change", version, to_json(changed))


async def stream_views(request: web.Request, views: Latest[DayView]) -> web.StreamResponse:
    """Send the day until the phone goes or the page is closed."""
    response = web.StreamResponse(headers=HEADERS)
    try:
        await response.prepare(request)
        await _write(response, f"retry: {RETRY_MS}\n\n".encode())
        await _send(response, views)
    except (ConnectionResetError, TimeoutError) as error:
        log.debug("driver's phone gone", extra={"why": repr(error)})
    return response


async def _send(response: web.StreamResponse, views: Latest[DayView]) -> None:
    version, sent = 0, None
    while True:
        news = await _next(views, version)
        if news is None:
            # The comment keeps what stands between awake, the event tells the page.
            await _write(response, b": keep-alive\nevent: alive\ndata: {}\n\n")
            continue
        version, view = news
        await _write(response, event_of(version, view, sent))
        sent = view
        await _pause()


async def _pause() -> None:
    await asyncio.sleep(LEAST_GAP_S)


async def _next(views: Latest[DayView], version: int) -> tuple[int, DayView] | None:
    try:
        async with asyncio.timeout(KEEP_ALIVE_S):
            return await views.newer_than(version)
    except TimeoutError:
        return None


async def _write(response: web.StreamResponse, event: bytes) -> None:
    async with asyncio.timeout(STUCK_AFTER_S):
        await response.write(event)


def _event(name: str, version: int, data: bytes) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (version, name.encode(), data)
