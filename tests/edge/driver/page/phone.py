"""A phone in the driver's hand: the page in Chromium on a small touch screen."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Error, Page, ViewportSize, async_playwright

CHROMIUM = "chromium"
ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
SCREEN: ViewportSize = {"width": 390, "height": 844}
PATIENCE_MS = 10_000
EXPECTED_WITHOUT_VAN = ("net::ERR_", "Failed to load resource")


class Phone:
    """The page and what the tests do with it; `troubles` is what must stay empty."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.context = context
        self.page = page
        self.troubles: list[str] = []
        self.asked: list[str] = []
        page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        page.on("console", lambda said: self._heard(said.type, said.text))
        page.on("request", lambda request: self.asked.append(request.url))

    def _heard(self, kind: str, text: str) -> None:
        expected = any(part in text for part in EXPECTED_WITHOUT_VAN)
        if kind in ("error", "warning") and not expected:
            self.troubles.append(f"{kind}: {text}")

    async def open(self, url: str, driver: str = "Ada Kline") -> None:
        await self.page.goto(url)
        if driver:
            await self.page.get_by_label("Your name or number").fill(driver)
            await self.press("Start the day")

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name).click()

    async def sees(self, words: str) -> None:
        await self.page.get_by_text(words).first.wait_for(timeout=PATIENCE_MS)

    async def heading(self, words: str) -> None:
        await self.page.get_by_role("heading", name=words, level=1).wait_for(
            timeout=PATIENCE_MS
        )

    async def scan(self, parcel_id: str) -> None:
        """Type as a scanner does: quickly, no field chosen, then Enter."""
        await self.page.evaluate("document.activeElement.blur()")
        await self.page.keyboard.type(parcel_id)
        await self.page.keyboard.press("Enter")

    async def load_all(self, *parcel_ids: str) -> None:
        await self.press("Start loading")
        await self.heading("Load the van")
        for parcel_id in parcel_ids:
            await self.page.get_by_role("button", name=f"Mark {parcel_id} as").click()
        await self.page.get_by_role("button", name="Finish loading").click()

    async def arrive(self) -> None:
        await self.press("Arrived")
        await self.sees("At the stop")

    async def photograph(self, name: str, content: bytes, media_type: str) -> None:
        """Take a photo; Chromium's camera is a file."""
        shots = await self.page.locator(".shot img").count()
        await self.page.set_input_files(
            "main input[type=file]",
            {"name": name, "mimeType": media_type, "buffer": content},
        )
        await self.page.locator(".shot img").nth(shots).wait_for(timeout=PATIENCE_MS)

    async def sign(self) -> None:
        field = self.page.get_by_label("Signature field")
        await field.scroll_into_view_if_needed()
        await field.evaluate("node => node.scrollIntoView({ block: 'center' })")
        box = await field.bounding_box()
        assert box is not None
        mouse = self.page.mouse
        await mouse.move(box["x"] + 30, box["y"] + 90)
        await mouse.down()
        for step in range(20):
            await mouse.move(box["x"] + 30 + 12 * step, box["y"] + 90 - 40 * (step % 3))
        await mouse.up()

    async def enter_pin(self, pin: str) -> None:
        await self.press("Enter the customer's PIN")
        for digit in pin:
            await self.page.get_by_role("button", name=digit, exact=True).click()
        await self.press("Done")

    async def outbox(self) -> list[dict[str, Any]]:
        found = await self.page.evaluate(
            "JSON.parse(localStorage.getItem('doorstep.outbox') ?? '[]')"
        )
        assert isinstance(found, list)
        return found

    async def sent(self) -> None:
        """Wait until nothing waits on the phone any more."""
        await self.page.wait_for_function(
            "() => (localStorage.getItem('doorstep.outbox') ?? '[]') === '[]'"
        )


@asynccontextmanager
async def a_phone(**options: Any) -> AsyncIterator[Phone]:
    """Open the browser; at the end nothing may have gone wrong in the page."""
    path = shutil.which(CHROMIUM)
    if path is None:
        pytest.skip("no chromium on PATH (apt-get install chromium)")
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS])
        except Error as error:
            pytest.fail(f"chromium does not start: {error}")
        context = await browser.new_context(
            viewport=SCREEN, has_touch=True, is_mobile=True, locale="en-GB", **options
        )
        context.set_default_timeout(PATIENCE_MS)
        phone = Phone(context, await context.new_page())
        yield phone
        await browser.close()
        assert not phone.troubles, phone.troubles
