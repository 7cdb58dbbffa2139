"""Layers of the conditions: kept durably, refused with a reason, told when they change."""

from collections.abc import Callable

from edge.conditions.layers import Layers
from edge.executor.keeper import Keeper
from edge.executor.known_layers import KnownLayers
from edge.messages.conditions import Layer


class ConditionsDesk:
    """Between the orders that bring layers, the store, and who plans with them."""

    def __init__(
        self, layers: KnownLayers, keeper: Keeper, changed: Callable[[], None]
    ) -> None:
        """Call `changed` once what holds has changed, durably."""
        self._layers = layers
        self._keeper = keeper
        self._changed = changed

    async def take(self, layer: Layer, received: tuple[str, int]) -> str:
        """Keep a layer; return why not if it is refused. Raises StoreError."""
        layers, why = self._layers.with_layer(layer)
        if why:
            return why
        await self._keeper.commit([], received=received, state=self._layers.blobs(layers))
        self._use(layers)
        return ""

    async def look(self) -> None:
        """Take note that something in the conditions begins, ends or has expired."""
        layers = self._layers.without_expired()
        if layers is not self._layers.now:
            await self._keeper.commit([], state=self._layers.blobs(layers))
        self._use(layers, at_once=True)

    def _use(self, layers: Layers, *, at_once: bool = False) -> None:
        changed = at_once or layers.number != self._layers.now.number
        if layers is not self._layers.now:
            self._layers.committed(layers)
        if changed:
            self._changed()
