"""The driver's page on the vehicle's own network: static files, the day, actions, photos.

Plain HTTP, because a van's address has no certificate: the Wi-Fi encrypts. Everything
that tells or changes something needs a session (`gate.py`).
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec
from aiohttp import web

from edge.clock import Clock
from edge.driver.bodies import json_answer, misread, read_body, refusal
from edge.driver.desk import Desk
from edge.driver.events import stream_views
from edge.driver.files import page_files
from edge.driver.gate import Gate, access_code_of, is_loopback
from edge.driver.media import MAX_MEDIA_B, MEDIA_TYPES, UnfitMediaError, clean
from edge.errors import LinkError, StoreError
from edge.messages.commands import AnyDriverAction

log = logging.getLogger(__name__)

MAX_ACTION_B = 64_000
MAX_CODE_B = 1_000
MAX_STREAMS = 16  # phones and tabs of one van
MAX_UPLOADS = 2  # at a time, so that photos cost 16 MB at most
SHUTDOWN_S = 1.0
SESSION_S = 30 * 86_400
CSRF_HEADER = "X-Doorstep-Csrf"
VERSION_HEADER = "X-Doorstep-Version"

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_actions = msgspec.json.Decoder(AnyDriverAction)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class _Code(msgspec.Struct, frozen=True):
    code: str


_codes = msgspec.json.Decoder(_Code)


@dataclass(frozen=True, slots=True)
class Address:
    """Where the page is served."""

    host: str
    port: int
    access_code: str | None
    """What a phone has to enter once; None: only this machine can reach the page."""

    @property
    def url(self) -> str:
        """The page's address; every address of this machine if bound to all."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/"


@asynccontextmanager
async def serve_page(
    desk: Desk,
    *,
    host: str,
    port: int,
    clock: Clock,
    secret: bytes,
    access_code: str | None = None,
    names: Collection[str] = (),
) -> AsyncIterator[Address]:
    """Serve the page while the context is open; `port` 0 takes a free one.

    `secret` (16 bytes or more that stay the same over restarts) keeps phones signed in.
    Bound to other than loopback, a phone needs `access_code`, or one made from `secret`.
    `names` are host names by which phones may call this machine besides its addresses.
    Raises LinkError if the address cannot be bound (yet: a Wi-Fi may come up later).
    """
    assert len(secret) >= 16, "a secret of less than 16 bytes can be guessed"
    if access_code is None and not is_loopback(host):
        access_code = access_code_of(secret)
    gate = Gate(secret=secret, access_code=access_code, names=names)
    page = _Page(desk, gate, clock)
    runner = web.AppRunner(page.application(), access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise LinkError(f"driver's page cannot listen on {host}:{port}: {error}") from error
        page.port = int(runner.addresses[0][1])
        address = Address(host, page.port, access_code)
        log.info("driver's page ready", extra={"url": address.url, "code": access_code})
        yield address
    finally:
        await runner.cleanup()


class _Page:
    def __init__(self, desk: Desk, gate: Gate, clock: Clock) -> None:
        self.port = 0
        self._desk = desk
        self._gate = gate
        self._clock = clock
        self._files = page_files()
        self._streams: set[asyncio.Task[object]] = set()
        self._uploads = asyncio.Semaphore(MAX_UPLOADS)

    def application(self) -> web.Application:
        app = web.Application(middlewares=[self._guard], client_max_size=MAX_MEDIA_B)
        app.on_response_prepare.append(_harden)
        app.on_shutdown.append(self._end_streams)
        app.router.add_get("/session", self._session)
        app.router.add_post("/session", self._sign_in)
        app.router.add_get("/events", self._events)
        app.router.add_get("/view", self._view)
        app.router.add_post("/act", self._act)
        app.router.add_post("/attach", self._attach)
        app.router.add_get("/{name:.*}", self._file)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Turn away other sites' pages and answer every refusal as JSON."""
        try:
            self._check_origin(request)
            return await handler(request)
        except web.HTTPException as answer:
            if answer.status < 400:
                raise
            return refusal(answer.status, answer.text or answer.reason)

    def _check_origin(self, request: web.Request) -> None:
        host = request.headers.get("Host", "")
        if not self._gate.admits_host(host):
            raise web.HTTPMisdirectedRequest(text=f"this is not {host}")
        origin = request.headers.get("Origin")
        if origin is None and request.method in ("GET", "HEAD"):
            return
        if origin is None or not self._gate.same_origin(origin, host):
            raise web.HTTPForbidden(text="another site's page may not ask this")

    # Sessions

    async def _session(self, request: web.Request) -> web.Response:
        """Tell a phone that is signed in its CSRF token; let this machine in at once."""
        session = self._session_of(request)
        if session is not None:
            return json_answer(self._token(session))
        if self._gate.access_code is not None:
            raise web.HTTPUnauthorized(text="enter the access code of this vehicle")
        return self._new_session()

    async def _sign_in(self, request: web.Request) -> web.Response:
        body = await read_body(request, ("application/json",), MAX_CODE_B)
        try:
            code = _codes.decode(body).code
        except msgspec.DecodeError as error:
            return misread(error)
        match self._gate.try_code(code, self._clock.now_s()):
            case "right":
                return self._new_session()
            case "wrong":
                log.warning("wrong access code", extra={"peer": request.remote})
                raise web.HTTPForbidden(text="this code is wrong")
            case "later":
                raise web.HTTPTooManyRequests(text="too many tries: wait a minute")

    def _new_session(self) -> web.Response:
        session = secrets.token_hex(16)
        response = json_answer(self._token(session))
        response.set_cookie(
            self._cookie_name,
            self._gate.cookie(session),
            max_age=SESSION_S,
            httponly=True,
            samesite="Strict",
        )
        return response

    def _token(self, session: str) -> dict[str, str]:
        return {"csrf": self._gate.csrf(session)}

    @property
    def _cookie_name(self) -> str:
        return f"doorstep-{self.port}"  # browsers do not keep the cookies of ports apart

    def _session_of(self, request: web.Request) -> str | None:
        return self._gate.session(request.cookies.get(self._cookie_name))

    def _need_session(self, request: web.Request, *, changes: bool = False) -> None:
        session = self._session_of(request)
        if session is None:
            raise web.HTTPUnauthorized(text="no session: GET /session first")
        token = request.headers.get(CSRF_HEADER, "")
        if changes and not self._gate.knows_csrf(session, token):
            raise web.HTTPForbidden(text=f"{CSRF_HEADER} does not belong to this session")

    # The day

    async def _view(self, request: web.Request) -> web.Response:
        self._need_session(request)
        views = self._desk.views
        if views.value is None:
            raise web.HTTPServiceUnavailable(text="the vehicle is still starting")
        return json_answer(views.value, headers={VERSION_HEADER: str(views.version)})

    async def _events(self, request: web.Request) -> web.StreamResponse:
        self._need_session(request)
        if len(self._streams) >= MAX_STREAMS:
            raise web.HTTPServiceUnavailable(text="too many pages are open")
        task = asyncio.current_task()
        assert task is not None, "a handler always runs in a task"
        self._streams.add(task)
        try:
            return await stream_views(request, self._desk.views)
        finally:
            self._streams.discard(task)

    async def _end_streams(self, _app: web.Application) -> None:
        for task in tuple(self._streams):
            task.cancel()

    async def _act(self, request: web.Request) -> web.Response:
        self._need_session(request, changes=True)
        body = await read_body(request, ("application/json",), MAX_ACTION_B)
        try:
            action = _actions.decode(body)
        except (msgspec.DecodeError, RecursionError) as error:
            return misread(error)
        try:
            return json_answer(await self._desk.act(action))
        except StoreError as error:
            raise web.HTTPServiceUnavailable(text=f"not kept: {error}") from error

    async def _attach(self, request: web.Request) -> web.Response:
        self._need_session(request, changes=True)
        async with self._uploads:
            body = await read_body(request, MEDIA_TYPES, MAX_MEDIA_B)
            try:
                content = clean(body, request.content_type)
            except UnfitMediaError as error:
                raise web.HTTPUnprocessableEntity(text=str(error)) from error
            try:
                return json_answer(await self._desk.attach(content, request.content_type))
            except StoreError as error:
                raise web.HTTPServiceUnavailable(text=f"not kept: {error}") from error

    # The page itself

    async def _file(self, request: web.Request) -> web.Response:
        file = self._files.get(request.match_info["name"] or "index.html")
        if file is None:
            raise web.HTTPNotFound(text="there is no such file")
        return file.answer(request.headers.get("If-None-Match"))


async def _harden(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
