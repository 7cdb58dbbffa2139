"""What faults strike: the parts of a day that can go wrong, and what has struck so far."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from edge.handover.proof import SigningKey
from sim.broker import SimBroker
from sim.checks.findings import Finding
from sim.faults.base import BROKER, EVERYBODY, STATION, BaseFault
from sim.faults.fault import Struck
from sim.machine import Machine
from sim.vehicles.vehicle import Vehicle


@dataclass(slots=True, kw_only=True)
class World:
    """A day that is going on."""

    seed: int
    org: str
    broker: SimBroker
    station: Machine
    vehicles: Mapping[str, Vehicle] = field(default_factory=dict)
    kinds: Mapping[str, str]
    """Of the vehicles."""
    station_key: SigningKey
    opens: datetime
    orders: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """The first genuine order on the way to each vehicle, with its topic: a listener's."""
    struck: list[Struck] = field(default_factory=list)
    calm_since_s: dict[str, float] = field(default_factory=dict)
    """Since when nothing is wrong with whom; infinity: something is."""
    troubles: dict[str, int] = field(default_factory=dict)
    """How many faults go on at whom."""
    out: dict[str, list[float]] = field(default_factory=dict)
    """How large a part of its customers is out, by vehicle, one figure for each fault."""
    accepted: list[tuple[str, float, str]] = field(default_factory=list)
    """(vehicle, when, what): what should have been refused, and was not."""

    def targets(self, fault: BaseFault) -> tuple[str, ...]:
        """Return whom a fault strikes, by name."""
        if fault.vehicle == EVERYBODY:
            return tuple(self.vehicles)
        return (fault.vehicle,)

    def overheard(self, client: str, topic: str, payload: bytes) -> None:
        """Remember the first order to each vehicle that passes by."""
        if client == STATION and topic.endswith(("/down/route", "/down/command")):
            self.orders.setdefault(topic.split("/")[-3], (topic, payload))

    def findings(self) -> tuple[Finding, ...]:
        """Return what was accepted and should have been refused."""
        return tuple(
            Finding(checker="orders", vehicle=name, what=f"accepted: {what}", at_s=at_s)
            for name, at_s, what in self.accepted
        )

    def machine(self, name: str) -> Machine:
        """Return a computer: the station's or a vehicle's."""
        return self.station if name == STATION else self.vehicles[name].board.machine

    def note(self, fault: BaseFault, name: str) -> None:
        """Write down that a fault has its effect now."""
        vehicle = self.vehicles.get(name)
        self.struck.append(
            Struck(
                fault=fault.name,
                vehicle=name,
                at_s=round(asyncio.get_running_loop().time(), 6),
                vehicle_kind=self.kinds.get(name, name),
                sub_state=vehicle.phase if vehicle is not None else "",
            )
        )

    def everybody(self) -> tuple[str, ...]:
        """Return the names of everything that can be struck."""
        return (*self.vehicles, STATION, BROKER)
