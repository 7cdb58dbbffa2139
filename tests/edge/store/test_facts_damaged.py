"""facts.db whose bytes have changed behind its back: told, put aside, and the day goes on."""

import pytest

from edge.errors import StoreError
from edge.handover.proof import verify_chain
from edge.messages.broker.wire import read_fact
from edge.messages.facts import DaemonStarted, ItemQuarantined, ParcelLoaded
from edge.store import rows
from edge.store.database import Database
from tests.edge.store.stores import KEY, all_facts, epochs, open_facts, tamper

KEYS = {KEY.key_id: KEY.public}


def loaded(number):
    return ParcelLoaded(parcel_id=f"P{number}")


async def test_a_rotten_fact_is_told_under_its_own_number_and_blocks_nothing(tmp_path):
    store = await open_facts(tmp_path)
    await store.commit([loaded(n) for n in range(4)])
    await store.close()
    tamper(tmp_path / "facts.db", "UPDATE fact SET sealed = ? WHERE seq = 3", b"rot")
    store = await open_facts(tmp_path)
    events = [read_fact(sealed) for sealed in await all_facts(store)]
    assert [event.seq for event in events] == [1, 2, 3, 4, 5]
    told = events[2].data
    assert (told.stream, told.seq, told.why) == ("fact", 3, "bit rot")
    _, faults = verify_chain(await all_facts(store), KEYS)
    assert [fault.seq for fault in faults] == [4], "a verifier sees where the chain was cut"
    kept = await store.database.read(lambda c: c.execute("SELECT * FROM quarantine").fetchall())
    assert [value for _, _, value in kept] == [b"rot"]
    await store.close()


async def test_when_the_last_fact_has_rotted_the_chain_goes_on_from_its_substitute(tmp_path):
    store = await open_facts(tmp_path)
    await store.commit([loaded(1)])
    await store.close()
    tamper(tmp_path / "facts.db", "UPDATE fact SET sealed = ? WHERE seq = 2", b"rot")
    store = await open_facts(tmp_path)
    await store.commit([loaded(2)])
    assert verify_chain(await all_facts(store), KEYS) == (3, [])
    await store.close()


async def test_rotten_state_is_dropped_and_told(tmp_path):
    store = await open_facts(tmp_path)
    await store.commit([], state={"progress": b"good", "route": b"R1"})
    await store.close()
    tamper(tmp_path / "facts.db", "UPDATE state SET value = ? WHERE name = 'progress'", b"bad")
    store = await open_facts(tmp_path)
    assert (store.state("progress"), store.state("route")) == (None, b"R1")
    told = read_fact((await all_facts(store))[-1]).data
    assert isinstance(told, ItemQuarantined)
    assert (told.stream, told.why) == ("state/progress", "bit rot")
    await store.close()
    store = await open_facts(tmp_path)
    assert store.last_seq == 2, "it is told once"
    await store.close()


@pytest.mark.parametrize("damage", ["header", "middle", "empty page"])
async def test_a_broken_file_is_put_aside_and_a_new_epoch_says_so(tmp_path, damage):
    file = tmp_path / "facts.db"
    store = await open_facts(tmp_path)
    for number in range(200):
        await store.commit([loaded(number)])
    await store.close()
    content = bytearray(file.read_bytes())
    if damage == "header":
        content[:100] = b"\xff" * 100
    else:
        filling = b"\xff" if damage == "middle" else b"\0"
        content[4096 * 5 : 4096 * 20] = filling * 4096 * 15
    file.write_bytes(content)
    store = await open_facts(tmp_path, new_epoch=epochs("e2"))
    assert (store.epoch, store.boot, store.last_seq) == ("e2", 1, 1)
    first = read_fact((await all_facts(store))[0])
    assert "facts.db.bad-1" in first.data.reason
    assert (tmp_path / "facts.db.bad-1").read_bytes()[100:] == content[100:]
    await store.commit([DaemonStarted(version="1", boot=1, phase="idle")])
    await store.close()


async def test_an_older_broken_file_is_not_overwritten(tmp_path):
    for number in (1, 2):
        (tmp_path / "facts.db").write_bytes(b"broken %d" % number + bytes(9000))
        store = await open_facts(tmp_path)
        await store.close()
    assert (tmp_path / "facts.db.bad-1").read_bytes()[:8] == b"broken 1"
    assert (tmp_path / "facts.db.bad-2").read_bytes()[:8] == b"broken 2"


async def test_whoever_only_looks_leaves_a_broken_file_where_it_is(tmp_path):
    file = tmp_path / "facts.db"
    file.write_bytes(b"broken" + bytes(9000))
    with pytest.raises(StoreError, match="not a database"):
        await Database.open(file, rows.SCHEMA, begin_anew=False)
    assert [found.name for found in tmp_path.iterdir()] == ["facts.db"]
