"""facts.db: all of a commit or nothing, in one chain, whatever happens to the file."""

import asyncio
import sqlite3
from datetime import timedelta

import pytest

from edge.errors import ConfigError, StoreError
from edge.handover.proof import verify_chain
from edge.messages.broker.wire import read_fact
from edge.messages.facts import LoadingStarted, ParcelLoaded
from edge.store import rows
from edge.store.facts import ACKED_UNWRITTEN
from tests.edge.store.stores import KEY, MORNING, all_facts, crash, open_facts, tamper

KEYS = {KEY.key_id: KEY.public}


def loaded(number):
    return ParcelLoaded(parcel_id=f"P{number}")


async def test_the_first_fact_of_an_epoch_says_why_it_began(tmp_path):
    store = await open_facts(tmp_path)
    event = read_fact((await all_facts(store))[0])
    assert (event.seq, event.data.reason, store.boot) == (1, "first start", 1)
    await store.close()


async def test_a_fact_carries_who_when_and_where_it_belongs(tmp_path):
    store = await open_facts(tmp_path)
    await store.commit([loaded(1)], driver="D7", route="R1", subject="P1")
    event = read_fact((await all_facts(store))[-1])
    assert event.id == "van-1/e1/2"
    assert event.source == "/fleet/v1/acme/van-1"
    assert event.type == "doorstep.parcel_loaded.v1"
    assert (event.driver, event.route, event.subject) == ("D7", "R1", "P1")
    assert (event.timesource, event.boot, event.data) == ("ntp", 1, loaded(1))
    assert MORNING <= event.time < MORNING + timedelta(minutes=1)
    await store.close()


async def test_everything_of_a_commit_is_there_after_a_restart(tmp_path):
    store = await open_facts(tmp_path)
    last = await store.commit(
        [loaded(1), loaded(2)],
        state={"progress": b"at stop 4"},
        received=("c1", 7),
        answer=("scan-1", b"yes"),
    )
    await crash(store)
    store = await open_facts(tmp_path)
    assert (store.last_seq, store.epoch, store.boot) == (last, "e1", 2)
    assert store.appended.value == last
    assert store.state("progress") == b"at stop 4"
    assert store.received() == {"c1": 7}
    assert store.answer("scan-1") == b"yes"
    await store.close()


async def test_the_chain_goes_on_through_restarts(tmp_path):
    for number in range(3):
        store = await open_facts(tmp_path)
        await asyncio.gather(*(store.commit([loaded(number)]) for _ in range(5)))
        await crash(store)
    store = await open_facts(tmp_path)
    assert verify_chain(await all_facts(store), KEYS) == (16, [])
    await store.close()


async def test_commits_that_wait_share_the_next_one(tmp_path):
    store = await open_facts(tmp_path)
    counted = []
    write = store._write
    store._write = lambda c, batch, *rest: counted.append(len(batch)) or write(c, batch, *rest)
    numbers = await asyncio.gather(*(store.commit([loaded(n)]) for n in range(100)))
    assert numbers == list(range(2, 102))
    assert counted == [1, 99]
    await store.close()


async def test_a_caller_who_gives_up_waiting_changes_nothing_for_the_others(tmp_path):
    store = await open_facts(tmp_path)
    first, second, third = (
        asyncio.ensure_future(store.commit([loaded(n)], state={"n": b"%d" % n}))
        for n in range(3)
    )
    await asyncio.sleep(0)
    second.cancel()
    assert await first == 2
    assert await third == 4
    assert store.state("n") == b"2"
    await store.close()


async def test_state_is_shown_only_once_it_is_durable_and_none_removes_it(tmp_path):
    store = await open_facts(tmp_path)
    commit = asyncio.ensure_future(store.commit([], state={"plan": b"1"}))
    await asyncio.sleep(0)
    assert store.state("plan") is None
    await commit
    assert store.state("plan") == b"1"
    await store.commit([], state={"plan": None})
    assert store.state("plan") is None
    await crash(store)
    store = await open_facts(tmp_path)
    assert store.state("plan") is None
    await store.close()


async def test_only_the_newest_answers_are_kept(tmp_path):
    store = await open_facts(tmp_path)
    asked = range(rows.KEPT_ANSWERS + 10)
    await asyncio.gather(*(store.commit([], answer=(f"a{n}", b"%d" % n)) for n in asked))
    for _ in range(2):
        kept = [n for n in asked if store.answer(f"a{n}") == b"%d" % n]
        assert kept == list(asked)[10:]
        await store.close()
        store = await open_facts(tmp_path)
    await store.close()


async def test_a_failed_commit_leaves_nothing_behind_and_the_next_one_works(tmp_path):
    store = await open_facts(tmp_path)
    await store.database.read(lambda c: c.execute("PRAGMA query_only=1"))
    with pytest.raises(StoreError, match="readonly"):
        await store.commit(
            [loaded(1)], state={"n": b"1"}, received=("c1", 1), answer=("a", b"")
        )
    assert (store.last_seq, store.state("n"), store.received()) == (1, None, {})
    assert store.answer("a") is None
    assert "facts.db" in store.alarm
    await store.database.read(lambda c: c.execute("PRAGMA query_only=0"))
    assert await store.commit([loaded(2)]) == 2
    assert store.alarm == ""
    assert verify_chain(await all_facts(store), KEYS) == (2, [])
    await store.close()


async def test_acknowledgements_reach_the_disk_with_the_next_commit(tmp_path):
    store = await open_facts(tmp_path)
    await store.commit([loaded(n) for n in range(9)])
    await store.acknowledge(5)
    await store.commit([loaded(9)])
    await store.acknowledge(8)
    await crash(store)
    store = await open_facts(tmp_path)
    assert store.acked == 5
    await store.close()


async def test_a_ledger_that_has_less_than_it_said_keeps_facts_from_being_pruned(tmp_path):
    store = await open_facts(tmp_path)
    await store.commit([loaded(n) for n in range(9)])
    await store.acknowledge(9)
    await store.commit([loaded(9)])
    await store.acknowledge(3)
    assert await store.prune(MORNING + timedelta(days=1)) == 3
    await crash(store)
    store = await open_facts(tmp_path)
    assert store.acked == 3
    assert await store.stand_ins([2, 3]) == await store.read(2, 2)
    event = read_fact((await store.read(2, 1))[0][1])
    assert (event.seq, event.data.why) == (2, "wiped once it was acknowledged")
    assert read_fact((await store.read(4, 1))[0][1]).data == loaded(2)
    await store.close()


async def test_a_long_drain_is_written_without_waiting_for_a_commit(tmp_path):
    store = await open_facts(tmp_path)
    await store.commit([loaded(n) for n in range(ACKED_UNWRITTEN)])
    await store.acknowledge(ACKED_UNWRITTEN)
    await crash(store)
    store = await open_facts(tmp_path)
    assert store.acked == ACKED_UNWRITTEN
    await store.close()


async def test_an_acknowledgement_of_more_than_there_is_counts_what_there_is(tmp_path):
    store = await open_facts(tmp_path)
    await store.acknowledge(99)
    assert store.acked == 1
    await store.close()


async def test_pruning_takes_old_acknowledged_facts_and_the_chain_goes_on(tmp_path):
    store = await open_facts(tmp_path)
    await store.commit([loaded(n) for n in range(9)])
    await store.acknowledge(8)
    assert await store.prune(MORNING - timedelta(days=1)) == 0
    assert await store.prune(MORNING + timedelta(days=1)) == 8
    assert [seq for seq, _ in await store.read(1, 99)] == [9, 10]
    await store.acknowledge(10)
    assert await store.prune(MORNING + timedelta(days=1)) == 1
    before = await all_facts(store)
    await store.close()
    store = await open_facts(tmp_path)
    await store.commit([loaded(10)])
    assert [seq for seq, _ in await store.read(1, 99)] == [10, 11]
    after = read_fact((await all_facts(store))[-1])
    assert (after.seq, after.epoch) == (11, "e1")
    assert verify_chain([*before, (await all_facts(store))[-1]], KEYS, pruned=True) == (2, [])
    await store.close()


async def test_facts_without_a_trusted_time_are_pruned_with_those_after_them(tmp_path):
    store = await open_facts(tmp_path, source="none")
    await store.commit([loaded(1)])
    await store.acknowledge(2)
    assert await store.prune(MORNING + timedelta(days=1)) == 0
    await store.close()
    store = await open_facts(tmp_path)
    await store.commit([loaded(2), loaded(3)])
    await store.acknowledge(4)
    assert await store.prune(MORNING + timedelta(days=1)) == 3
    await store.close()


async def test_a_second_daemon_on_the_same_folder_is_refused(tmp_path):
    store = await open_facts(tmp_path)
    with pytest.raises(StoreError, match="locked"):
        await open_facts(tmp_path)
    assert await store.commit([LoadingStarted()]) == 2
    await store.close()


async def test_the_folder_of_another_vehicle_is_refused(tmp_path):
    await (await open_facts(tmp_path)).close()
    with pytest.raises(ConfigError, match="van-1"):
        await open_facts(tmp_path, vehicle="van-2")


async def test_a_file_of_a_newer_version_is_left_alone(tmp_path):
    await (await open_facts(tmp_path)).close()
    tamper(tmp_path / "facts.db", "PRAGMA user_version = 9")
    with pytest.raises(StoreError, match="newer version"):
        await open_facts(tmp_path)
    assert sqlite3.connect(tmp_path / "facts.db").execute("PRAGMA user_version").fetchone() == (
        9,
    )


async def test_a_folder_that_cannot_be_made_is_a_store_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        await open_facts(tmp_path / "file" / "store")


def test_on_virtual_time_every_commit_is_durable_in_line(tmp_path, simulate):
    async def day():
        store = await open_facts(tmp_path)
        for number in range(50):
            await asyncio.sleep(60.0)
            await store.commit([loaded(number)], state={"n": b"%d" % number})
        facts = await all_facts(store)
        await crash(store)
        return facts

    facts = simulate(day)
    assert verify_chain(facts, KEYS) == (51, [])
    assert read_fact(facts[-1]).monotonic == 3000.0
