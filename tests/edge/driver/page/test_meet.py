"""A meeting on the page: a van shows offers and asks for receipts, a machine the reverse."""

from datetime import timedelta

import msgspec
import pytest

from edge.driver.server import Address
from edge.handover.meeting import offer_code, receipt_code
from edge.messages.facts import ParcelLoaded
from edge.messages.parcels import Outcome
from edge.messages.routes import Meeting, Route
from tests.edge.driver.day import STOPS, T0, a_route
from tests.edge.driver.page.phone import Phone
from tests.edge.driver.van import Van

HADDAD = STOPS[0]
PARCELS = HADDAD.parcels
SIDE = Meeting(
    meeting_id="m1",
    vehicle="rolly-1",
    gives=True,
    key="0123456789abcdef" * 2,
    waits_until_utc=T0 + timedelta(hours=2),
)


def giving() -> Route:
    return a_route(msgspec.structs.replace(HADDAD, kind="rendezvous", meeting=SIDE))


def taking() -> Route:
    side = msgspec.structs.replace(SIDE, vehicle="van-2", gives=False)
    take = msgspec.structs.replace(HADDAD, stop_id="take", kind="rendezvous", meeting=side)
    route = a_route(HADDAD)
    return msgspec.structs.replace(route, stops=(take, *route.stops))


async def type_code(phone: Phone, parcel_id: str, code: str) -> None:
    await phone.page.fill(f"#code-{parcel_id}", code)
    await phone.page.press(f"#code-{parcel_id}", "Enter")


@pytest.mark.browser
@pytest.mark.xdist_group("chromium")
async def test_a_van_gives_only_with_the_receipt(
    van: Van, address: Address, phone: Phone
) -> None:
    await van.offer(giving())
    await phone.open(address.url)
    await phone.load_all(*PARCELS)
    await phone.press("Arrived")
    await phone.heading("Meet rolly-1")
    for parcel_id in PARCELS:
        await phone.sees(f"Code {offer_code(SIDE, parcel_id)}")
    await type_code(phone, PARCELS[0], "000000")
    await phone.sees("this is not the receipt")
    for parcel_id in PARCELS:
        await type_code(phone, parcel_id, receipt_code(SIDE, parcel_id))
        await phone.sent()
    ended = await van.ended()
    assert [(one.outcome, one.to_vehicle) for one in ended] == [
        (Outcome.HANDED_OVER, "rolly-1") for _ in PARCELS
    ]


@pytest.mark.browser
@pytest.mark.xdist_group("chromium")
async def test_a_machine_takes_over_only_with_the_offer_and_shows_receipts(
    van: Van, address: Address, phone: Phone
) -> None:
    await van.offer(taking())
    await phone.open(address.url)
    await phone.load_all()
    await phone.press("Arrived")
    await phone.heading("Meet van-2")
    for parcel_id in PARCELS:
        await type_code(phone, parcel_id, offer_code(SIDE, parcel_id))
        await phone.sent()
    for parcel_id in PARCELS:  # and they stay there when it is under way
        await phone.sees(f"{parcel_id}: {receipt_code(SIDE, parcel_id)}")
    loaded = [fact for fact in await van.facts() if isinstance(fact, ParcelLoaded)]
    assert [fact.from_vehicle for fact in loaded] == ["van-2"] * len(PARCELS)
