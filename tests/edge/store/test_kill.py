"""A process that commits in a loop is killed at any instant: nothing it was told is lost."""

import asyncio
import subprocess
import sys
from random import Random

import pytest

from edge.errors import StoreError
from edge.handover.proof import verify_chain
from tests.edge.store.stores import KEY, open_facts

CHILD = """
import asyncio, sys
from pathlib import Path
from edge.messages.facts import ParcelLoaded
from tests.edge.store.stores import open_facts

async def main():
    store = await open_facts(Path(sys.argv[1]))
    print(f"resumed {store.last_seq}", flush=True)

    async def commit(number):
        facts = [ParcelLoaded(parcel_id=f"{number}-{n}") for n in range(number % 3 + 1)]
        seq = await store.commit(facts, state={"progress": bytes(2000)})
        print(f"told {seq}", flush=True)

    number = 0
    while True:
        await asyncio.gather(*(commit(number + n) for n in range(5)))
        number += 5

asyncio.run(main())
"""


def run_and_kill(folder, after):
    """Run the child until it has said `after` lines, kill it, and return what it said."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder)], stdout=subprocess.PIPE, text=True
    )
    said = [child.stdout.readline().split() for _ in range(after)]
    child.kill()
    said += [line.split() for line in child.stdout if line.endswith("\n")]
    child.wait()
    child.stdout.close()
    return said


async def facts_of(folder):
    store = await open_facts(folder)
    facts = await store.read(1, 1_000_000)
    await store.close()
    return facts


def kill_often(folder, times, rng):
    told = 0
    for _ in range(times):
        said = run_and_kill(folder, rng.randint(1, 40))
        resumed = int(said[0][1])
        assert resumed >= told, "a fact that was told durable is gone"
        told = max([resumed, *(int(words[1]) for words in said[1:])])
    facts = asyncio.run(facts_of(folder))
    assert [seq for seq, _ in facts] == list(range(1, len(facts) + 1))
    assert len(facts) >= told
    sealed = [event for _, event in facts]
    assert verify_chain(sealed, {KEY.key_id: KEY.public}) == (len(sealed), [])


def test_thirty_kills(tmp_path):
    kill_often(tmp_path, 30, Random(1))


@pytest.mark.soak
def test_a_thousand_kills(tmp_path):
    kill_often(tmp_path, 1000, Random(2))


def test_a_running_child_keeps_everybody_else_out(tmp_path):
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    child.stdout.readline()
    try:
        with pytest.raises(StoreError, match="locked"):
            asyncio.run(facts_of(tmp_path))
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
