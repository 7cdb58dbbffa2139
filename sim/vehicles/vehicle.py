"""What a simulated day knows of each of its vehicles, whoever or whatever moves it."""

import asyncio
from typing import Protocol

from sim.vehicles.board import Board


class Vehicle(Protocol):
    """A vehicle with everything in it; `over` is set when its day is closed."""

    name: str
    over: asyncio.Event
    board: Board

    @property
    def phase(self) -> str:
        """What its page shows."""
        ...

    async def run(self) -> None:
        """Live through the day, for ever."""
        ...

    async def settled(self) -> None:
        """Wait until the day is closed and the station has acknowledged all of it."""
        ...
