"""The office over HTTP, the commands' half: the same questions to a station that runs."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeVar

import aiohttp

from edge.errors import LinkError, RefusedError
from edge.messages.broker.wire import UndecodableError, from_json, to_json
from edge.messages.geo import Place
from station.directing.remote import RemoteDirecting
from station.evidence.verify import VerifyAnswer
from station.office import silent
from station.remote.answers import (
    AssignRequest,
    CancelRequest,
    DayRequest,
    PlaceRequest,
    Problem,
    Told,
)
from station.remote.conditions import RemoteConditions
from station.remote.offers import RemoteOffers
from station.report.words import DayReport
from station.routes.assign import Limits
from station.routes.dispatch import DispatchAnswer
from station.routes.progress import Progress
from station.routes.revise import AssignAnswer
from station.stops.orders import ImportAnswer, Order

T = TypeVar("T")

CONNECT_S = 5.0
ANSWER_S = 3600.0  # an assignment may search for long


class RemoteOffice:
    """What `station.office.Office` offers, done by the station that holds the database."""

    def __init__(self, session: aiohttp.ClientSession, address: str, token: str) -> None:
        self._session = session
        self._address = address
        self._headers = {"Authorization": f"Bearer {token}"}
        self.conditions = RemoteConditions(self._ask)
        self.offers = RemoteOffers(self._ask)
        self.directing = RemoteDirecting(self._ask)

    async def import_stops(
        self,
        file: str,
        content: bytes,
        *,
        day: date | None = None,
        named: Mapping[str, str] | None = None,
    ) -> ImportAnswer:
        """Take over a spreadsheet."""
        query = {"file": file, "named": json.dumps(dict(named or {})), **_query(day)}
        return await self._ask("POST", "import", ImportAnswer, query, content)

    async def orders(self, day: date | None = None) -> list[Order]:
        """Return the stops of a day as they were imported."""
        return await self._ask("GET", "orders", list[Order], _query(day))

    async def place(self, stop_id: str, place: Place, *, day: date | None = None) -> Order:
        """Say where a stop is."""
        wanted = PlaceRequest(
            stop_id=stop_id, lat_deg=place.lat_deg, lon_deg=place.lon_deg, day=day
        )
        return await self._ask("POST", "place", Order, {}, to_json(wanted))

    async def cancel(
        self, stop_ids: Sequence[str], reason: str, *, day: date | None = None
    ) -> tuple[str, ...]:
        """Take stops out of a day."""
        wanted = CancelRequest(stop_ids=tuple(stop_ids), reason=reason, day=day)
        return (await self._ask("POST", "cancel", Told, {}, to_json(wanted))).vehicles

    async def assign(
        self,
        *,
        day: date | None = None,
        limits: Limits | None = None,
        again: bool = False,
        progress: Progress = silent,
    ) -> AssignAnswer:
        """Make the routes of a day."""
        progress("the running station searches")
        wanted = limits or Limits()
        body = AssignRequest(
            day=day,
            seed=wanted.seed,
            iterations=wanted.iterations,
            seconds=wanted.seconds,
            again=again,
        )
        return await self._ask("POST", "assign", AssignAnswer, {}, to_json(body))

    async def dispatch(self, *, day: date | None = None) -> DispatchAnswer:
        """Send every route that has not gone out as it is now."""
        body = to_json(DayRequest(day=day))
        return await self._ask("POST", "dispatch", DispatchAnswer, {}, body)

    async def standing(self, *, day: date | None = None) -> DispatchAnswer:
        """Return who has acknowledged which route."""
        return await self._ask("GET", "standing", DispatchAnswer, _query(day))

    async def report(self, *, day: date | None = None) -> DayReport:
        """Return the report of a day."""
        return await self._ask("GET", "report", DayReport, _query(day))

    async def verify(self) -> VerifyAnswer:
        """Check every signature, chain and photo of the ledger."""
        return await self._ask("GET", "verify", VerifyAnswer, {})

    async def export(self, *, day: date | None = None) -> bytes:
        """Return a day's evidence as a zip."""
        return await self._fetch("GET", "export", _query(day), b"")

    async def _ask(
        self, method: str, name: str, kind: type[T], query: Mapping[str, str], body: bytes = b""
    ) -> T:
        content = await self._fetch(method, name, query, body)
        try:
            return from_json(content, kind)
        except UndecodableError as error:
            raise LinkError(
                f"{self._address} answers {name} with something else: {error}"
            ) from error

    async def _fetch(
        self, method: str, name: str, query: Mapping[str, str], body: bytes
    ) -> bytes:
        try:
            async with self._session.request(
                method,
                f"{self._address}/api/{name}",
                params=query,
                data=body,
                headers=self._headers,
                timeout=aiohttp.ClientTimeout(ANSWER_S, sock_connect=CONNECT_S),
            ) as response:
                content = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise LinkError(
                f"another process holds the station's database, and no console answers at "
                f"{self._address}: {error or type(error).__name__}"
            ) from error
        if response.status == 200:
            return content
        try:
            told = from_json(content, Problem).error
        except UndecodableError:
            told = f"the console at {self._address} answers {response.status}"
        raise RefusedError(told)


def _query(day: date | None) -> dict[str, str]:
    return {} if day is None else {"day": day.isoformat()}
