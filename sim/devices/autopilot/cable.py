"""An autopilot at the far end of a simulated cable, on the loop's own time."""

import asyncio

from edge.clock import Clock
from sim.devices.autopilot.autopilot import Autopilot
from sim.wire import Cable


class OnCable:
    """Speaks and listens as long as it runs; the cable may be unplugged and opened again."""

    def __init__(self, autopilot: Autopilot, cable: Cable, *, clock: Clock) -> None:
        self.autopilot = autopilot
        self._cable = cable
        self._clock = clock
        self._heard = asyncio.Event()

    async def run(self) -> None:
        """Run for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen(), name="autopilot.listen")
            tasks.create_task(self._live(), name="autopilot.live")

    def reboot(self) -> None:
        """Take its power away for a moment."""
        self.autopilot.reboot(self._clock.now_s())
        self._heard.set()

    async def _listen(self) -> None:
        while True:
            data = await self._cable.receive()
            self.autopilot.receive(data, self._clock.now_s())
            self._heard.set()

    async def _live(self) -> None:
        autopilot = self.autopilot
        while True:
            # A timer may fire a rounding error early; then it is still the time it was set for.
            due_s = autopilot.wake_at_s
            now_s = self._clock.now_s()
            autopilot.wake(due_s if now_s < due_s < now_s + 1e-6 else now_s)
            while data := autopilot.outgoing():
                self._cable.send(data)
            self._heard.clear()
            pause_s = autopilot.wake_at_s - self._clock.now_s()
            try:
                async with asyncio.timeout(max(0.0, pause_s)):
                    await self._heard.wait()
            except TimeoutError:
                continue
