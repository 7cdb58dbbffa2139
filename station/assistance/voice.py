"""Carries one session's words over a connection to the broker; decides nothing."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from edge.clock import Clock
from edge.errors import LinkError, PeerError
from edge.messages.broker import catalog
from edge.messages.geo import Place
from edge.uplink.port import BrokerLink, Connect
from station.assistance.helping import Helping

log = logging.getLogger(__name__)


class Voice:
    """What a person does goes in here, from the console or a terminal."""

    def __init__(self, helping: Helping, org: str, clock: Clock) -> None:
        self.helping = helping
        self._topic = catalog.topic(org, helping.vehicle, "help")
        self._clock = clock
        self._stirred = asyncio.Event()

    def hold(self, lasts_s: float) -> None:
        """Take note that the person is there, and will have been for so long."""
        self.helping.hold(self._clock.now_s() + lasts_s)
        self._stirred.set()

    def steer(self, place: Place, speed_mps: float) -> None:
        """Send the robot there."""
        self.helping.steer(place, speed_mps, self._clock.now_s())
        self._stirred.set()

    def stand(self) -> None:
        """Let it stand."""
        self.helping.stand(self._clock.now_s())
        self._stirred.set()

    def give_back(self) -> None:
        """Let it go on by itself."""
        self.helping.give_back(self._clock.now_s())
        self._stirred.set()

    def hear(self, sealed: bytes) -> None:
        """Take what came on the robot's `up/help`."""
        try:
            self.helping.hear(sealed, self._clock.now_s())
        except PeerError as error:
            log.warning("not the robot", extra={"why": str(error)})
        self._stirred.set()

    async def speak(self, link: BrokerLink) -> None:
        """Say what is due until the session is over. Raises LinkError."""
        helping = self.helping
        while helping.state != "over":
            self._stirred.clear()
            word = helping.due(self._clock.now_s(), self._clock.utc())
            if word is not None:
                await link.publish(self._topic, word, qos=0)
            pause_s = min(helping.wake_at_s - self._clock.now_s(), 60.0)
            if pause_s > 0:
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause_s):
                        await self._stirred.wait()

    async def converse(self, connect: Connect, org: str, begun: Callable[[], None]) -> None:
        """Speak over a connection of its own until the session is over. Raises LinkError.

        `begun` is called once the connection stands. A lost connection is not made again: by
        then the robot stands.
        """
        heard = (catalog.topic(org, self.helping.vehicle, "helped"),)
        lost: BaseException | None = None
        try:
            async with connect(heard, None) as link, asyncio.TaskGroup() as tasks:
                begun()
                listening = tasks.create_task(self._listen(link), name="robot heard")
                await self.speak(link)
                listening.cancel()
        except* LinkError as group:
            lost = group.exceptions[0]
        if lost is not None:
            raise lost

    async def _listen(self, link: BrokerLink) -> None:
        async for _, payload in link.messages():
            self.hear(payload)
        raise LinkError("the broker says nothing more")
