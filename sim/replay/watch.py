"""What a life looked like from outside: for the picture of the day."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from edge.daemon.daemon import Devices
from edge.devices import Lent, Word
from edge.driver.desk import Desk
from edge.messages.geo import Place
from edge.messages.machines.autopilot import BatteryReading
from edge.record.entries import Begun

EVERY_S = 10.0  # a day of ten hours is 3600 points


@dataclass(frozen=True, slots=True)
class Sample:
    """The day at one instant."""

    utc: datetime
    phase: str
    place: Place | None
    waiting: int
    """Facts the station has not acknowledged."""
    battery_frac: float | None
    warnings: tuple[str, ...]


class Watch:
    """Samples the page: now and then, and whenever the phase changes."""

    def __init__(self, begun: Begun) -> None:
        self.samples: list[Sample] = []
        self._begun = begun
        self._battery_frac: float | None = None

    def hearing(self, devices: Devices) -> Devices:
        """Return the devices, their batteries listened to."""

        async def run(publish: Callable[[Word], None], lent: Lent) -> None:
            await devices(partial(self._hear, publish), lent)

        return run

    async def look(self, desk: Desk) -> None:
        """Watch the page for ever."""
        version, due_s, phase = 0, 0.0, ""
        loop = asyncio.get_running_loop()
        while True:
            version, view = await desk.views.newer_than(version)
            now_s = loop.time()
            if now_s < due_s and view.phase == phase:
                continue
            due_s, phase = now_s + EVERY_S, view.phase
            self.samples.append(
                Sample(
                    utc=self._begun.utc + timedelta(seconds=now_s - self._begun.at_s),
                    phase=phase,
                    place=view.position.place if view.position is not None else None,
                    waiting=view.backlog.facts if view.backlog is not None else 0,
                    battery_frac=self._battery_frac,
                    warnings=view.warnings,
                )
            )

    def _hear(self, publish: Callable[[Word], None], word: Word) -> None:
        if isinstance(word, BatteryReading):
            self._battery_frac = word.remaining_frac
        publish(word)
