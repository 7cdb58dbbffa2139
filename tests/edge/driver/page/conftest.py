"""A phone with the page's browser."""

from collections.abc import AsyncIterator

import pytest

from tests.edge.driver.page.phone import Phone, a_phone


@pytest.fixture
async def phone() -> AsyncIterator[Phone]:
    async with a_phone() as opened:
        yield opened
