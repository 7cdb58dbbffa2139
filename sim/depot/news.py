"""What the simulated station hears of the roads, and tells its vehicles in layers."""

import asyncio
import logging
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from edge.clock import Clock
from edge.errors import DoorstepError
from edge.handover.proof import SigningKey
from edge.messages.commands import NewConditions
from edge.messages.conditions import Circle, Closure, Layer, TrafficFactor
from edge.messages.geo import Place
from sim.depot import skies
from sim.depot.house import House
from sim.roads.truth import Closed, Roads, Slow
from sim.roads.way import OPEN
from sim.scenario import Scenario
from sim.world import TRAFFIC_BY_HOUR
from station.routes.dispatch import Sender
from station.store import day as books
from station.store.database import Database

log = logging.getLogger(__name__)

SAID_AGAIN_S = 900.0
ASKS_S = 2.0  # how often the station looks who has taken it
GIVES_UP_S = 60.0  # a station that dies meanwhile is told again
USUAL, NOW, CLOSED = "traffic:usual", "traffic:now", "roads:closed"


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What goes out at one instant."""

    layers: tuple[Layer, ...]
    closed: frozenset[int]
    """The pieces of road whose closing these layers tell."""


@dataclass(slots=True)
class News:
    """The station's newsroom: tells every vehicle, and knows who has heard of what."""

    scenario: Scenario
    roads: Roads
    clock: Clock
    key: SigningKey
    station: Place
    told: dict[str, frozenset[int]] = field(default_factory=dict)
    """The closed pieces that each vehicle has heard of and committed."""

    def told_to(self, vehicle: str) -> frozenset[int]:
        """Return what a vehicle's driver can see to be closed."""
        return self.told.get(vehicle, OPEN)

    async def run(self, house: House) -> None:
        """Send what there is to say, each thing at its time."""
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as tasks:
            for number, at_s in enumerate(self.instants_s(), 1):
                await asyncio.sleep(at_s - loop.time())
                bulletin = self.bulletin(at_s, number)
                for vehicle in self.scenario.names():
                    tell = self._tell(house, vehicle, bulletin)
                    tasks.create_task(tell, name=f"news {number} to {vehicle}")

    def instants_s(self) -> list[float]:
        """Return when there is something to say, in order."""
        found = {0.0} if self.scenario.news.usual_traffic else set[float]()
        found |= {one.known_s for one in self.roads.closed}
        found |= skies.instants_s(self.scenario)
        for slow in self.roads.slow:
            begins_s, ends_s = _known(slow)
            at_s = begins_s
            while at_s < ends_s:
                found.add(at_s)
                at_s += SAID_AGAIN_S
            found.add(ends_s)
        return sorted(found)

    def bulletin(self, at_s: float, version: int) -> Bulletin:
        """Return what the station says at an instant, knowing nothing that it cannot know."""
        layers: list[Layer] = []
        if at_s == 0.0 and self.scenario.news.usual_traffic:
            layers.append(self._usual())
        slow = [one for one in self.roads.slow if _known(one)[0] <= at_s]
        if slow:
            layers.append(self._now(slow, at_s, version))
        closed = [one for one in self.roads.closed if one.known_s <= at_s < one.until_s]
        if closed:
            layers.append(self._closed(closed, at_s, version))
        layers += skies.layers(self.scenario, self.station, at_s, version)
        return Bulletin(tuple(layers), OPEN.union(*(one.pieces for one in closed)))

    def _usual(self) -> Layer:
        """Return what the station knows from other days: how full the roads are by the hour."""
        first = self._utc(0.0).replace(minute=0, second=0, microsecond=0)
        local = first.astimezone(self.scenario.zone)
        more = self.scenario.news.drivers_factor
        factors = []
        for hours in range(24):
            now, soon = (TRAFFIC_BY_HOUR[(local.hour + hours + ahead) % 24] for ahead in (0, 1))
            factors.append(
                TrafficFactor(
                    from_utc=first + timedelta(hours=hours),
                    until_utc=first + timedelta(hours=hours + 1),
                    factor=round(more * (now + soon) / 2, 3),
                )
            )
        return Layer(
            name=USUAL,
            version=1,
            issued_utc=self._utc(0.0),
            expires_utc=factors[-1].until_utc,
            factors=tuple(factors),
        )

    def _now(self, slow: Sequence[Slow], at_s: float, version: int) -> Layer:
        """Return how much slower than usual it is, as far ahead as the station believes it."""
        factors = tuple(
            TrafficFactor(
                from_utc=self._utc(at_s),
                until_utc=self._utc(at_s + one.said.forecast_min * 60),
                factor=one.said.factor,
                area=_area(one),
            )
            for one in slow
            if at_s < _known(one)[1]
        )
        lasts_s = max((one.said.forecast_min * 60 for one in slow), default=SAID_AGAIN_S)
        return Layer(
            name=NOW,
            version=version,
            issued_utc=self._utc(at_s),
            expires_utc=self._utc(at_s + max(lasts_s, SAID_AGAIN_S)),
            factors=factors,
        )

    def _closed(self, closed: Sequence[Closed], at_s: float, version: int) -> Layer:
        """Return what is closed, each direction by a line of its own."""
        return Layer(
            name=CLOSED,
            version=version,
            issued_utc=self._utc(at_s),
            expires_utc=self._utc(max(one.until_s for one in closed)),
            closures=tuple(
                Closure(
                    from_utc=self._utc(one.from_s),
                    until_utc=self._utc(one.until_s),
                    line=self.roads.ways.line(piece),
                    both_ways=False,
                    reason=f"{one.street} is closed",
                )
                for one in closed
                for piece in sorted(one.pieces)
            ),
        )

    async def _tell(self, house: House, vehicle: str, bulletin: Bulletin) -> None:
        """Send one vehicle the layers and note when it has committed them."""
        sent: tuple[str, int] | None = None
        taken = False
        while not taken:
            _, database = await house.opened()
            try:
                async with asyncio.timeout(GIVES_UP_S):
                    if sent is None:
                        sent = await send_layers(
                            database,
                            vehicle,
                            bulletin.layers,
                            Sender(
                                issuer=self.scenario.town.name,
                                key=self.key,
                                now_utc=self.clock.utc(),
                            ),
                        )
                    taken = await self._taken(database, vehicle, sent)
            except (DoorstepError, TimeoutError) as error:  # it died; the next one goes on
                log.info("the station could not say it", extra={"why": str(error)})
            if not taken:
                await asyncio.sleep(ASKS_S)
        self.told[vehicle] = self.told_to(vehicle) | bulletin.closed

    async def _taken(self, database: Database, vehicle: str, sent: tuple[str, int]) -> bool:
        """Tell whether a vehicle has acknowledged an order, or never will."""
        stream = await database.read(lambda db: books.down_stream(db, vehicle))
        return stream is not None and (stream.epoch != sent[0] or stream.acked >= sent[1])

    def _utc(self, at_s: float) -> datetime:
        return self.scenario.opens + timedelta(seconds=round(at_s))


async def send_layers(
    database: Database, vehicle: str, layers: Sequence[Layer], sender: Sender
) -> tuple[str, int]:
    """Put layers into a vehicle's outbox; return epoch and number of the last order."""

    def run(db: sqlite3.Connection) -> tuple[str, int]:
        epoch, seq = "", 0
        for layer in layers:
            order = NewConditions(layer=layer)
            epoch, seq, _ = sender.send(db, vehicle, "command", order, layer.expires_utc)
        return epoch, seq

    return await database.transaction(run)


def _known(slow: Slow) -> tuple[float, float]:
    """Return when the station hears of it, and when that it is over."""
    late_s = slow.said.known_after_min * 60
    return slow.from_s + late_s, slow.until_s + late_s


def _area(slow: Slow) -> Circle | None:
    area = slow.said.area
    if area is None:
        return None
    centre = Place(lat_deg=area.lat_deg, lon_deg=area.lon_deg)
    return Circle(centre=centre, radius_m=area.radius_m)
