import asyncio
import itertools
from random import Random

import pytest

from edge.errors import LinkError
from edge.supervise import LONGEST_PAUSE_S, keep_alive
from tests.conftest import simulate


def test_a_lost_link_is_opened_again_after_longer_and_longer_pauses():
    opened_s = []

    async def run():
        opened_s.append(asyncio.get_running_loop().time())
        raise LinkError("gone")

    async def main():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(600):
                await keep_alive("wire", run, Random(1))

    simulate(main)
    pauses_s = [after - before for before, after in itertools.pairwise(opened_s)]
    assert 0.25 <= pauses_s[0] <= 0.5
    assert max(pauses_s) <= LONGEST_PAUSE_S
    assert min(pauses_s[8:]) >= LONGEST_PAUSE_S / 2


def test_a_session_whose_task_group_fails_is_opened_again():
    """Before Python 3.13 such a group leaves its task marked as cancelled."""
    opened = []

    async def lose_link():
        await asyncio.sleep(1)
        raise LinkError("gone")

    async def run():
        opened.append(1)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(lose_link())

    async def main():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(600):
                await keep_alive("wire", run, Random(1))

    simulate(main)
    assert len(opened) > 15


def test_another_error_ends_it():
    async def run():
        raise ValueError("ours")

    async def main():
        with pytest.raises(ValueError, match="ours"):
            await keep_alive("wire", run, Random(1))

    simulate(main)


def test_a_cancellation_that_meets_a_lost_link_is_not_lost():
    """Both in the same instant, as when the daemon stops while its broker does."""

    async def run():
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(lose_link())
            await asyncio.sleep(60)

    async def lose_link():
        await lost
        raise LinkError("gone")

    async def main():
        nonlocal lost
        lost = asyncio.get_running_loop().create_future()
        keeping = asyncio.ensure_future(keep_alive("wire", run, Random(1)))
        await asyncio.sleep(1)
        lost.set_result(None)
        await asyncio.sleep(0)  # the link is lost now, and the group has not ended yet
        keeping.cancel()
        done, _ = await asyncio.wait([keeping], timeout=600)
        assert keeping in done
        assert keeping.cancelled()

    lost = None
    simulate(main)
