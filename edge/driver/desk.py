"""The port behind the driver's page: what the page (or a simulated driver) may see and do."""

from typing import Protocol

from edge.messages.commands import AnyDriverAction, Photo
from edge.messages.view import ActResult, DayView
from edge.streams import Latest


class Desk(Protocol):
    """The executor's face towards the driver."""

    @property
    def views(self) -> Latest[DayView]:
        """The day as it stands; changes with every event and position."""
        ...

    async def act(self, action: AnyDriverAction) -> ActResult:
        """Do what the driver asks; the answer comes after the facts are durable.

        The same `action_id` again gives the same answer and does nothing.
        """
        ...

    async def attach(self, content: bytes, media_type: str) -> Photo:
        """Keep a photo or signature durably for the proof lane; the same bytes count once."""
        ...
