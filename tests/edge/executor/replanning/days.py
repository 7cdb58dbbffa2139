"""A van under way on the shipped executor, and what the station may send it."""

import asyncio
from datetime import timedelta

from edge.messages.commands import (
    Command,
    FinishLoading,
    NewConditions,
    OfferStops,
    ScanParcel,
    StartLoading,
)
from edge.messages.conditions import Layer
from edge.messages.geo import Place
from edge.messages.parcels import Parcel
from edge.messages.routes import Offer, Stop, TimeWindow
from tests.edge.driver.day import STATION, T0, a_route
from tests.edge.driver.van import Van

ISSUED = {"issuer": "station", "issued_utc": T0, "expires_utc": T0 + timedelta(hours=9)}


async def until(true):
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 -- nothing tells
            await asyncio.sleep(0.002)


async def under_way(van: Van) -> None:
    """Take the six stops out, all loaded."""
    await van.offer()
    await until(lambda: van.desk.plan is not None)
    actions = [StartLoading(action_id="start", driver="ada")]
    actions += [
        ScanParcel(action_id=p.parcel_id, driver="ada", parcel_id=p.parcel_id)
        for p in a_route().parcels
    ]
    actions.append(FinishLoading(action_id="end", driver="ada"))
    for action in actions:
        assert (await van.desk.act(action)).accepted
    await until(lambda: van.desk.plan.why.trigger == "off_plan" or van.desk.plan.number > 0)
    van.drive(STATION)


async def order(van: Van, order, seq: int) -> None:
    await van.desk.obey(
        Command(vehicle="van-3", epoch="e" * 16, seq=seq, order=order, **ISSUED)
    )


async def send_layer(van: Van, layer: Layer, seq: int) -> None:
    await order(van, NewConditions(layer=layer), seq)


def an_offer(
    offer_id="o1", *, minutes=(0, 240), answer_s=60.0, weight_kg=1.0, pickup=(48.1250, 11.5450)
) -> OfferStops:
    """A parcel from a shop near the way to a door near it, promised in a window."""
    opens, closes = (T0 + timedelta(minutes=m) for m in minutes)
    parcel = f"{offer_id}-P"
    return OfferStops(
        offer=Offer(
            offer_id=offer_id,
            route_id="2026-11-23-van-3",
            stops=(
                Stop(
                    stop_id=f"{offer_id}-shop",
                    kind="pickup",
                    place=Place(lat_deg=pickup[0], lon_deg=pickup[1]),
                    parcels=(parcel,),
                ),
                Stop(
                    stop_id=f"{offer_id}-door",
                    place=Place(lat_deg=48.1290, lon_deg=11.5500),
                    parcels=(parcel,),
                    windows=(TimeWindow(opens_utc=opens, closes_utc=closes),),
                ),
            ),
            parcels=(Parcel(parcel_id=parcel, weight_kg=weight_kg),),
            answer_by_utc=T0 + timedelta(seconds=answer_s),
        )
    )
