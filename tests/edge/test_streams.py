"""What stands between two tasks: the newest value for everybody, nothing left behind."""

import asyncio

import pytest

from edge.streams import Latest, Mailbox, MailboxFullError


async def test_every_reader_wakes_with_the_newest_value():
    latest = Latest[str]()
    readers = [asyncio.create_task(latest.newer_than(0)) for _ in range(3)]
    await asyncio.sleep(0)
    latest.set("old")
    latest.set("new")
    assert await asyncio.gather(*readers) == [(2, "new")] * 3
    assert await latest.newer_than(1) == (2, "new")


async def test_a_reader_that_gives_up_leaves_nothing_behind_and_takes_nobody_with_it():
    latest = Latest[str]()
    patient = asyncio.create_task(latest.newer_than(0))
    for _ in range(100):
        impatient = asyncio.create_task(latest.newer_than(0))
        await asyncio.sleep(0)
        impatient.cancel()
        with pytest.raises(asyncio.CancelledError):
            await impatient
    assert latest.readers == 1
    latest.set("at last")
    assert await patient == (1, "at last")
    assert latest.readers == 0


async def test_a_full_mailbox_is_an_error_and_keeps_its_order():
    box: Mailbox[int] = Mailbox("orders", 2)
    box.put(1)
    box.put(2)
    with pytest.raises(MailboxFullError):
        box.put(3)
    assert [await box.get(), await box.get()] == [1, 2]
