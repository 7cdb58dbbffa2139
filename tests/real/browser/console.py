"""The console in Chromium, read as by a dispatcher: what stands where, in which colour."""

import asyncio
import math
import re
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Page

from edge.messages.geo import Place

PATIENCE_MS = 20_000
SAMPLE_EVERY_S = 0.15
STANDS_FOR_S = 3.0  # longer than a glide
NEAR_RGB = 40  # what blending with transparency leaves of a colour
OPAQUE_ENOUGH = 60
MARKERS = """() => {
    const markers = [...document.querySelectorAll(".van, .depot")];
    return Object.fromEntries(markers.map((marker) => {
        const box = marker.getBoundingClientRect();
        const name = marker.dataset.vehicle ?? "depot";
        return [name, [box.x + box.width / 2, box.y + box.height / 2]];
    }));
}"""
PIXELS = """([pane, spots, reach]) => {
    const canvas = document.querySelector(`.leaflet-${pane}-pane canvas`);
    const box = canvas.getBoundingClientRect();
    const scale = canvas.width / box.width;
    const copy = Object.assign(document.createElement("canvas"),
        { width: canvas.width, height: canvas.height });
    const pen = copy.getContext("2d", { willReadFrequently: true });
    pen.drawImage(canvas, 0, 0);
    return spots.map(([x, y]) => [...pen.getImageData(
        Math.round((x - reach - box.left) * scale), Math.round((y - reach - box.top) * scale),
        Math.round(2 * reach * scale) + 1, Math.round(2 * reach * scale) + 1).data]);
}"""
# Leaflet keeps its zoom as the scale of this element, 2 to the zoom less one.
ZOOM = """() => 1 + Math.log2(new DOMMatrix(
    document.querySelector(".leaflet-proxy").style.transform).a)"""

Spot = tuple[float, float]
Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Seen:
    """Where the markers were at an instant, in pixels of the page."""

    at_s: float
    spots: dict[str, Spot]


class Console:
    """The page and what is read from it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.troubles: list[str] = []
        self.asked: list[str] = []
        self.seen: list[Seen] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        page.on("console", lambda said: self._heard(said.type, said.text))
        page.on("request", lambda request: self.asked.append(request.url))

    def _heard(self, kind: str, text: str) -> None:
        expected = "status of 404" in text  # only the simulated town has a file of streets
        if kind in ("error", "warning") and not expected:
            self.troubles.append(f"{kind}: {text}")

    async def press(self, name: str) -> None:
        """Press a button."""
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def answered(self, title: str) -> str:
        """Wait for a dialog of this title, close it, return what it said."""
        await self.page.get_by_role("heading", name=title).wait_for()
        words = await self.page.inner_text("#dialog-body")
        await self.press("Close")
        return " ".join(words.split())

    async def shows(self, selector: str, pattern: str) -> str:
        """Wait until an element of this selector has words that fit; return them."""
        words = self.page.locator(selector).filter(has_text=re.compile(pattern, re.DOTALL))
        await words.first.wait_for()
        return " ".join((await words.first.inner_text()).split())

    async def texts(self, selector: str) -> list[str]:
        """Return the words of every element that can be seen."""
        found = await self.page.locator(selector).all_inner_texts()
        return [" ".join(words.split()) for words in found if words]

    async def watch(self) -> None:
        """Note where the markers are, some times a second, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            self.seen.append(Seen(loop.time(), await self.markers()))
            await asyncio.sleep(SAMPLE_EVERY_S)

    def stands(self) -> bool:
        """Tell whether no marker has moved for a while."""
        last = self.seen[-1]
        lately = [seen for seen in self.seen if last.at_s - seen.at_s <= STANDS_FOR_S]
        return last.at_s - self.seen[0].at_s > STANDS_FOR_S and all(
            gap_px(spot, last.spots.get(name, spot)) <= 1.0
            for seen in lately
            for name, spot in seen.spots.items()
        )

    async def markers(self) -> dict[str, Spot]:
        """Return the middle of each van's marker, and of the `depot`."""
        found = await self.page.evaluate(MARKERS)
        return {name: (x, y) for name, (x, y) in found.items()}

    async def chart(self, home: Place) -> "Chart":
        """Return how places become pixels, told by the depot and the zoom alone."""
        zoom = float(await self.page.evaluate(ZOOM))
        return Chart(home, (await self.markers())["depot"], 256 * 2**zoom)

    async def have_colour(
        self, pane: str, spots: list[Spot], colour: Rgb, reach: float
    ) -> list[bool]:
        """Tell for each spot whether a canvas has the colour within `reach` pixels of it."""
        read = await self.page.evaluate(PIXELS, [pane, [[*spot] for spot in spots], reach])
        return [_has(pixels, colour) for pixels in read]

    async def state(self) -> dict[str, Any]:
        """Return what the station tells its pages."""
        told = await self.page.evaluate("fetch('/api/state').then((answer) => answer.json())")
        assert isinstance(told, dict)
        return told


@dataclass(frozen=True, slots=True)
class Chart:
    """Web Mercator about the depot's marker."""

    home: Place
    home_spot: Spot
    world_px: float

    def spot(self, place: Place) -> Spot:
        """Return where a place must be drawn."""
        (x, y), (home_x, home_y) = _mercator(place), _mercator(self.home)
        left, top = self.home_spot
        return left + (x - home_x) * self.world_px, top + (y - home_y) * self.world_px

    def along(self, one: Place, other: Place, count: int) -> list[Spot]:
        """Return spots on the line between two places, none at its ends."""
        (x1, y1), (x2, y2) = self.spot(one), self.spot(other)
        parts = [(step + 1) / (count + 1) for step in range(count)]
        return [(x1 + (x2 - x1) * part, y1 + (y2 - y1) * part) for part in parts]


def gap_px(one: Spot, other: Spot) -> float:
    """Return how far apart two spots are."""
    return math.dist(one, other)


def _mercator(place: Place) -> Spot:
    """Return x east and y south, the world being 1 wide."""
    lat_rad = math.radians(place.lat_deg)
    north = math.asinh(math.tan(lat_rad)) / (2 * math.pi)
    return place.lon_deg / 360 + 0.5, 0.5 - north


def _has(pixels: list[int], colour: Rgb) -> bool:
    return any(
        pixels[at + 3] >= OPAQUE_ENOUGH
        and all(abs(pixels[at + part] - colour[part]) <= NEAR_RGB for part in range(3))
        for at in range(0, len(pixels), 4)
    )
