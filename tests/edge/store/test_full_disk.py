"""A disk without space: facts are refused whole, never half; what was kept stays good."""

import asyncio
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from edge.errors import StoreError
from edge.handover.proof import verify_chain
from edge.messages.facts import ParcelLoaded, ScanRefused
from edge.store.ballast import BALLAST_B, Ballast
from tests.edge.store.stores import KEY, MORNING, crash, open_facts, open_proofs

KEYS = {KEY.key_id: KEY.public}


@pytest.fixture
def tiny_disk(tmp_path):
    """A file system of 20 MB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if shutil.which("mount") is None:
        pytest.skip("no mount on PATH: a tiny file system cannot be made")
    mount = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"this user may not mount a file system: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> None:
    """Leave not one page."""
    with (folder / "filling").open("wb") as file:
        for size_b in (1_000_000, 4096):
            try:
                while True:
                    os.write(file.fileno(), bytes(size_b))
            except OSError:
                continue


AT_ONCE = 10


async def commit_until_refused(store):
    """Commit facts until the disk takes no more; return how many were taken."""
    for number in range(10_000):
        facts = [ParcelLoaded(parcel_id=f"P{number}-{n}") for n in range(AT_ONCE)]
        try:
            await store.commit(facts, state={"n": b"%d" % number}, subject="x" * 900)
        except StoreError:
            assert store.state("n") == b"%d" % (number - 1)
            return number * AT_ONCE
    raise AssertionError("the disk never filled up")


async def whole(store):
    facts = [sealed for _, sealed in await store.read(1, 1_000_000)]
    return verify_chain(facts, KEYS)


async def test_a_full_disk_gives_up_the_reserve_then_refuses_and_loses_nothing(tiny_disk):
    store = await open_facts(tiny_disk)
    fill(tiny_disk)
    taken = await commit_until_refused(store)
    assert taken > 1000, "the reserve carried some more"
    assert "full" in store.alarm
    assert store.last_seq == 1 + taken
    await crash(store)
    (tiny_disk / "filling").unlink()
    store = await open_facts(tiny_disk)
    assert store.last_seq == 1 + taken
    assert store.state("n") == b"%d" % (taken // AT_ONCE - 1)
    assert await whole(store) == (1 + taken, [])
    await store.close()


async def test_a_store_that_was_full_goes_on_when_there_is_space_again(tiny_disk):
    store = await open_facts(tiny_disk)
    fill(tiny_disk)
    taken = await commit_until_refused(store)
    (tiny_disk / "filling").unlink()
    assert await store.commit([ParcelLoaded(parcel_id="last")]) == taken + 2
    assert "reserve" in store.alarm
    await store.acknowledge(taken + 2)
    await store.prune(MORNING.replace(year=2027))
    assert store.alarm == ""
    assert (tiny_disk / "facts.db.ballast").stat().st_size == BALLAST_B
    await store.close()


async def test_a_full_disk_can_be_pruned_by_giving_up_the_reserve(tiny_disk):
    store = await open_facts(tiny_disk)
    note = "x" * 900
    for _ in range(8):
        fact = ScanRefused(parcel_id=note[:64], reason="not on this route")
        await asyncio.gather(*(store.commit([fact], subject=note) for _ in range(200)))
    fill(tiny_disk)
    await store.acknowledge(1601)
    assert await store.prune(MORNING.replace(year=2027)) == 1600
    assert await store.commit([ParcelLoaded(parcel_id="next")]) == 1602
    await store.close()


async def test_a_store_starts_on_a_full_disk_by_giving_up_the_reserve(tiny_disk):
    store = await open_facts(tiny_disk)
    await store.commit([ParcelLoaded(parcel_id="P1")])
    await crash(store)
    fill(tiny_disk)
    store = await open_facts(tiny_disk)
    assert "full" in store.alarm
    assert await store.commit([ParcelLoaded(parcel_id="P2")]) == 3
    await store.close()


async def test_a_full_disk_without_a_reserve_is_named_at_the_start(tiny_disk):
    store = await open_facts(tiny_disk)
    await store.commit([ParcelLoaded(parcel_id="P1")])
    await crash(store)
    (tiny_disk / "facts.db.ballast").unlink()
    fill(tiny_disk)
    with pytest.raises(StoreError, match=r"disk I/O error|disk is full"):
        await open_facts(tiny_disk)


async def attach_all(proofs, photos):
    for photo in photos:
        await proofs.attach(photo, "image/jpeg")


async def test_a_photo_never_takes_the_reserve_of_the_facts(tiny_disk):
    store = await open_facts(tiny_disk)
    proofs = await open_proofs(store, tiny_disk)
    photos = (bytes([number]) * 1_000_000 for number in range(100))
    with pytest.raises(StoreError, match="No space left"):
        await attach_all(proofs, photos)
    assert proofs.last_seq % 31 == 0, "whole photos only"
    assert (tiny_disk / "facts.db.ballast").exists()
    assert not list((tiny_disk / "media").glob(".*"))
    assert await store.commit([ParcelLoaded(parcel_id="P1")]) == 2
    await store.close()


async def test_a_database_at_its_limit_of_pages_behaves_as_a_full_disk(tmp_path):
    """The same without a file system of its own."""
    store = await open_facts(tmp_path)
    await store.database.read(lambda c: c.execute("PRAGMA max_page_count=200").fetchall())
    taken = await commit_until_refused(store)
    assert not (tmp_path / "facts.db.ballast").exists()
    assert store.last_seq == 1 + taken
    assert await whole(store) == (1 + taken, [])
    await store.database.read(lambda c: c.execute("PRAGMA max_page_count=6000").fetchall())
    assert await store.commit([ParcelLoaded(parcel_id="P")]) == taken + 2
    assert await whole(store) == (2 + taken, [])
    await store.close()


def test_a_disk_that_can_spare_little_keeps_no_reserve(tiny_disk):
    reserve = Ballast(tiny_disk / "reserve", 15_000_000)
    reserve.restore()
    assert reserve.missing
    assert not (tiny_disk / "reserve").exists()
    assert not reserve.release()
