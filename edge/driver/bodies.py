"""Bodies of requests and answers: bounded in size and time, JSON out, fields named."""

import asyncio

from aiohttp import web

from edge.messages.broker.wire import to_json

BODY_TIMEOUT_S = 60.0


async def read_body(request: web.Request, types: tuple[str, ...], limit_b: int) -> bytes:
    """Read a body of a known type, never more of it than allowed, never for ever."""
    if request.content_type not in types:
        raise web.HTTPUnsupportedMediaType(text=f"send one of: {', '.join(types)}")
    pieces: list[bytes] = []
    left = limit_b
    if (request.content_length or 0) > limit_b:
        raise web.HTTPRequestEntityTooLarge(limit_b, request.content_length or 0)
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            async for piece in request.content.iter_any():
                left -= len(piece)
                if left < 0:
                    raise web.HTTPRequestEntityTooLarge(limit_b, limit_b - left)
                pieces.append(piece)
    except TimeoutError as error:
        raise web.HTTPRequestTimeout(text="the body came too slowly") from error
    return b"".join(pieces)


def json_answer(message: object, headers: dict[str, str] | None = None) -> web.Response:
    """Answer with a message."""
    return web.Response(
        body=to_json(message),
        content_type="application/json",
        charset="utf-8",
        headers=headers,
    )


def refusal(status: int, why: str, **more: str) -> web.Response:
    """Answer no, and why in people's words."""
    response = json_answer({"error": why, **more})
    response.set_status(status)
    return response


def misread(error: Exception) -> web.Response:
    """Answer 400 with the field at fault, `$` for the whole message."""
    said, _, path = str(error).partition(" - at `")
    return refusal(400, said, field=path.rstrip("`") or "$")
