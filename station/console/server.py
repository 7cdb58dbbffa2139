"""The console's web server: the page, its events, and the office over HTTP."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from aiohttp import web
from xstatic.pkg import leaflet

from edge.clock import Clock
from edge.errors import ConfigError, RefusedError
from edge.messages.broker.wire import UndecodableError, from_json, to_json
from station.assistance.desk import HelpDesk
from station.console import helping
from station.console.events import stream_events, whole_state
from station.console.gate import is_loopback, judge
from station.console.painter import Painter
from station.console.speed import Speed
from station.office import Office
from station.remote.answers import JSON, BadRequestError, Problem, answer
from station.report.page import report_page
from station.report.workbook import report_workbook
from station.store.alarms import acknowledge_alarm
from station.store.database import Database

log = logging.getLogger(__name__)

STATIC = Path(__file__).with_name("static")
LEAFLET = Path(leaflet.BASE_DIR)
MAX_UPLOAD_B = 50_000_000  # a spreadsheet of 100,000 rows is below it
KEEPALIVE_S = 86_400.0  # a faster clock must not close what the browser still uses
SHUTDOWN_S = 1.0
STATUS = {"wrong host": 421, "wrong token": 401, "other site": 403}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

SECURITY_HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: {tiles}; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class _SpeedRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    speed: float


@dataclass(frozen=True, slots=True)
class Desk:
    """What the console works with."""

    office: Office
    painter: Painter
    database: Database
    clock: Clock
    token: str
    speed: Speed | None = None
    help: HelpDesk | None = None
    streets: Path | None = None
    """GeoJSON lines to draw where there are no tiles."""
    tiles: str = ""


@asynccontextmanager
async def serve_console(desk: Desk, *, host: str, port: int) -> AsyncIterator[str]:
    """Serve the console while the block lasts; yields its address. `port` 0 takes a free one.

    Raises ConfigError if it cannot listen there.
    """
    if not is_loopback(host):
        raise ConfigError(
            f"console.host {host!r}: the console has no log-in and listens on the loopback "
            'only: write host = "127.0.0.1" and reach it from afar by `ssh -L`'
        )
    console = _Console(desk)
    runner = web.AppRunner(
        console.application(),
        access_log=None,
        keepalive_timeout=KEEPALIVE_S,
        shutdown_timeout=SHUTDOWN_S,
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise ConfigError(
                f"the console cannot listen on {host}:{port}: {error.strerror or error}: "
                "write another console.port"
            ) from error
        bound = int(runner.addresses[0][1])
        url = f"http://{f'[{host}]' if ':' in host else host}:{bound}/"
        log.info("console ready", extra={"url": url})
        yield url
    finally:
        await runner.cleanup()


class _Console:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._streams: set[asyncio.Task[object]] = set()
        self._policy = PAGE_POLICY.format(tiles=_host_of(desk.tiles))

    def application(self) -> web.Application:
        app = web.Application(middlewares=[self._guard], client_max_size=MAX_UPLOAD_B)
        app.on_response_prepare.append(self._harden)
        app.on_shutdown.append(self._end_streams)
        add = app.router
        add.add_get("/", self._page)
        add.add_static("/static/", STATIC)
        add.add_static("/leaflet/", LEAFLET)
        add.add_get("/streets.geojson", self._streets)
        add.add_get("/api/events", self._events)
        add.add_get("/api/state", self._state)
        add.add_get("/api/report.html", self._report_page)
        add.add_get("/api/report.xlsx", self._report_book)
        add.add_post("/api/alarms/{id:[0-9]+}", self._see_alarm)
        add.add_post("/api/speed", self._change_speed)
        add.add_post("/api/help/{name}", self._help)
        add.add_route("*", "/api/{name}", self._ask_office)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        verdict = judge(request.method, request.headers, self._desk.token)
        if verdict != "yes":
            return _problem(STATUS[verdict], f"not allowed: {verdict}")
        try:
            return await handler(request)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            return _problem(error.status, error.text or error.reason)
        except BadRequestError as error:
            return _problem(400, str(error))
        except RefusedError as error:
            return _problem(409, str(error))

    async def _harden(self, request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(SECURITY_HEADERS)
        response.headers.setdefault("Content-Security-Policy", self._policy)
        if request.path.startswith("/api/"):
            response.headers["Cache-Control"] = "no-store"
        else:
            response.headers["Cache-Control"] = "no-cache"

    async def _page(self, _: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "index.html")

    async def _streets(self, _: web.Request) -> web.StreamResponse:
        streets = self._desk.streets
        if streets is None or not await asyncio.to_thread(streets.is_file):
            raise web.HTTPNotFound
        return web.FileResponse(streets, headers={"Content-Type": "application/geo+json"})

    async def _events(self, request: web.Request) -> web.StreamResponse:
        task = asyncio.current_task()
        assert task is not None, "aiohttp runs handlers in tasks"
        self._streams.add(task)
        try:
            return await stream_events(
                request, self._desk.painter.board, self._desk.clock, self._desk.speed
            )
        finally:
            self._streams.discard(task)

    async def _end_streams(self, _: web.Application) -> None:
        for task in self._streams:
            task.cancel()

    async def _state(self, request: web.Request) -> web.Response:
        """Answer with everything, or with the `kinds` that are asked for."""
        kinds = {kind for kind in request.query.get("kinds", "").split(",") if kind}
        body = whole_state(self._desk.painter.board, self._desk.clock, kinds)
        return web.Response(body=body, content_type=JSON)

    async def _report_page(self, _: web.Request) -> web.Response:
        report = await self._desk.office.report()
        page = await asyncio.to_thread(report_page, report)
        headers = {"Content-Security-Policy": REPORT_POLICY}
        return web.Response(text=page, content_type="text/html", headers=headers)

    async def _report_book(self, _: web.Request) -> web.Response:
        report = await self._desk.office.report()
        book = await asyncio.to_thread(report_workbook, report)
        name = f'attachment; filename="report-{report.day}.xlsx"'
        return web.Response(body=book, content_type=XLSX, headers={"Content-Disposition": name})

    async def _see_alarm(self, request: web.Request) -> web.Response:
        row, utc = int(request.match_info["id"]), self._desk.clock.utc()
        await self._desk.database.transaction(
            lambda db: acknowledge_alarm(db, row, "console", utc)
        )
        self._desk.painter.alarmed()
        return web.Response(body=b"{}", content_type=JSON)

    async def _change_speed(self, request: web.Request) -> web.Response:
        if self._desk.speed is None:
            raise RefusedError("this station's clock is the real one")
        try:
            wanted = from_json(await request.read(), _SpeedRequest).speed
        except UndecodableError as error:
            raise BadRequestError(str(error)) from error
        if not 0 <= wanted <= 10_000:
            raise BadRequestError(f"a speed of {wanted}")
        await self._desk.speed.change(wanted)
        self._desk.painter.framed()
        return web.Response(body=b"{}", content_type=JSON)

    async def _help(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        try:
            body = helping.ask(self._desk.help, name, await request.read())
        except KeyError as error:
            raise web.HTTPNotFound(text=f"there is no help {name}") from error
        return web.Response(body=body, content_type=JSON)

    async def _ask_office(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        body = await request.read()
        try:
            kind, content = await answer(
                self._desk.office, request.method, name, request.query, body
            )
        except KeyError as error:
            raise web.HTTPNotFound(text=f"there is no {request.method} {name}") from error
        finally:
            if request.method == "POST":
                self._desk.painter.worked()
        return web.Response(body=content, content_type=kind)


def _host_of(tiles: str) -> str:
    """Return what the page must be allowed to load its tiles from."""
    parts = urlsplit(tiles.replace("{s}", "*"))
    return f"{parts.scheme}://{parts.netloc}" if tiles else ""


def _problem(status: int, why: str) -> web.Response:
    return web.Response(status=status, body=to_json(Problem(why)), content_type=JSON)
