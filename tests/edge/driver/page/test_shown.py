"""The driver's page in Chromium: what it says, who may enter, how it is handled."""

import msgspec
import pytest

from edge.driver.server import Address, serve_page
from edge.messages.commands import CannotDeliver
from edge.messages.facts import PlanAcknowledged
from edge.messages.geo import Place
from edge.messages.parcels import FailureCode
from edge.messages.plan import Cause, Why
from edge.messages.view import PlanNews
from tests.edge.driver.day import STOPS, a_route
from tests.edge.driver.page.phone import Phone, a_phone
from tests.edge.driver.van import SECRET, Van
from tests.edge.executor.replanning.days import an_offer, order

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("chromium")]

HADDAD, VOGEL, OKAFOR, WHISKY = STOPS[:4]
NEAR = Place(lat_deg=48.1246, lon_deg=11.5411)  # some 10 m from Haddad


async def test_the_access_code_is_typed_once_or_read_from_the_sticker(van: Van) -> None:
    code = "7K2M-49QP"
    async with serve_page(
        van.desk, host="127.0.0.1", port=0, clock=van.clock, secret=SECRET, access_code=code
    ) as address:
        async with a_phone() as phone:
            await phone.open(address.url, driver="")
            await phone.heading("Access code")
            await phone.page.get_by_label("Code, like").fill("7k2m 49qq")
            await phone.press("Open")
            await phone.sees("This code is wrong.")
            await phone.page.get_by_label("Code, like").fill("7k2m 49qp")
            await phone.press("Open")
            await phone.heading("Who is driving today?")
            await phone.page.reload()
            await phone.heading("Who is driving today?")
        async with a_phone() as phone:
            await phone.open(f"{address.url}#code={code}", driver="")
            await phone.heading("Who is driving today?")
            assert code not in phone.page.url


async def test_why_the_order_changed_and_what_is_wrong_is_said(
    van: Van, address: Address, phone: Phone
) -> None:
    await van.offer(a_route(HADDAD, VOGEL))
    await phone.open(address.url)
    await phone.load_all("P-40071", "P-40072", "P-40080")
    await phone.heading("Amal Haddad")
    assert await phone.page.get_by_text("New order").count() == 0
    why = Why(
        trigger="conditions",
        moved=("S-102",),
        promises_at_risk=("S-102",),
        text="road works",
        causes=(Cause(layer="traffic:city", what="changed", closed=("Main bridge",)),),
        delay_s=420.0,
    )
    news = (PlanNews(number=7, why=why, put_in=(), left_out=()),)
    van.desk.views.set(msgspec.structs.replace(van.view, news=news))
    await phone.sees("New order")
    await phone.sees("Road works. At risk of being late: Bäckerei Vogel.")
    await phone.sees("Changed: traffic:city (closed: Main bridge). The ways take 7 min longer.")
    await phone.sees("Changed")
    await phone.press("I have read it")
    await phone.page.get_by_text("New order").wait_for(state="detached")
    assert van.desk.plan.number < 7  # nothing was left to acknowledge on board
    van.warn("station not reached for 12 min, 34 facts wait")
    await phone.sees("Station not reached for 12 min, 34 facts wait.")
    van.drive(None)
    await phone.sees("No GPS")
    van.drive(NEAR, doubtful="the fix jumped 2 km")
    await phone.sees("Position doubtful: the fix jumped 2 km.")
    await phone.sees("GPS?")


BY_FINGER = """() => [...document.querySelectorAll(
    'button, a[href], input, select, textarea, summary, label.button')]
  .filter((node) => node.checkVisibility() && !node.classList.contains('unseen'))
  .map((node) => ({
    what: node.outerHTML.slice(0, 80),
    named: Boolean(node.getAttribute('aria-label') || node.textContent.trim()
      || [...(node.labels ?? [])].some((label) => label.textContent.trim())),
    side: Math.min(node.getBoundingClientRect().width, node.getBoundingClientRect().height),
    right: node.getBoundingClientRect().right,
  }))"""


async def assert_usable(phone: Phone) -> None:
    """Everything that can be pressed has a name and is large, and nothing sticks out."""
    for node in await phone.page.evaluate(BY_FINGER):
        assert node["named"], node
        assert node["side"] >= 43.5, node  # WCAG 2.5.5: 44 CSS px
        assert node["right"] <= 390, node
    width = await phone.page.evaluate("document.documentElement.scrollWidth")
    assert width == 390
    assert await phone.page.locator("h1").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_screen_can_be_used_with_one_thumb(
    van: Van, address: Address, scheme: str
) -> None:
    async with a_phone(color_scheme=scheme) as phone:
        await phone.page.goto(address.url)
        await assert_usable(phone)
        await phone.open(address.url)
        await van.offer(a_route(WHISKY, VOGEL))
        await phone.heading("Today's route")
        await assert_usable(phone)
        await phone.press("Start loading")
        await phone.heading("Load the van")
        await assert_usable(phone)
        for parcel in ("P-40107", "P-40108", "P-40080"):
            await phone.scan(parcel)
        await phone.press("Finish loading")
        await phone.sees("Next stop")
        await assert_usable(phone)
        await phone.arrive()
        await assert_usable(phone)
        await phone.press("Cannot deliver")
        await assert_usable(phone)
        assert await phone.page.evaluate("document.documentElement.dataset.look") == scheme


async def test_an_order_taken_on_is_picked_up_and_delivered(
    van: Van, address: Address, phone: Phone
) -> None:
    await van.offer(a_route(HADDAD))
    await phone.open(address.url)
    await phone.load_all("P-40071", "P-40072")
    await phone.heading("Amal Haddad")
    await order(van, an_offer(), 2)
    await phone.sees("Order taken on")
    await phone.press("I have read it")
    await phone.page.get_by_text("Order taken on").wait_for(state="detached")
    facts = [f.number for f in await van.facts() if isinstance(f, PlanAcknowledged)]
    assert facts == [van.desk.plan.number]
    closed = CannotDeliver(
        action_id="closed",
        driver="a",
        stop_id="S-101",
        parcel_ids=("P-40071", "P-40072"),
        code=FailureCode.OTHER,
    )
    assert (await van.desk.act(closed)).accepted
    await phone.heading("o1-shop")
    await phone.press("Arrived")
    await phone.heading("Pick up")
    await assert_usable(phone)
    await phone.scan("o1-P")
    await phone.heading("o1-door")
