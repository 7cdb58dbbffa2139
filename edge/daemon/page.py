"""The driver's page, served by the daemon."""

import asyncio
from collections.abc import Callable
from random import Random

from edge.clock import Clock
from edge.config import PageSection
from edge.driver.desk import Desk
from edge.driver.server import serve_page
from edge.store.facts import FactStore


class Page:
    """One vehicle's page."""

    def __init__(self, section: PageSection, desk: Desk, clock: Clock, rng: Random) -> None:
        self._section = section
        self._desk = desk
        self._clock = clock
        self._rng = rng

    async def secret(self, facts: FactStore) -> bytes:
        """Return what keeps phones signed in over restarts."""
        secret = facts.state("page_secret")
        if secret is None:
            secret = self._rng.randbytes(32)
            await facts.commit((), state={"page_secret": secret})
        return secret

    async def serve(self, secret: bytes, show: Callable[[str], None]) -> None:
        """Serve it for ever, and say where. Raises LinkError without its address."""
        served = serve_page(
            self._desk,
            host=self._section.host,
            port=self._section.port,
            clock=self._clock,
            secret=secret,
            access_code=self._section.access_code,
            names=self._section.names,
        )
        async with served as address:
            show(address.url)
            await asyncio.Event().wait()
