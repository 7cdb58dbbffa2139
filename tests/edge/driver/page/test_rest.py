"""The driver's break on the page: shown, begun, ended, and kept over a restart."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from edge.driver.server import Address
from edge.messages.commands import EndBreak, FinishLoading, ScanParcel, StartBreak, StartLoading
from edge.messages.facts import BreakEnded, BreakStarted
from edge.messages.routes import DriverBreak, Route
from tests.edge.driver.day import STOPS, T0, a_route
from tests.edge.driver.page.phone import Phone
from tests.edge.driver.van import Van, a_van
from tests.edge.executor.replanning.days import until

HADDAD, VOGEL, OKAFOR = STOPS[:3]
PARCELS = ("P-40071", "P-40072", "P-40080", "P-40093")


def with_a_break() -> Route:
    rest = DriverBreak(
        opens_utc=T0 + timedelta(minutes=5), closes_utc=T0 + timedelta(hours=3), lasts_s=1800.0
    )
    return msgspec.structs.replace(a_route(HADDAD, VOGEL, OKAFOR), breaks=(rest,))


@pytest.mark.browser
@pytest.mark.xdist_group("chromium")
async def test_the_break_is_shown_begun_and_ended(
    van: Van, address: Address, phone: Phone
) -> None:
    await van.offer(with_a_break())
    await phone.open(address.url)
    await phone.load_all(*PARCELS)
    await phone.sees("Break 30 min, about")
    await phone.press("Start the break")
    await phone.sees("Break of 30 min since")
    await phone.press("End the break")
    await phone.sees("Start the break")  # it was too short
    await phone.sent()
    ended = [fact for fact in await van.facts() if isinstance(fact, BreakEnded)]
    assert [fact.whole for fact in ended] == [False]


@pytest.mark.browser
@pytest.mark.xdist_group("chromium")
async def test_who_has_no_break_sees_nothing_of_it(
    van: Van, address: Address, phone: Phone
) -> None:
    await van.offer(a_route(HADDAD, VOGEL, OKAFOR))
    await phone.open(address.url)
    await phone.load_all(*PARCELS)
    await phone.heading("Amal Haddad")
    assert await phone.page.get_by_text("break").count() == 0


async def test_a_break_goes_on_after_a_restart(tmp_path: Path) -> None:
    action = StartBreak(action_id="b1", driver="ada")
    async with a_van(tmp_path) as van:
        await van.offer(with_a_break())
        await until(lambda: van.desk.plan is not None)
        assert len(van.desk.plan.breaks) == 1
        await van.desk.act(StartLoading(action_id="s", driver="ada"))
        for parcel in PARCELS:
            await van.desk.act(ScanParcel(action_id=parcel, driver="ada", parcel_id=parcel))
        await van.desk.act(FinishLoading(action_id="f", driver="ada"))
        assert (await van.desk.act(action)).accepted
        await until(lambda: not van.desk.plan.breaks)
        since_utc = van.view.rest.since_utc
        assert since_utc is not None
    async with a_van(tmp_path) as van:
        assert van.view.rest.since_utc == since_utc
        assert (await van.desk.act(action)).accepted  # the same press, answered as before
        assert (await van.desk.act(EndBreak(action_id="b2", driver="ada"))).accepted
        facts = await van.facts()
        assert sum(isinstance(fact, BreakStarted) for fact in facts) == 1
        assert sum(isinstance(fact, BreakEnded) for fact in facts) == 1
