"""One morning: imported and dispatched in the console, driven and handed over by phone."""

import asyncio
import json
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright

from edge.messages.broker.wire import read_fact
from edge.messages.commands import CannotDeliver, FinishLoading, ScanParcel, StartLoading
from edge.messages.facts import ParcelEnded
from edge.messages.geo import Place
from edge.messages.parcels import FailureCode
from station.store.ledger import held_facts, media
from tests.edge.driver.page.phone import ARGUMENTS, CHROMIUM, PATIENCE_MS, SCREEN, Phone
from tests.edge.driver.pictures import png
from tests.real.browser.console import Chart, Console, Rgb, Seen
from tests.real.browser.house import HOME, House, Van, a_house
from tests.real.kills.driving.page import Page

STOPS = {
    "Amal Haddad": Place(lat_deg=48.11925, lon_deg=11.53320),
    "Bäckerei Vogel": Place(lat_deg=48.11890, lon_deg=11.53440),
    "Mo Spits": Place(lat_deg=48.11710, lon_deg=11.53350),
}
PHOTO_SIZE = (1000, 750)
SHEET = """\
Order ID,Parcel ID,Name,Address,Lat,Lon,Weight (kg),Photo,Signature
S-1,P-1,Amal Haddad,Gartenweg 4,48.11925,11.53320,10,yes,yes
S-2,P-2,Bäckerei Vogel,Marktplatz 1,48.11890,11.53440,10,yes,yes
S-3,P-3,Mo Spits,Hafenstraße 9,48.11710,11.53350,60,no,no
"""
VAN_1, VAN_2 = (31, 111, 235), (232, 89, 12)  # words.js
GOOD, BAD = (26, 138, 76), (209, 52, 59)  # frame.css
SPOTS_ON_A_LEG = 12
NEAR_M = 40.0  # close enough to say "arrived" while the van still rolls
TOUCHES = 24
WAITS_S = 30.0
LOOK_EVERY_S = 0.1


@dataclass(slots=True)
class Told:
    """What was seen, said and kept."""

    chart: Chart
    asked: list[str] = field(default_factory=list)
    tiles: int = 0
    """Pictures of a tile server on the map."""
    imported: str = ""
    assigned: str = ""
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    live_utcs: dict[str, set[str]] = field(default_factory=dict)
    alarms: list[list[str]] = field(default_factory=list)
    """Before, while and after a receiver was silent."""
    first: str = ""
    """Who was served on the phone."""
    console_verified: str = ""
    verified: dict[str, dict[str, Any]] = field(default_factory=dict)
    exits: dict[str, int] = field(default_factory=dict)
    ended: list[ParcelEnded] = field(default_factory=list)
    media: dict[str, bytes] = field(default_factory=dict)


async def play(folder: Path) -> Told:
    """Play the morning, then check its evidence whole and altered."""
    sheet = folder / "stops.csv"
    sheet.write_text(SHEET, encoding="utf-8")
    async with a_chromium() as chromium, a_house(folder) as house:
        told = await _morning(chromium, house, sheet)
        await _check_whole(house, told)
    _read_ledger(house, told)
    return told


@asynccontextmanager
async def a_chromium() -> AsyncIterator[Browser]:
    """Start Debian's Chromium."""
    path = shutil.which(CHROMIUM)
    assert path is not None, "chromium is not installed"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS])
        yield browser
        await browser.close()


async def _morning(chromium: Browser, house: House, sheet: Path) -> Told:
    wide = await chromium.new_context(
        viewport={"width": 1440, "height": 900}, locale="en-GB", color_scheme="light"
    )
    console = Console(await wide.new_page())
    await console.page.goto(house.console_url)
    for name in house.vans:
        await console.shows(".vehicle", f"{name}.*No route today")
    await console.page.set_input_files("#file", sheet)
    imported = await console.answered(sheet.name)
    await console.press("Assign")
    assigned = await console.answered("Assigned")
    await console.press("Dispatch")
    for name in house.vans:
        await console.shows(".vehicle", f"{name}.*Has its route")
        await console.page.locator(f".van[data-vehicle={name}]").wait_for()
    told = Told(chart=await console.chart(HOME), imported=imported, assigned=assigned)
    told.before = await _look(console, told.chart)
    watching = asyncio.create_task(_watch(console, told))
    small = await chromium.new_context(
        viewport=SCREEN, has_touch=True, is_mobile=True, locale="en-GB"
    )
    small.set_default_timeout(PATIENCE_MS)
    phone = Phone(small, await small.new_page())
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_by_phone(phone, house.vans["van-1"], told))
        tasks.create_task(_in_vain(house.vans["van-2"]))
    await console.shows(".stop", f"{told.first}.*Delivered")
    await console.shows(".stop", "Mo Spits.*Not delivered")
    await _until(lambda: all(van.receiver.away_m == 0 for van in house.vans.values()))
    await _until(console.stands)  # the markers glide after the last position
    watching.cancel()
    told.after = await _look(console, told.chart)
    await _lose_position(console, house.vans["van-2"], told)
    told.console_verified = await _verify_in_console(console)
    told.asked, told.tiles = console.asked, await console.page.locator(".leaflet-tile").count()
    assert not console.troubles, console.troubles
    assert not phone.troubles, phone.troubles
    return told


async def _watch(console: Console, told: Told) -> None:
    """See the markers move, and count the positions that the vans told meanwhile."""
    told.seen = console.seen
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(console.watch())
        while True:
            for name, live in (await console.state())["live"].items():
                told.live_utcs.setdefault(name, set()).add(live.get("utc", ""))
            await asyncio.sleep(0.5)


async def _look(console: Console, chart: Chart) -> dict[str, Any]:
    """Return everything a dispatcher sees at one instant."""
    spots = [chart.spot(place) for place in STOPS.values()]
    return {
        "markers": await console.markers(),
        "vehicles": await console.texts(".vehicle"),
        "stops": await console.texts(".stop"),
        "books": await console.texts("#books div"),
        "state": await console.state(),
        "lines": await _lines(console, chart),
        "good": await console.have_colour("dots", spots, GOOD, 2.0),
        "bad": await console.have_colour("dots", spots, BAD, 2.0),
    }


async def _lines(console: Console, chart: Chart) -> dict[str, list[bool]]:
    """Tell for spots along each leg whether a van's line is drawn there."""
    haddad, vogel, spits = STOPS.values()
    legs: dict[str, tuple[Place, Place, Rgb]] = {
        "home-haddad": (HOME, haddad, VAN_1),
        "haddad-vogel": (haddad, vogel, VAN_1),
        "vogel-home": (vogel, HOME, VAN_1),
        "home-spits": (HOME, spits, VAN_2),
    }
    drawn = {}
    for name, (one, other, colour) in legs.items():
        spots = chart.along(one, other, SPOTS_ON_A_LEG)
        drawn[name] = await console.have_colour("lines", spots, colour, 5.0)
    return drawn


async def _by_phone(phone: Phone, van: Van, told: Told) -> None:
    """Load out, drive to the first stop, hand over with photo and signature."""
    await phone.open(f"http://127.0.0.1:{van.page_port}/")
    await phone.heading("Today's route")
    await phone.press("Start loading")
    await phone.heading("Load the van")
    await phone.scan("P-1")
    await phone.sees("1 of 2 on board")
    await phone.press("Mark P-2 as on board")
    await phone.press("Finish loading")
    await phone.sees("Next stop")
    told.first = await phone.page.locator("h1").inner_text()
    van.receiver.target = STOPS[told.first]
    await _until(lambda: van.receiver.away_m < NEAR_M)
    await phone.arrive()
    await phone.photograph("door.png", png(*PHOTO_SIZE), "image/png")
    await _sign_by_finger(phone)
    await phone.page.get_by_label("Who took it?").fill("A. Neighbour")
    await phone.press("Hand over 1 parcel")
    await phone.sees("Next stop")
    await phone.sent()


async def _sign_by_finger(phone: Phone) -> None:
    """Touch the screen as a finger does; a page that scrolls meanwhile loses the strokes."""
    canvas = phone.page.get_by_label("Signature field")
    await canvas.evaluate("node => node.scrollIntoView({ block: 'center' })")
    box = await canvas.bounding_box()
    assert box is not None
    client = await phone.context.new_cdp_session(phone.page)

    async def touch(kind: str, *points: dict[str, float]) -> None:
        await client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [*points]})

    await touch("touchStart", {"x": box["x"] + 20, "y": box["y"] + 20})
    for step in range(1, TOUCHES):
        down = 20 + (step % 2) * (box["height"] - 40)
        await touch("touchMove", {"x": box["x"] + 20 + 12 * step, "y": box["y"] + down})
    await touch("touchEnd")


async def _in_vain(van: Van) -> None:
    """Drive the other van to a customer who is not at home."""
    async with Page(van.page_port) as page:
        numbers = iter(range(1, 100))

        async def do(kind: Any, **said: Any) -> None:
            answer = await page.act(kind(action_id=f"mo-{next(numbers)}", driver="mo", **said))
            assert answer.accepted, answer.why

        await do(StartLoading)
        await do(ScanParcel, parcel_id="P-3")
        await do(FinishLoading)
        van.receiver.target = STOPS["Mo Spits"]
        await _until(lambda: van.receiver.away_m < NEAR_M)
        stop = (await page.view()).stop
        assert stop is not None, "underway without a stop"
        code = FailureCode.NOBODY_HOME
        await do(CannotDeliver, stop_id=stop.stop_id, parcel_ids=("P-3",), code=code)


async def _lose_position(console: Console, van: Van, told: Told) -> None:
    """Let a receiver fall silent and speak again; read the alarms each time."""
    await console.page.get_by_role("tab", name="Alarms").click()
    told.alarms.append(await console.texts("#alarms li"))
    await van.hush()
    await console.shows("#alarms li", "No position")
    told.alarms.append(await console.texts("#alarms li"))
    van.speak()
    await console.page.locator("#alarms .alarm.over").wait_for()
    told.alarms.append(await console.texts("#alarms li"))


async def _verify_in_console(console: Console) -> str:
    """Press Verify until the photos are here too, as a dispatcher would."""
    until_s = time.monotonic() + WAITS_S
    while True:
        await console.press("Verify")
        title = await console.page.inner_text("#dialog-title")
        title += ": " + await console.answered("erified")
        if title.startswith("Verified") or time.monotonic() > until_s:
            return title
        await asyncio.sleep(LOOK_EVERY_S)


async def _check_whole(house: House, told: Told) -> None:
    """Verify through the running station; export what a third party checks later."""
    code, said = await house.command("verify", "--json")
    told.exits["ledger"], told.verified["ledger"] = code, json.loads(said)
    code, said = await house.command("export", "--out", str(house.folder / "evidence.zip"))
    assert code == 0, said
    code, said = await house.command("keys", "--json")
    (house.folder / "keys.json").write_text(said)
    told.exits["keys"] = code


def _read_ledger(house: House, told: Told) -> None:
    """Read outcomes and media from the ledger, now that everybody has ended."""
    with closing(sqlite3.connect(house.data / "station.db")) as db:
        for held in held_facts(db, "van-1"):
            fact = read_fact(held.sealed).data
            if isinstance(fact, ParcelEnded):
                told.ended.append(fact)
                for photo in (*fact.photos, fact.signature):
                    found = media(db, photo.sha256) if photo is not None else None
                    if photo is not None and found is not None:
                        told.media[photo.sha256] = found[1]


async def _until(what: Callable[[], bool]) -> None:
    until_s = time.monotonic() + WAITS_S
    while not what():
        assert time.monotonic() < until_s, "in vain"
        await asyncio.sleep(LOOK_EVERY_S)
