"""A controller with its lid and compartments at the far end of a simulated cable."""

import asyncio

from edge.clock import Clock
from sim.devices.mcu import Controller
from sim.vehicles.machines.strongbox import Strongbox
from sim.wire import Cable

TICK_S = 0.05
BOOT_AHEAD_MS = 5000  # its clock began before the day did


class LidOnCable:
    """Speaks, listens and moves as long as it runs."""

    def __init__(
        self, box: Strongbox, cable: Cable, *, clock: Clock, boot_id: int = 1, seed: int = 1
    ) -> None:
        self.box = box
        self._cable = cable
        self._clock = clock
        self._seed = seed
        self.controller = self._new(boot_id)

    def reboot(self) -> None:
        """Take its power away for a moment: it forgets what happened, bolts go back."""
        self.controller = self._new(self.controller.boot_id + 1)

    async def run(self) -> None:
        """Run for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen(), name="lid.listen")
            tasks.create_task(self._live(), name="lid.live")

    def _new(self, boot_id: int) -> Controller:
        controller = Controller(
            boot_id, self._seed, compartments=len(self.box.doors), now_ms=self._now_ms()
        )
        controller.sense(self.box.sensors(controller), self._now_ms())
        return controller

    async def _listen(self) -> None:
        while True:
            data = await self._cable.receive()
            self.controller.receive(data, self._now_ms())
            self._say()

    async def _live(self) -> None:
        while True:
            self.box.step(self.controller, TICK_S)
            self.controller.sense(self.box.sensors(self.controller), self._now_ms())
            self.controller.tick(self._now_ms())
            self._say()
            await asyncio.sleep(TICK_S)

    def _say(self) -> None:
        if data := self.controller.outgoing():
            self._cable.send(data)

    def _now_ms(self) -> int:
        return round(self._clock.now_s() * 1000) + BOOT_AHEAD_MS
