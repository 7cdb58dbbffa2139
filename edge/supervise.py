"""Keep one outside link alive; let every other error end the daemon."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from random import Random

from edge.errors import LinkError

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
PROVEN_AFTER_S = 30.0  # a link that lived this long starts again with the first pause
TOLD_EVERY_S = 600.0  # a link that stays away for a day is a hundred lines, not ten thousand


async def keep_alive(
    name: str,
    run: Callable[[], Awaitable[None]],
    rng: Random,
    *,
    longest_pause_s: float = LONGEST_PAUSE_S,
) -> None:
    """Run `run` again after each LinkError, pausing longer each time, with jitter."""
    pause_s = FIRST_PAUSE_S
    told_s, tries = float("-inf"), 0
    loop = asyncio.get_running_loop()
    while True:
        started_s = loop.time()
        lost = await _until_lost(run, name)
        if lost is None:
            return
        tries += 1
        if loop.time() - started_s > PROVEN_AFTER_S:
            pause_s, told_s = FIRST_PAUSE_S, float("-inf")
        if loop.time() - told_s >= TOLD_EVERY_S:
            told_s = loop.time()
            log.warning("link lost", extra={"link": name, "why": str(lost), "tries": tries})
        await asyncio.sleep(pause_s * rng.uniform(0.5, 1.0))
        pause_s = min(2 * pause_s, longest_pause_s)


async def _until_lost(run: Callable[[], Awaitable[None]], name: str) -> LinkError | None:
    """Run until the link is lost, in a task of its own; None if it came to its end.

    In the caller's task a cancellation could not be told from a lost link: before Python 3.13 a
    task group that fails leaves its task marked as cancelled, and one that fails while it is
    being cancelled tells of the failure only (python/cpython#116720).
    """
    running = asyncio.create_task(_attempt(run), name=name)
    try:
        await asyncio.wait((running,))
    finally:
        while not running.done():
            running.cancel()
            await asyncio.wait((running,))
    return running.result()


async def _attempt(run: Callable[[], Awaitable[None]]) -> LinkError | None:
    lost: LinkError | None = None
    try:
        await run()
    except* LinkError as group:
        lost = first_of(group)
    return lost


def first_of(group: BaseExceptionGroup[LinkError]) -> LinkError:
    """Return the innermost first error of a group, to name the cause in a log."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, LinkError), f"not a link error: {error!r}"
    return error
