import asyncio

import pytest

from edge.errors import RefusedError
from sim.beside import beside
from tests.conftest import simulate


async def forever(ended):
    try:
        await asyncio.Event().wait()
    finally:
        ended.append(True)


def test_lives_end_with_the_block():
    async def main():
        ended = []
        async with beside({"one": forever(ended), "two": forever(ended)}):
            await asyncio.sleep(1.0)
            assert ended == []
        return ended

    assert simulate(main) == [True, True]


def test_the_block_s_own_error_comes_out_as_it_is():
    ended = []

    async def main():
        async with beside({"one": forever(ended)}):
            await asyncio.sleep(1.0)
            raise RefusedError("no")

    with pytest.raises(RefusedError, match="no"):
        simulate(main)
    assert ended == [True]


def test_a_life_that_fails_ends_the_block():
    async def fail():
        await asyncio.sleep(1.0)
        raise ValueError("ours")

    async def main():
        async with beside({"one": fail()}):
            await asyncio.sleep(10.0)

    with pytest.raises(ExceptionGroup) as error:
        simulate(main)
    assert isinstance(error.value.exceptions[0], ValueError)
