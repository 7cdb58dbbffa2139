"""The driver's page in Chromium: the day's work, the shipped executor behind it."""

import struct

import pytest

from edge.driver.media import SIGNATURE, clean
from edge.driver.server import Address
from edge.messages.facts import (
    AttemptFailed,
    DayClosed,
    LoadingFinished,
    PinRefused,
    ScanRefused,
)
from edge.messages.geo import Place
from edge.messages.parcels import FailureCode, Outcome
from tests.edge.driver.day import PIN, STATION, STOPS, a_route
from tests.edge.driver.page.phone import Phone
from tests.edge.driver.pictures import jpeg_with, png, segment
from tests.edge.driver.van import Van

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("chromium")]

HADDAD, VOGEL, OKAFOR, WHISKY = STOPS[:4]
NEAR = Place(lat_deg=48.1246, lon_deg=11.5411)  # some 10 m from Haddad


def jpeg_size(content: bytes) -> tuple[int, int]:
    """Return width and height from the frame header."""
    at = next(
        content.index(bytes((0xFF, m))) for m in (0xC0, 0xC2) if bytes((0xFF, m)) in content
    )
    height, width = struct.unpack_from(">HH", content, at + 5)
    return width, height


async def test_a_day_from_load_out_to_debrief(van: Van, address: Address, phone: Phone) -> None:
    await phone.open(address.url)
    await phone.heading("No route yet")
    await van.offer(a_route(HADDAD, VOGEL))
    van.drive(STATION, speed_mps=0.0)
    await phone.heading("Today's route")

    await phone.press("Start loading")
    await phone.heading("Load the van")
    await phone.scan("P-40071")
    await phone.sees("1 of 3 on board")
    await phone.scan("P-99999")
    await phone.sees("Not on this route")
    field = phone.page.get_by_label("Scan or type a parcel number")
    await field.fill("p-40080")  # typed by hand, in small letters
    await field.press("Enter")
    await phone.sees("2 of 3 on board")
    await phone.press("Mark P-40072 as on board")
    await phone.sees("3 of 3 on board")
    await phone.press("Finish loading")

    await phone.heading("Amal Haddad")
    await phone.sees("Ring twice, the bell is quiet.")
    van.drive(NEAR, speed_mps=0.0)
    await phone.arrive()
    await phone.photograph("door.png", png(2400, 1200), "image/png")
    await phone.sign()
    await phone.page.get_by_label("Who took it?").fill("A. Haddad")
    await phone.press("Hand over 2 parcels")

    await phone.heading("Bäckerei Vogel")
    await phone.arrive()
    await phone.press("Cannot deliver")
    await phone.page.get_by_label("Nobody home").check()
    await phone.page.get_by_label("Note for the office").fill("Closed on Mondays")
    await phone.press("Take 1 parcel back")

    await phone.heading("Back to the station")
    await phone.press("I am back")
    await phone.heading("Bring back")
    await phone.scan("P-40080")
    await phone.sees("1 of 1 returned")
    await phone.press("Close the day")
    await phone.heading("Day closed")
    await phone.sees("Every parcel is accounted for.")

    facts = await van.facts()
    refused = [fact for fact in facts if isinstance(fact, ScanRefused)]
    assert [fact.parcel_id for fact in refused] == ["P-99999"]
    failed = next(fact for fact in facts if isinstance(fact, AttemptFailed))
    assert (failed.code, failed.note) == (FailureCode.NOBODY_HOME, "Closed on Mondays")
    delivered = {fact.parcel_id: fact for fact in await van.ended()}
    assert {p: fact.outcome for p, fact in delivered.items()} == {
        "P-40071": Outcome.DELIVERED,
        "P-40072": Outcome.DELIVERED,
        "P-40080": Outcome.RETURNED,
    }
    assert delivered["P-40071"].recipient == "A. Haddad"
    day = next(fact for fact in facts if isinstance(fact, DayClosed))
    assert (day.loaded, day.balanced) == (3, True)
    photo = van.media(delivered["P-40071"].photos[0].sha256)
    assert jpeg_size(photo) == (1600, 800)
    signature = delivered["P-40071"].signature
    assert signature is not None
    assert SIGNATURE.fullmatch(van.media(signature.sha256))
    assert all(url.startswith((address.url, "blob:")) for url in phone.asked)


async def test_a_parcel_left_at_the_station_is_asked_about(
    van: Van, address: Address, phone: Phone
) -> None:
    await van.offer(a_route(HADDAD))
    await phone.open(address.url)
    await phone.press("Start loading")
    await phone.press("Mark P-40071 as on board")
    await phone.press("Finish without 1 parcel")
    await phone.sees("Leave 1 parcel behind?")
    await phone.press("Go back")
    await phone.heading("Load the van")
    await phone.press("Finish without 1 parcel")
    await phone.press("Leave them behind")
    await phone.heading("Amal Haddad")
    finished = next(f for f in await van.facts() if isinstance(f, LoadingFinished))
    assert finished.missing == ("P-40072",)


async def test_no_proof_no_hand_over_and_the_page_says_what_is_missing(
    van: Van, address: Address, phone: Phone
) -> None:
    await van.offer(a_route(HADDAD))
    await phone.open(address.url)
    await phone.load_all("P-40071", "P-40072")
    await phone.arrive()
    await phone.sees("Still needed: Photo, Signature")
    await phone.press("Hand over 2 parcels")
    await phone.sees("Still needed: Photo, Signature")
    assert await phone.outbox() == []
    await phone.page.get_by_role("checkbox", name="P-40071").uncheck()
    await phone.press("Hand over 1 parcel")  # the other one needs nothing
    await phone.page.get_by_role("checkbox", name="P-40072").wait_for(state="detached")
    await phone.sees("At the stop")
    assert [fact.parcel_id for fact in await van.ended()] == ["P-40072"]


async def test_a_wrong_pin_is_told_and_the_right_one_opens(
    van: Van, address: Address, phone: Phone
) -> None:
    await van.offer(a_route(OKAFOR))
    await phone.open(address.url)
    await phone.load_all("P-40093")
    await phone.arrive()
    await phone.enter_pin("111111")
    await phone.press("Hand over 1 parcel")
    await phone.sees("The PIN is wrong, 4 tries left.")
    await phone.enter_pin(PIN)
    await phone.press("Hand over 1 parcel")
    await phone.heading("Back to the station")
    facts = await van.facts()
    assert sum(isinstance(fact, PinRefused) for fact in facts) == 1
    assert [fact.pin_verified for fact in await van.ended()] == [True]
    await phone.sent()  # what waits to be sent must keep it
    kept = await phone.page.evaluate("JSON.stringify({ ...localStorage })")
    assert PIN not in kept


async def test_an_age_check_is_confirmed_by_hand(
    van: Van, address: Address, phone: Phone
) -> None:
    await van.offer(a_route(WHISKY))
    await phone.open(address.url)
    await phone.load_all("P-40107", "P-40108")
    await phone.arrive()
    await phone.sees("Still needed: ID check, Signature")
    await phone.page.get_by_label("I have checked an ID: 18 or older").check()
    await phone.sign()
    await phone.press("Hand over 2 parcels")
    await phone.heading("Back to the station")
    assert [fact.age_checked for fact in await van.ended()] == [True, True]


async def test_a_photo_is_drawn_anew_upright_and_without_exif(
    van: Van, address: Address, phone: Phone
) -> None:
    await van.offer(a_route(HADDAD))
    await phone.open(address.url)
    await phone.load_all("P-40071", "P-40072")
    await phone.arrive()
    drawn = await phone.page.evaluate(
        """async () => {
            const canvas = document.createElement("canvas");
            [canvas.width, canvas.height] = [400, 200];
            canvas.getContext("2d").fillRect(0, 0, 100, 100);
            const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg"));
            return [...new Uint8Array(await blob.arrayBuffer())];
        }"""
    )
    lying = (
        b"MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03"
        + bytes((0, 0, 0, 1, 0, 6))
        + bytes(6)
    )
    camera = bytes(drawn[:2]) + segment(0xE1, b"Exif\x00\x00" + lying) + bytes(drawn[2:])
    await phone.photograph("IMG_0001.jpg", camera, "image/jpeg")
    await phone.sign()
    await phone.press("Hand over 2 parcels")
    await phone.heading("Back to the station")
    photo = van.media((await van.ended())[0].photos[0].sha256)
    assert b"Exif" not in photo
    assert jpeg_size(photo) == (200, 400)
    assert clean(photo, "image/jpeg") == photo


async def test_a_file_that_is_no_picture_is_told(
    van: Van, address: Address, phone: Phone
) -> None:
    await van.offer(a_route(HADDAD))
    await phone.open(address.url)
    await phone.load_all("P-40071", "P-40072")
    await phone.arrive()
    await phone.page.set_input_files(
        "main input[type=file]",
        {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": jpeg_with()[:50]},
    )
    await phone.sees("This picture cannot be read.")
