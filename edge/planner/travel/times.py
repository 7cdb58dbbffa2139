"""What every source of travel times answers: how long the ways take, and how they lead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edge.conditions.layers import Layers
from edge.messages.geo import Place
from edge.messages.legs import Leg
from edge.messages.routes import Stop
from edge.native.replan.problem import TravelSlices


@dataclass(frozen=True, slots=True)
class Times:
    """How long the ways between the start, the stops in order and the station take."""

    base_ms: NDArray[np.int32]
    """(n + 2, n + 2): row from, column to."""
    slices: TravelSlices | None = None
    """How conditions change them over the day; none: they do not."""


class Travel(Protocol):
    """A source of travel times: a table, roads, the air."""

    def times(
        self,
        start: Place,
        heading_deg: float | None,
        stops: Sequence[Stop],
        station: Place,
        *,
        layers: Layers,
        from_utc: datetime,
        until_utc: datetime,
    ) -> Times:
        """Return the travel times of a plan that begins at `from_utc`.

        Nothing after `until_utc` needs to be told apart. `heading_deg` is the vehicle's at
        the start, where it is known. LONGEST_LEG_MS says that no way leads there.
        """
        ...

    def leg(
        self,
        start: Place,
        heading_deg: float | None,
        end: Place,
        *,
        layers: Layers,
        utc: datetime,
    ) -> Leg | None:
        """Return how to drive from here to there now; None where no roads are known."""
        ...
