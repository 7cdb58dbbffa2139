"""The driver's phone: asks the page again, with the same action_id, until it is answered."""

import asyncio
import time

import aiohttp
import msgspec

from edge.messages.broker.wire import from_json, to_json
from edge.messages.commands import AnyDriverAction, Photo
from edge.messages.view import ActResult, DayView
from edge.streams import Latest

AGAIN_S = 0.01
PATIENCE_S = 60.0
REQUEST_S = 10.0
UNREACHABLE = (aiohttp.ClientError, TimeoutError, OSError)


class _Token(msgspec.Struct):
    csrf: str


class Page:
    """One signed-in phone; its session must outlive every life of the daemon."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"
        self._csrf = ""
        self.turn = asyncio.Lock()
        """Held by who wants to look at the vehicle before the driver goes on."""
        self.posted: Latest[int] = Latest()
        """Counts what was asked to be done, at the moment it is sent."""
        self._http: aiohttp.ClientSession
        self.asked_again = 0
        """Requests that were repeated because nobody had answered."""

    async def __aenter__(self) -> "Page":
        self._http = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True),  # cookies of bare addresses too
            timeout=aiohttp.ClientTimeout(total=REQUEST_S),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def act(self, action: AnyDriverAction) -> ActResult:
        """Do something, once, however often it must be asked."""
        body = await self._until_answered("POST", "/act", to_json(action), "application/json")
        return from_json(body, ActResult)

    async def attach(self, content: bytes, media_type: str) -> Photo:
        """Hand a picture over."""
        return from_json(
            await self._until_answered("POST", "/attach", content, media_type), Photo
        )

    async def view(self) -> DayView:
        """Look at the day."""
        return from_json(await self._until_answered("GET", "/view"), DayView)

    async def glance(self) -> DayView | None:
        """Look at the day once, out of turn; None if nobody answers."""
        try:
            body = await self._once("GET", "/view", b"", "")
        except UNREACHABLE:
            return None
        return None if body is None else from_json(body, DayView)

    async def _until_answered(
        self, method: str, path: str, body: bytes = b"", media_type: str = ""
    ) -> bytes:
        until_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < until_s:
            try:
                async with self.turn:
                    answer = await self._once(method, path, body, media_type)
            except UNREACHABLE:
                answer = None
            if answer is not None:
                return answer
            self.asked_again += 1
            await asyncio.sleep(AGAIN_S)
        raise AssertionError(f"{method} {path}: no answer for {PATIENCE_S:.0f} s")

    async def _once(self, method: str, path: str, body: bytes, media_type: str) -> bytes | None:
        """Ask once; None: the daemon is not ready to answer. Raises what UNREACHABLE names."""
        if not self._csrf:
            async with self._http.get(self._base + "/session") as answer:
                self._csrf = from_json(await answer.read(), _Token).csrf
        if method == "POST":
            self.posted.set(self.posted.version + 1)
        headers = {"Origin": self._base, "X-Doorstep-Csrf": self._csrf}
        if media_type:
            headers["Content-Type"] = media_type
        async with self._http.request(
            method, self._base + path, data=body or None, headers=headers
        ) as answer:
            content = await answer.read()
        if answer.status == 503:
            return None
        assert answer.status == 200, f"{method} {path}: {answer.status} {content!r}"
        return content
