import asyncio
import itertools
import logging
from random import Random

import pytest

from edge.errors import LinkError, PeerError
from edge.supervise import FIRST_PAUSE_S, PROVEN_AFTER_S, TOLD_EVERY_S, keep_alive
from tests.conftest import simulate


def starts_of(run, *, for_s, longest_pause_s=30.0):
    """Run under `keep_alive` for some virtual seconds; return when it was started."""
    starts = []

    async def noted():
        starts.append(asyncio.get_running_loop().time())
        await run()

    async def main():
        async with asyncio.timeout(for_s):
            await keep_alive("mcu", noted, Random(1), longest_pause_s=longest_pause_s)

    with pytest.raises(TimeoutError):
        simulate(main)
    return starts


async def always_lost():
    async with asyncio.TaskGroup():
        raise LinkError("cable out")


def test_pauses_grow_to_the_longest():
    starts = starts_of(always_lost, for_s=600)
    gaps = [after - before for before, after in itertools.pairwise(starts)]
    assert gaps[0] <= FIRST_PAUSE_S
    assert 15 <= gaps[-1] <= 30
    assert len(starts) < 45


def test_a_link_that_held_is_tried_again_soon():
    async def holds_a_while():
        await asyncio.sleep(PROVEN_AFTER_S + 1)
        raise LinkError("cable out")

    starts = starts_of(holds_a_while, for_s=3600)
    gaps = [after - before for before, after in itertools.pairwise(starts)]
    assert max(gaps) <= PROVEN_AFTER_S + 1 + FIRST_PAUSE_S


def test_a_link_that_stays_away_does_not_fill_the_log(caplog):
    with caplog.at_level(logging.WARNING):
        starts = starts_of(always_lost, for_s=6 * TOLD_EVERY_S, longest_pause_s=2.0)
    assert len(starts) > 2000
    assert len(caplog.records) == 6


def test_any_other_error_passes_through():
    async def broken():
        raise PeerError("nonsense")

    async def main():
        await keep_alive("mcu", broken, Random(1))

    with pytest.raises(PeerError, match="nonsense"):
        simulate(main)


def test_cancelling_ends_it():
    async def main():
        async with asyncio.TaskGroup() as group:
            task = group.create_task(keep_alive("mcu", asyncio.Event().wait, Random(1)))
            await asyncio.sleep(1)
            task.cancel()
        assert task.cancelled()

    simulate(main)
