"""What a phone does to the page's server, request by request."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Any

import aiohttp

from edge.driver.server import Address
from edge.messages.broker.wire import to_json


class Client:
    """A browser without a page; Origin, CSRF token and cookies can be left out."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.base = f"http://127.0.0.1:{address.port}"
        self.csrf = ""

    async def __aenter__(self) -> "Client":
        jar = aiohttp.CookieJar(unsafe=True)  # cookies of bare addresses too
        self.session = aiohttp.ClientSession(cookie_jar=jar)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.session.close()

    async def start(self) -> None:
        status, body, _ = await self.get("/session")
        assert status == 200, body
        self.csrf = body["csrf"]

    async def get(self, path: str, **headers: str) -> tuple[int, Any, Mapping[str, str]]:
        async with self.session.get(self.base + path, headers=headers) as answer:
            return answer.status, await _read(answer), answer.headers

    async def post(
        self,
        path: str,
        body: Any,
        media_type: str = "application/json",
        **headers: str | None,
    ) -> tuple[int, Any]:
        """Post as the page does; a header of None is left out."""
        sent = {
            "Content-Type": media_type,
            "Origin": self.base,
            "X-Doorstep-Csrf": self.csrf,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        content = body if isinstance(body, bytes) else to_json(body)
        kept = {name: value for name, value in sent.items() if value is not None}
        async with self.session.post(self.base + path, data=content, headers=kept) as answer:
            return answer.status, await _read(answer)

    async def act(self, action: str, **fields: Any) -> Any:
        status, body = await self.post(
            "/act", {"action": action, "action_id": f"{action}-1", "driver": "ada", **fields}
        )
        assert status == 200, body
        return body

    async def raw(self, request: bytes) -> bytes:
        """Send bytes as they are; return the whole answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.address.port)
        writer.write(request)
        async with asyncio.timeout(10):
            answer = await reader.read()
        writer.close()
        return answer

    async def events(self) -> "Events":
        answer = await self.session.get(self.base + "/events")
        return Events(answer)


class Events:
    """A stream of server-sent events, read one by one."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer = answer
        self.comments = 0
        self._events = self._read()

    async def next(self, *kinds: str) -> tuple[str, int, Any]:
        """Return the next event of these kinds: name, id, content."""
        async with asyncio.timeout(10):
            while True:
                name, number, content = await anext(self._events)
                if not kinds or name in kinds:
                    return name, number, content

    async def _read(self) -> AsyncIterator[tuple[str, int, Any]]:
        name, number, content = "", 0, ""
        async for raw in self.answer.content:
            field, _, value = raw.decode().rstrip("\n").partition(": ")
            if field == "event":
                name = value
            elif field == "id":
                number = int(value)
            elif field == "data":
                content = value
            elif raw.startswith(b":"):
                self.comments += 1
            elif raw == b"\n" and name:
                yield name, number, json.loads(content)
                name, content = "", ""


async def _read(answer: aiohttp.ClientResponse) -> Any:
    if answer.content_type == "application/json":
        return await answer.json()
    return await answer.read()
