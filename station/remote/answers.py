"""The office over HTTP, the console's half: a request's name, query and body → an answer.

Whoever serves it checks the bearer token (`station.keys.console_token`) first, calls
`answer` for `/api/<name>`, and turns RefusedError into 409 and BadRequestError into 400, with
`to_json(Problem(...))` as the body.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import msgspec

from edge.errors import RefusedError
from edge.messages.broker.wire import UndecodableError, from_json, to_json
from edge.messages.geo import LatDeg, LonDeg, Place
from edge.messages.parcels import StopId
from station.directing.desk import Direction, DirectRequest
from station.office import Office
from station.remote.conditions import ClearRequest
from station.remote.offers import OfferRequest
from station.routes.assign import ITERATIONS, Limits

T = TypeVar("T")

JSON = "application/json"
ZIP = "application/zip"


class BadRequestError(RefusedError):
    """The request cannot be understood."""


class Problem(msgspec.Struct, frozen=True):
    """The body of every answer that is not 200."""

    error: str


class DayRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which day; none is today, or the last day for what looks back."""

    day: date | None = None


class AssignRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to assign."""

    day: date | None = None
    seed: int = 0
    iterations: int = ITERATIONS
    seconds: float | None = None
    again: bool = False

    @property
    def limits(self) -> Limits:
        """The same for the search."""
        return Limits(seed=self.seed, iterations=self.iterations, seconds=self.seconds)


class PlaceRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a stop is."""

    stop_id: StopId
    lat_deg: LatDeg
    lon_deg: LonDeg
    day: date | None = None


class CancelRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which stops are not to be served."""

    stop_ids: tuple[StopId, ...]
    reason: str = ""
    day: date | None = None


class Told(msgspec.Struct, frozen=True):
    """Vehicles that are told."""

    vehicles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """What came over HTTP."""

    query: Mapping[str, str]
    body: bytes

    def read(self, kind: type[T]) -> T:
        """Return the JSON body. Raises BadRequestError."""
        try:
            return from_json(self.body or b"{}", kind)
        except UndecodableError as error:
            raise BadRequestError(str(error)) from error

    @property
    def day(self) -> date | None:
        """The day of the query. Raises BadRequestError."""
        try:
            return date.fromisoformat(text) if (text := self.query.get("day")) else None
        except ValueError as error:
            raise BadRequestError(f"day: {error}") from error


async def answer(
    office: Office, method: str, name: str, query: Mapping[str, str], body: bytes
) -> tuple[str, bytes]:
    """Return (content type, body) of `/api/<name>`.

    Raises KeyError if there is no such request, BadRequestError if it makes no sense,
    RefusedError if the office says no.
    """
    return await ANSWERS[method, name](office, Request(query, body))


async def _import(office: Office, request: Request) -> tuple[str, bytes]:
    try:
        named = msgspec.json.decode(request.query.get("named", "{}"), type=dict[str, str])
    except msgspec.DecodeError as error:
        raise BadRequestError(f"named: {error}") from error
    file = request.query.get("file", "stops")
    return JSON, to_json(
        await office.import_stops(file, request.body, day=request.day, named=named)
    )


async def _orders(office: Office, request: Request) -> tuple[str, bytes]:
    return JSON, to_json(await office.orders(request.day))


async def _place(office: Office, request: Request) -> tuple[str, bytes]:
    wanted = request.read(PlaceRequest)
    place = Place(lat_deg=wanted.lat_deg, lon_deg=wanted.lon_deg)
    return JSON, to_json(await office.place(wanted.stop_id, place, day=wanted.day))


async def _cancel(office: Office, request: Request) -> tuple[str, bytes]:
    wanted = request.read(CancelRequest)
    told = await office.cancel(wanted.stop_ids, wanted.reason, day=wanted.day)
    return JSON, to_json(Told(told))


async def _assign(office: Office, request: Request) -> tuple[str, bytes]:
    wanted = request.read(AssignRequest)
    return JSON, to_json(
        await office.assign(day=wanted.day, limits=wanted.limits, again=wanted.again)
    )


async def _dispatch(office: Office, request: Request) -> tuple[str, bytes]:
    return JSON, to_json(await office.dispatch(day=request.read(DayRequest).day))


async def _standing(office: Office, request: Request) -> tuple[str, bytes]:
    return JSON, to_json(await office.standing(day=request.day))


async def _report(office: Office, request: Request) -> tuple[str, bytes]:
    return JSON, to_json(await office.report(day=request.day))


async def _verify(office: Office, _request: Request) -> tuple[str, bytes]:
    return JSON, to_json(await office.verify())


async def _export(office: Office, request: Request) -> tuple[str, bytes]:
    return ZIP, await office.export(day=request.day)


async def _make_offer(office: Office, request: Request) -> tuple[str, bytes]:
    wanted = request.read(OfferRequest)
    sent = await office.offers.make(
        wanted.vehicle, wanted.draft, answer_within_s=wanted.answer_within_s, day=wanted.day
    )
    return JSON, to_json(sent)


async def _show_offers(office: Office, request: Request) -> tuple[str, bytes]:
    return JSON, to_json(await office.offers.show(day=request.day))


async def _direct(office: Office, request: Request) -> tuple[str, bytes]:
    return JSON, to_json(await office.directing.direct(request.read(DirectRequest)))


async def _directed(office: Office, request: Request) -> tuple[str, bytes]:
    return JSON, to_json(await office.directing.became(request.read(Direction)))


async def _import_conditions(office: Office, request: Request) -> tuple[str, bytes]:
    query = request.query
    try:
        expires_in_s = float(query["expires_in_s"]) if "expires_in_s" in query else None
    except ValueError as error:
        raise BadRequestError(f"expires_in_s: {error}") from error
    return JSON, to_json(
        await office.conditions.import_file(
            query.get("file", "conditions"),
            request.body,
            kind=query.get("kind", "auto"),
            name=query.get("name", ""),
            expires_in_s=expires_in_s,
        )
    )


async def _show_conditions(office: Office, _request: Request) -> tuple[str, bytes]:
    return JSON, to_json(await office.conditions.show())


async def _clear_conditions(office: Office, request: Request) -> tuple[str, bytes]:
    return JSON, to_json(await office.conditions.clear(request.read(ClearRequest).name))


ANSWERS: Mapping[tuple[str, str], Callable[[Office, Request], Awaitable[tuple[str, bytes]]]] = {
    ("POST", "import"): _import,
    ("GET", "orders"): _orders,
    ("POST", "place"): _place,
    ("POST", "cancel"): _cancel,
    ("POST", "assign"): _assign,
    ("POST", "dispatch"): _dispatch,
    ("GET", "standing"): _standing,
    ("GET", "report"): _report,
    ("GET", "verify"): _verify,
    ("GET", "export"): _export,
    ("POST", "offers"): _make_offer,
    ("GET", "offers"): _show_offers,
    ("POST", "direct"): _direct,
    ("POST", "directed"): _directed,
    ("POST", "conditions"): _import_conditions,
    ("GET", "conditions"): _show_conditions,
    ("POST", "clear_conditions"): _clear_conditions,
}
