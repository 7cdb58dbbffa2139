"""Conditions over HTTP, the commands' half."""

from collections.abc import Awaitable, Mapping
from typing import Protocol, TypeVar

import msgspec

from edge.messages.broker.wire import to_json
from station.conditions.words import ConditionsAnswer, ConditionsImported

T = TypeVar("T")


class ClearRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which layer is to be taken back."""

    name: str


class Ask(Protocol):
    """Asks the station that runs."""

    def __call__(
        self, method: str, name: str, kind: type[T], query: Mapping[str, str], body: bytes = b""
    ) -> Awaitable[T]:
        """Return its answer."""
        ...


class RemoteConditions:
    """What `station.conditions.desk.ConditionsDesk` offers to the commands."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def import_file(
        self,
        file: str,
        content: bytes,
        *,
        kind: str = "auto",
        name: str = "",
        expires_in_s: float | None = None,
    ) -> ConditionsImported:
        """Make a layer of a file and send it to every vehicle."""
        query = {"file": file, "kind": kind, "name": name}
        if expires_in_s is not None:
            query["expires_in_s"] = f"{expires_in_s:.3f}"
        return await self._ask("POST", "conditions", ConditionsImported, query, content)

    async def show(self) -> ConditionsAnswer:
        """Return every layer and who has it."""
        return await self._ask("GET", "conditions", ConditionsAnswer, {})

    async def clear(self, name: str) -> ConditionsAnswer:
        """Take a layer back everywhere."""
        body = to_json(ClearRequest(name=name))
        return await self._ask("POST", "clear_conditions", ConditionsAnswer, {}, body)
