"""The dispatcher: sends a day's route through a station that dies while it works."""

import asyncio
import json
import time

from tests.real.kills.driving.sheet import Day

AGAIN_S = 0.05
PATIENCE_S = 90.0


class Depot:
    """Asks the station until it has answered; what was done twice must count once."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.asked_again = 0
        """Orders that were repeated because nobody had answered."""
        self.tries = 0
        """How often the order under way has been asked for in vain."""
        self.answered = asyncio.Event()
        """Set while no order is under way."""
        self.answered.set()

    async def prepare(self, day: Day) -> None:
        """Import the sheet and make the route."""
        assert await self._ask("import", day) == "", "a sheet is never refused"
        assert await self._ask("assign", day) == "", "nothing has gone out yet"

    async def dispatch(self, day: Day) -> None:
        """Send the route."""
        assert await self._ask("dispatch", day) == "", "a route in time is never refused"

    async def is_up(self) -> bool:
        """Tell whether a station listens."""
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            return False
        writer.close()
        return True

    async def _ask(self, what: str, day: Day) -> str:
        """Have something done; return why it was refused, empty if it was done."""
        order = {"do": what, "day": str(day.day), "file": str(day.file)}
        self.answered.clear()
        until_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < until_s:
            try:
                line = await self._once(json.dumps(order).encode() + b"\n")
            except OSError:
                line = b""
            if line.endswith(b"\n"):
                answer = json.loads(line)
                self.tries = 0
                self.answered.set()
                return "" if answer["done"] else str(answer["why"])
            self.asked_again += 1
            self.tries += 1
            await asyncio.sleep(AGAIN_S)
        raise AssertionError(f"{what} of {day.day}: no answer for {PATIENCE_S:.0f} s")

    async def _once(self, order: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(order)
            return await reader.readline()
        finally:
            writer.close()
