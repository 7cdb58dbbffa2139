"""The console's page in real Chromium: what a dispatcher sees and can do."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from edge.messages import facts as f
from edge.messages.plan import DroppedStop, PlannedStop, Why
from station.routes.assign import Limits
from station.store.alarms import raise_alarm
from tests.station.live.test_console import Asked, running, sheet
from tests.station.live.vans import NOON, STATION

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CHROMIUM = "/usr/bin/chromium"
NASTY = '<img src=x onerror="document.title=1">'


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    if shutil.which(CHROMIUM) is None:
        pytest.skip(f"no {CHROMIUM}: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = await browser.new_page(viewport={"width": 1400, "height": 850})
        page.set_default_timeout(20_000)
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "console",
            lambda said: wrong.append(said.text) if said.type == "error" else None,
        )
        yield page
        await browser.close()
        # A browser tells of every answer that is no 200; those are the tests' own.
        assert [line for line in wrong if "Failed to load resource" not in line] == []


async def with_routes(asked: Asked, rows: int = 6, content: bytes | None = None) -> None:
    """Import, assign and dispatch behind the page's back."""
    await asked.station.office.import_stops("stops.csv", content or sheet(rows))
    await asked.station.office.assign(limits=Limits(iterations=30))
    await asked.station.office.dispatch()


async def where(page: Page, vehicle: str) -> tuple[float, float]:
    box = await page.locator(f".van[data-vehicle={vehicle}]").bounding_box()
    assert box is not None
    return box["x"], box["y"]


async def test_vans_move_on_the_map_as_positions_arrive(tmp_path: Path, page: Page):
    async with running(tmp_path) as asked:
        await with_routes(asked)
        await page.goto(asked.url)
        van = asked.house.vehicles[0]
        lat, lon = STATION.lat_deg, STATION.lon_deg
        await van.live(lat, lon, speed_mps=8.0, heading_deg=0.0)
        await page.wait_for_selector(".van[data-vehicle=van-1]")
        seen = [await where(page, "van-1")]
        for step in range(1, 9):
            await van.live(lat + 0.0015 * step, lon, speed_mps=8.0, heading_deg=0.0)
            await asyncio.sleep(0.3)
            seen.append(await where(page, "van-1"))
        xs, ys = [at[0] for at in seen], [at[1] for at in seen]
        assert ys[-1] < ys[0] - 60  # northward is up
        assert max(xs) - min(xs) < 4
        assert len({round(y) for y in ys}) >= 6  # it glides, it does not jump
        turned = await page.eval_on_selector(
            ".van[data-vehicle=van-1] .turning", "element => element.style.transform"
        )
        assert turned == "rotate(0deg)"


async def test_the_day_begins_with_three_clicks(tmp_path: Path, page: Page):
    async with running(tmp_path) as asked:
        await page.goto(asked.url)
        await expect(page.locator("#more")).to_contain_text("Import a spreadsheet")
        async with page.expect_file_chooser() as chooser:
            await page.click("#import")
        file = {"name": "stops.csv", "mimeType": "text/csv", "buffer": sheet(8)}
        await (await chooser.value).set_files(file)
        await expect(page.locator("#dialog-title")).to_have_text("stops.csv")
        await expect(page.locator("#dialog-body")).to_contain_text("8stops added")
        await page.keyboard.press("Enter")
        await expect(page.locator("#assign")).to_have_class("next")
        await page.click("#assign")
        await expect(page.locator("#dialog-title")).to_have_text("Assigned")
        await page.keyboard.press("Escape")
        await expect(page.locator("#dispatch")).to_have_class("next")
        await page.click("#dispatch")
        await expect(page.locator(".toast")).to_contain_text("on the way to van-")
        await expect(page.locator("#books")).to_contain_text("waiting8")
        await expect(page.locator("#stop-count")).to_have_text("8")
        async with asyncio.timeout(20):
            vehicles = asked.house.vehicles
            while not any(vehicle.orders for vehicle in vehicles):  # noqa: ASYNC110
                await asyncio.sleep(0.05)


async def test_stops_change_as_facts_arrive(tmp_path: Path, page: Page):
    async with running(tmp_path, vans=1) as asked:
        await with_routes(asked, rows=3)
        await page.goto(asked.url)
        await expect(page.locator(".stop")).to_have_count(3)
        vehicle = asked.house.vehicles[0]
        van = vehicle.van
        state = await asked.state()
        [route] = state["routes"].values()
        van.route = route["id"]
        first, second, _ = route["order"]
        vehicle.tell(
            van.fact(f.LegStarted(stop_id=first)),
            van.fact(f.Arrived(stop_id=first, by="position")),
            van.fact(f.StopClosed(stop_id=first, delivered=1, failed=0)),
            van.fact(f.LegStarted(stop_id=second)),
        )
        card = page.locator(".vehicle[data-vehicle=van-1]")
        await expect(card).to_contain_text("Under way")
        await expect(card).to_contain_text("1 of 3")
        await expect(page.locator(".stop .under").first).to_contain_text("Now")
        await page.click("[data-filter=delivered]")
        await expect(page.locator(".stop")).to_have_count(1)
        await page.click(".stop")
        await expect(page.locator(".leaflet-popup")).to_contain_text("Delivered")
        await page.click("[data-filter=all]")
        await page.fill("#find", "Customer 2")
        await expect(page.locator(".stop")).to_have_count(1)


async def test_an_alarm_is_seen_by_keyboard(tmp_path: Path, page: Page):
    async with running(tmp_path) as asked:
        await page.goto(asked.url)
        await expect(page.locator("#link")).to_contain_text("connected")
        await asked.house.database.transaction(
            lambda db: raise_alarm(db, "silent/van-1", "silent", "van-1", "Nothing heard", NOON)
        )
        asked.station._alarmed()
        await expect(page.locator("#alarm-count")).to_have_class("count alert")
        await page.focus("#tab-stops")
        await page.keyboard.press("ArrowRight")
        await expect(page.locator("#tab-alarms")).to_be_focused()
        await expect(page.locator(".alarm")).to_contain_text("Silent · van-1")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator(".alarm")).to_contain_text("seen")
        await expect(page.locator("#alarm-count")).to_have_class("count")


async def test_names_out_of_a_spreadsheet_stay_words(tmp_path: Path, page: Page):
    content = sheet(1).replace(
        b"Customer 0", f'"{NASTY.replace(chr(34), chr(34) * 2)}"'.encode()
    )
    async with running(tmp_path, vans=1) as asked:
        await with_routes(asked, content=content)
        await page.goto(asked.url)
        await expect(page.locator(".stop .title")).to_have_text(NASTY)
        await page.click(".stop")
        await expect(page.locator(".leaflet-popup h3")).to_have_text(NASTY)
        await page.wait_for_timeout(1_000)  # the map flies there
        at = await page.locator(".leaflet-popup-tip-container").bounding_box()
        assert at is not None
        await page.locator(".leaflet-popup-close-button").click()
        below = at["y"] + at["height"] + 4  # the popup points at the dot
        await page.mouse.move(at["x"] + at["width"] / 2, below, steps=4)
        await expect(page.locator(".leaflet-tooltip")).to_have_text(NASTY)
        assert await page.title() == "Depot · doorstep"
        assert await page.locator("img[src=x]").count() == 0


async def test_the_page_finds_back_after_the_station_was_away(tmp_path: Path, page: Page):
    async with running(tmp_path) as asked:
        await page.goto(asked.url)
        await expect(page.locator("#link")).to_contain_text("connected")
        port = int(asked.url.rstrip("/").rpartition(":")[2])
    await expect(page.locator("#link")).to_contain_text("not reached")
    async with running(tmp_path, port=port) as asked:
        await with_routes(asked)
        await expect(page.locator("#link")).to_contain_text("connected")
        await expect(page.locator(".stop")).to_have_count(6)


async def test_conditions_come_in_by_file_and_are_taken_back(tmp_path: Path, page: Page):
    async with running(tmp_path) as asked:
        await page.goto(asked.url)
        await expect(page.locator("#link")).to_contain_text("connected")
        await page.click("#tab-conditions")
        await expect(page.locator("#layers")).to_contain_text("No traffic, weather or zones")
        await page.fill("#layer-hours", "2")
        file = {"name": "jam.csv", "mimeType": "text/csv", "buffer": b"1,2,30\n2,3,0\n"}
        await page.set_input_files("#layer-chosen", [file])
        layer = page.locator(".layer")
        await expect(layer).to_contain_text("traffic:jam")
        await expect(layer).to_contain_text("jam.csv · traffic-csv · version")
        await expect(layer).to_contain_text(f"until {NOON.hour + 2:02}:0")
        for van in ("van-1", "van-2"):
            await expect(layer).to_contain_text(f"{van} acknowledged")
        wrong = {"name": "jam.csv", "mimeType": "text/csv", "buffer": b"1,2,fast\n"}
        await page.set_input_files("#layer-chosen", [wrong])
        await expect(page.locator(".toast.bad")).to_contain_text("jam.csv")
        await expect(layer).to_have_count(1)  # what was known stays
        clear = layer.get_by_role("button", name="Clear")
        await clear.click()
        await expect(layer).to_contain_text("Taken back")
        await expect(clear).to_be_hidden()
        await expect(layer).to_contain_text("van-1 acknowledged")


async def test_u2_a_stop_in_a_zone_is_shown_with_its_reason(tmp_path: Path, page: Page):
    why = (
        "in a zone that may not be entered: Market (gas leak); 120 m away the vehicle may stand"
    )
    async with running(tmp_path, vans=1) as asked:
        await with_routes(asked, rows=3)
        await page.goto(asked.url)
        await expect(page.locator(".stop")).to_have_count(3)
        vehicle = asked.house.vehicles[0]
        van = vehicle.van
        [route] = (await asked.state())["routes"].values()
        van.route = route["id"]
        first, *others = route["order"]
        vehicle.tell(
            van.fact(
                f.PlanChanged(
                    number=2,
                    plan_hash="0" * 64,
                    back_utc=NOON,
                    stops=tuple(
                        PlannedStop(stop_id=s, arrives_utc=NOON, departs_utc=NOON)
                        for s in others
                    ),
                    dropped=(DroppedStop(stop_id=first, reason=why, code="zone"),),
                    why=Why(trigger="conditions"),
                )
            ),
            van.fact(f.StopBarred(stop_id=first, reason=why)),
        )
        await page.click("#tab-conditions")
        await expect(page.locator("#left-out-head")).to_be_visible()
        await expect(page.locator("button.left-out")).to_have_count(1)
        await expect(page.locator("button.left-out")).to_contain_text(why)
        await page.click("#tab-alarms")
        await expect(page.locator(".alarm")).to_contain_text("Not driven to · van-1")
        await expect(page.locator(".alarm")).to_contain_text("Market (gas leak)")
