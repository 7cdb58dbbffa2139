"""Decisions about machines over HTTP, the commands' half."""

from edge.messages.broker.wire import to_json
from station.directing.desk import Direction, DirectRequest
from station.remote.conditions import Ask


class RemoteDirecting:
    """What `station.directing.DirectingDesk` offers to the commands."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def direct(self, request: DirectRequest) -> Direction:
        """Send a decision."""
        return await self._ask("POST", "direct", Direction, {}, to_json(request))

    async def became(self, sent: Direction) -> Direction:
        """Return what has become of a decision."""
        return await self._ask("POST", "directed", Direction, {}, to_json(sent))
