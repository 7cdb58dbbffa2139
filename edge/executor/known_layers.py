"""The conditions on board: kept durably, and told when something in them begins or ends."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from edge.clock import VOUCHED, Clock
from edge.conditions import keeping
from edge.conditions.layers import NO_LAYERS, Layers
from edge.messages.conditions import Layer
from edge.streams import Latest

log = logging.getLogger(__name__)

LOOK_EVERY_S = 60.0  # the wall clock may be set right while we wait for an instant of it


class KnownLayers:
    """The layers as they stand; the executor commits what this says must be written."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._layers = Latest[Layers]()
        self._layers.set(NO_LAYERS)

    @property
    def now(self) -> Layers:
        """The layers as last committed."""
        return self._layers.value or NO_LAYERS

    def load(self, state: Callable[[str], bytes | None]) -> None:
        """Take up what a store holds."""
        layers, faults = keeping.read(state)
        for fault in faults:
            log.error("kept conditions cannot be read", extra={"why": fault})
        self._layers.set(layers)

    def with_layer(self, layer: Layer) -> tuple[Layers, str]:
        """Return the layers with this one, or as they are and why it is refused.

        A clock that nobody vouches for does not make a layer expired.
        """
        utc = self._clock.utc()
        if self._clock.source not in VOUCHED:
            utc = min(utc, layer.issued_utc)
        layers = self.without_expired()
        return layers.take(layer, utc), layers.refusal(layer, utc)

    def without_expired(self) -> Layers:
        """Return the layers that have not expired, by a clock that may say so."""
        if self._clock.source not in VOUCHED:
            return self.now
        return self.now.without_expired(self._clock.utc())

    def blobs(self, layers: Layers) -> dict[str, bytes | None]:
        """Return what must be written to hold `layers` from now on."""
        return keeping.blobs(self.now, layers)

    def committed(self, layers: Layers) -> None:
        """Note that the layers are durable."""
        self._layers.set(layers)

    async def follow(self, changed: Callable[[], None]) -> None:
        """Call `changed` whenever something in the layers begins, ends or expires, for ever."""
        version = 0
        while True:
            version, layers = await self._layers.newer_than(version)
            seen_utc = self._clock.utc()
            while self._layers.version == version:
                due_utc = layers.next_change_utc(seen_utc)
                if due_utc is None:
                    break  # until there are other layers
                wait_s = (due_utc - self._clock.utc()).total_seconds()
                if wait_s <= 0:
                    seen_utc = self._clock.utc()
                    changed()
                    continue
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(wait_s, LOOK_EVERY_S)):
                        await self._layers.newer_than(version)
