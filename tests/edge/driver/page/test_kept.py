"""The driver's page in Chromium: nothing is lost or done twice, whatever the link does."""

import asyncio

import pytest
from playwright.async_api import Route as Request

from edge.driver import events
from edge.driver.server import Address, serve_page
from edge.messages.facts import (
    Arrived,
)
from edge.messages.geo import Place
from tests.edge.driver.day import PIN, STOPS, a_route
from tests.edge.driver.page.phone import Phone, a_phone
from tests.edge.driver.pictures import png
from tests.edge.driver.van import SECRET, Van

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("chromium")]

HADDAD, VOGEL, OKAFOR, WHISKY = STOPS[:4]
NEAR = Place(lat_deg=48.1246, lon_deg=11.5411)  # some 10 m from Haddad


async def test_a_reload_in_mid_action_keeps_it_and_sends_it_once(
    van: Van, address: Address, phone: Phone
) -> None:
    await van.offer(a_route(HADDAD))
    await phone.open(address.url)
    await phone.load_all("P-40071", "P-40072")
    await phone.heading("Amal Haddad")
    await phone.page.route("**/act", lambda request: request.abort())
    await phone.press("Arrived")
    await phone.sees("Saving…")
    before = await phone.outbox()
    await phone.page.reload()
    await phone.sees("Saving…")
    assert [entry["action"] for entry in await phone.outbox()] == [before[0]["action"]]
    await phone.page.unroute("**/act")
    await phone.sees("At the stop")
    await phone.sent()
    assert sum(isinstance(fact, Arrived) for fact in await van.facts()) == 1


async def test_an_answer_lost_on_the_way_does_not_double_the_action(
    van: Van, address: Address, phone: Phone
) -> None:
    answers: list[int] = []

    async def lose_the_first(request: Request) -> None:
        answer = await request.fetch()
        answers.append(answer.status)
        if len(answers) == 1:
            await request.abort()
        else:
            await request.fulfill(response=answer)

    await van.offer(a_route(VOGEL))
    await phone.open(address.url)
    await phone.load_all("P-40080")
    await phone.arrive()
    await phone.page.route("**/act", lose_the_first)
    await phone.press("Hand over 1 parcel")
    await phone.sent()
    assert answers == [200, 200]
    assert len(await van.ended()) == 1
    await phone.heading("Back to the station")


async def test_a_stream_that_left_views_out_and_answers_show_one_day(
    van: Van, address: Address, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    caught_up = asyncio.Event()
    monkeypatch.setattr(events, "_pause", caught_up.wait)

    async def overtake(request: Request) -> None:
        answer = await request.fetch()
        van.drive(NEAR)
        caught_up.set()
        await phone.page.get_by_text("GPS", exact=True).wait_for()
        await request.fulfill(response=answer)

    await van.offer(a_route(VOGEL))
    await phone.open(address.url)
    await phone.load_all("P-40080")
    await phone.arrive()
    await phone.page.route("**/act", overtake)
    await phone.press("Hand over 1 parcel")
    await phone.heading("Back to the station")
    assert await phone.page.get_by_text("Next stop").count() == 0


async def test_load_out_can_be_finished_before_the_last_scan_is_answered(
    van: Van, address: Address, phone: Phone
) -> None:
    pressed = asyncio.Event()

    async def hold(request: Request) -> None:
        await pressed.wait()
        await request.continue_()

    await van.offer(a_route(VOGEL))
    await phone.open(address.url)
    await phone.press("Start loading")
    await phone.heading("Load the van")
    await phone.page.route("**/act", hold)
    await phone.press("Mark P-40080 as on board")
    await phone.press("Finish loading")
    pressed.set()
    await phone.heading("Bäckerei Vogel")


async def test_a_half_filled_form_survives_a_reload(
    van: Van, address: Address, phone: Phone
) -> None:
    await van.offer(a_route(HADDAD))
    await phone.open(address.url)
    await phone.load_all("P-40071", "P-40072")
    await phone.arrive()
    await phone.photograph("door.png", png(40, 30), "image/png")
    await phone.sign()
    await phone.page.get_by_label("Who took it?").fill("A. Haddad")
    await phone.page.reload()
    await phone.page.locator(".shot img").wait_for()
    assert await phone.page.get_by_label("Who took it?").input_value() == "A. Haddad"
    await phone.press("Hand over 2 parcels")
    await phone.heading("Back to the station")
    fact = (await van.ended())[0]
    assert fact.signature is not None
    assert len(fact.photos) == 1


async def test_a_hand_over_out_of_reach_of_the_van_is_kept_with_its_photo(
    van: Van, address: Address, phone: Phone
) -> None:
    await van.offer(a_route(HADDAD))
    await phone.open(address.url)
    await phone.load_all("P-40071", "P-40072")
    await phone.arrive()
    await phone.context.set_offline(True)
    await phone.photograph("door.png", png(40, 30), "image/png")
    await phone.sign()
    await phone.press("Hand over 2 parcels")
    await phone.sees("Kept on this phone.")
    await phone.sees("No connection to the van since")
    assert await van.ended() == []
    await phone.context.set_offline(False)
    await phone.heading("Back to the station")
    assert len(await van.ended()) == 2
    stored = "indexedDB.databases().then((all) => all.map((one) => one.name))"
    assert await phone.page.evaluate(stored) == ["doorstep"]


async def test_a_pin_that_the_van_has_not_checked_is_no_hand_over(
    van: Van, address: Address, phone: Phone
) -> None:
    await van.offer(a_route(OKAFOR))
    await phone.open(address.url)
    await phone.load_all("P-40093")
    await phone.arrive()
    await phone.enter_pin(PIN)
    await phone.context.set_offline(True)
    await phone.press("Hand over 1 parcel")
    await phone.sees("Do not leave the parcel yet")
    await phone.context.set_offline(False)
    await phone.heading("Back to the station")


async def test_a_phone_that_thinks_it_is_offline_works(van: Van, address: Address) -> None:
    async with a_phone() as phone:
        await phone.context.add_init_script(
            "Object.defineProperty(Navigator.prototype, 'onLine', { get: () => false })"
        )
        await van.offer(a_route(VOGEL))
        await phone.open(address.url)
        assert await phone.page.evaluate("navigator.onLine") is False
        await phone.load_all("P-40080")
        await phone.arrive()
        await phone.press("Hand over 1 parcel")
        await phone.heading("Back to the station")
    assert len(await van.ended()) == 1


async def test_a_van_that_restarts_is_found_again(van: Van, phone: Phone) -> None:
    served = serve_page(van.desk, host="127.0.0.1", port=0, clock=van.clock, secret=SECRET)
    address = await served.__aenter__()
    await van.offer(a_route(VOGEL))
    await phone.open(address.url)
    await phone.load_all("P-40080")
    await phone.heading("Bäckerei Vogel")
    await served.__aexit__(None, None, None)
    await phone.press("Arrived")
    await phone.sees("No connection to the van since")
    async with serve_page(  # another secret: the session of before is void
        van.desk, host="127.0.0.1", port=address.port, clock=van.clock, secret=SECRET[::-1]
    ):
        await phone.sees("At the stop")
        await phone.sent()
        assert await phone.page.get_by_text("No connection to the van").count() == 0


async def test_what_was_done_in_another_van_or_on_another_day_is_not_done_here(
    van: Van, address: Address, phone: Phone
) -> None:
    def entry(number: int, vehicle: str, route: str) -> dict[str, object]:
        action = {"action": "finish_loading", "driver": "ada", "action_id": f"old-{number}"}
        return {
            "action": action, "photos": [], "signature": None, "uploaded": {}, "faults": 0,
            "vehicle": vehicle, "route": route,
        }  # fmt: skip

    await van.offer(a_route(HADDAD))
    await phone.open(address.url)
    await phone.press("Start loading")
    await phone.press("Mark P-40071 as on board")
    await phone.sees("1 of 2 on board")
    await phone.sent()
    old = [entry(1, "van-9", a_route().route_id), entry(2, "van-3", "yesterday")]
    await phone.page.evaluate(
        "old => localStorage.setItem('doorstep.outbox', JSON.stringify(old))", old
    )
    await phone.page.reload()
    await phone.sees("This was done on an earlier route; tell your dispatcher.")
    await phone.sees("1 entry of van-9 on this phone.")
    assert [left["vehicle"] for left in await phone.outbox()] == ["van-9"]
    assert van.view.phase == "loading"


async def test_another_days_draft_is_no_proof_of_today(
    van: Van, address: Address, phone: Phone
) -> None:
    await van.offer(a_route(HADDAD))
    await phone.open(address.url)
    await phone.load_all("P-40071", "P-40072")
    await phone.arrive()
    await phone.sign()
    await phone.page.get_by_label("Who took it?").fill("A. Haddad")
    await phone.page.evaluate(
        """() => {
            const draft = JSON.parse(localStorage.getItem("doorstep.draft"));
            draft.route = "yesterday";
            localStorage.setItem("doorstep.draft", JSON.stringify(draft));
        }"""
    )
    await phone.page.reload()
    await phone.sees("Still needed: Photo, Signature")
    assert await phone.page.get_by_label("Who took it?").input_value() == ""
