"""Customers of a robot: they come to the lid, type their code, take what is theirs, shut it."""

import asyncio
from datetime import datetime

from edge.messages.parcels import ParcelId
from edge.messages.view import DayView
from sim.devices.lid import LidOnCable
from sim.devices.lookout import Lookout
from sim.people.cab import Cab
from sim.people.customer import Customers

LOOKS_S = 0.5
GIVES_UP_S = 90.0
TYPES_S = 4.0
TAKES_S = 8.0


class AtLid:
    """Whoever waits for a parcel that a robot brings."""

    def __init__(
        self, cab: Cab, lid: LidOnCable, lookout: Lookout, customers: Customers
    ) -> None:
        self._cab = cab
        self._lid = lid
        self._lookout = lookout
        self._customers = customers
        self.taken: list[ParcelId] = []

    async def run(self) -> None:
        """Come to the lid at every stop, for ever."""
        version, served = 0, ""
        while True:
            version, view = await self._cab.views.newer_than(version)
            stop = view.stop
            if view.phase != "at_stop" or stop is None or stop.stop_id == served:
                continue
            if stop.kind != "delivery":
                continue
            served = stop.stop_id
            await self._come(view, view.utc)

    async def _come(self, view: DayView, utc: datetime) -> None:
        stop = view.stop
        assert stop is not None, "at a stop"
        parcels = [parcel.parcel_id for parcel in stop.parcels]
        met = self._customers.ring(stop.stop_id, stop.name, parcels, utc)
        if met.opens_after_s == float("inf"):
            return
        await asyncio.sleep(met.opens_after_s)
        answers = max(met.pin_answers.values(), key=len, default=())
        for code in answers:
            await asyncio.sleep(TYPES_S)
            self._lookout.say("code_entered", code=code)
        await self._take(parcels)

    async def _take(self, parcels: list[ParcelId]) -> None:
        box, waited_s = self._lid.box, 0.0
        left = [parcel for parcel in parcels if parcel in box.held]
        while left and waited_s < GIVES_UP_S:
            await asyncio.sleep(LOOKS_S)
            waited_s += LOOKS_S
            for parcel_id in list(left):
                index = box.held.index(parcel_id)
                if not box.can_open(index, self._lid.controller):
                    continue
                box.doors[index] = True
                await asyncio.sleep(TAKES_S)
                box.held[index] = None
                self.taken.append(parcel_id)
                left.remove(parcel_id)
                await asyncio.sleep(1.0)
                box.doors[index] = False
