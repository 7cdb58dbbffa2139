"""Tasks that live as long as a block does."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

Lives = dict[str, Coroutine[Any, Any, None]]


@asynccontextmanager
async def beside(lives: Lives) -> AsyncIterator[None]:
    """Run these, by name, until the block ends; one that fails ends the block.

    The block's own error is raised as it is, not wrapped in a group.
    """
    failed: Exception | None = None
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(life, name=name) for name, life in lives.items()]
        try:
            yield
        except Exception as error:
            failed = error
        for task in running:
            task.cancel()
    if failed is not None:
        raise failed
