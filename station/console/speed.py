"""The port to whoever makes the station's clock run faster than real time: the demo."""

from typing import Protocol


class Speed(Protocol):
    """A clock whose speed can be changed while it runs."""

    @property
    def speed(self) -> float:
        """Seconds of the station's clock in a real second; 0 stands still."""
        ...

    async def change(self, speed: float) -> None:
        """Take another speed, from now on."""
        ...
