"""Photos and signatures: durable, once each, sent in chunks, wiped some days after."""

from datetime import timedelta
from hashlib import sha256

import pytest

from edge.errors import RefusedError, StoreError
from edge.messages.broker.catalog import MAX_PIECE_B
from edge.messages.broker.stream import crc_of
from edge.messages.broker.wire import read_fact, to_msgpack
from edge.store.proofs import CHUNK_B
from tests.edge.store.stores import MORNING, crash, open_facts, open_proofs

PHOTO = bytes(range(256)) * 400  # four chunks
SIGNATURE = b"<svg/>"


@pytest.fixture
async def facts(tmp_path):
    store = await open_facts(tmp_path)
    yield store
    await store.close()


@pytest.fixture
async def proofs(facts, tmp_path):
    return await open_proofs(facts, tmp_path)


async def test_a_photo_is_named_by_its_hash(proofs):
    photo = await proofs.attach(PHOTO, "image/jpeg")
    assert photo.sha256 == sha256(PHOTO).hexdigest()
    assert (photo.media_type, photo.size) == ("image/jpeg", len(PHOTO))


async def test_its_chunks_make_the_photo_again(proofs):
    await proofs.attach(SIGNATURE, "image/svg+xml")
    photo = await proofs.attach(PHOTO, "image/jpeg")
    assert proofs.last_seq == proofs.appended.value == 5
    chunks = [chunk for _, chunk in await proofs.read(1, 99) if chunk.sha256 == photo.sha256]
    assert [(chunk.seq, chunk.index, chunk.count) for chunk in chunks] == [
        (2, 0, 4),
        (3, 1, 4),
        (4, 2, 4),
        (5, 3, 4),
    ]
    assert b"".join(chunk.piece for chunk in chunks) == PHOTO
    assert {chunk.epoch for chunk in chunks} == {"e1"}
    assert max(len(to_msgpack(chunk)) for chunk in chunks) < MAX_PIECE_B


async def test_the_same_bytes_count_once(proofs):
    assert await proofs.attach(PHOTO, "image/jpeg") == await proofs.attach(PHOTO, "image/jpeg")
    assert proofs.last_seq == 4


async def test_chunks_are_read_from_any_number_and_to_any_limit(proofs):
    await proofs.attach(PHOTO, "image/jpeg")
    await proofs.attach(SIGNATURE, "image/svg+xml")
    assert [seq for seq, _ in await proofs.read(3, 2)] == [3, 4]
    assert [seq for seq, _ in await proofs.read(5, 9)] == [5]
    assert await proofs.read(6, 9) == []


@pytest.mark.parametrize("content", [b"", bytes(20_000_001)], ids=["nothing", "too much"])
async def test_nothing_and_too_much_are_refused(proofs, content):
    with pytest.raises(RefusedError, match=str(len(content))):
        await proofs.attach(content, "image/jpeg")


async def test_media_and_numbers_survive_a_crash(tmp_path):
    facts = await open_facts(tmp_path)
    proofs = await open_proofs(facts, tmp_path)
    await proofs.attach(PHOTO, "image/jpeg")
    await proofs.acknowledge(2)
    await crash(facts)
    facts = await open_facts(tmp_path)
    proofs = await open_proofs(facts, tmp_path)
    assert (proofs.acked, proofs.last_seq) == (2, 4)
    await proofs.attach(PHOTO, "image/jpeg")
    await proofs.attach(SIGNATURE, "image/svg+xml")
    assert proofs.last_seq == 5
    assert (await proofs.read(5, 1))[0][1].piece == SIGNATURE
    await facts.close()


async def test_media_are_wiped_some_days_after_the_last_chunk_is_acknowledged(
    facts, proofs, tmp_path
):
    photo = await proofs.attach(PHOTO, "image/jpeg")
    signature = await proofs.attach(SIGNATURE, "image/svg+xml")
    await proofs.acknowledge(3)
    assert await proofs.prune(MORNING + timedelta(days=99)) == 0
    await proofs.acknowledge(4)
    assert await proofs.prune(MORNING - timedelta(days=1)) == 0
    assert await proofs.prune(MORNING + timedelta(days=1)) == 1
    left = {file.name for file in (tmp_path / "media").iterdir()}
    assert left == {signature.sha256}
    assert [seq for seq, _ in await proofs.read(1, 99)] == [5]
    assert photo.sha256 not in left


async def test_a_ledger_that_has_less_than_it_said_keeps_media_from_being_wiped(proofs):
    await proofs.attach(PHOTO, "image/jpeg")
    await proofs.acknowledge(4)
    await proofs.acknowledge(1)
    assert await proofs.prune(MORNING + timedelta(days=1)) == 0
    ((seq, chunk),) = await proofs.stand_ins([1])
    assert (seq, chunk.seq, chunk.count, chunk.piece) == (1, 1, 0, b"")
    assert chunk.crc == crc_of(chunk)


async def test_numbers_are_never_used_again_when_everything_was_wiped(tmp_path):
    facts = await open_facts(tmp_path)
    proofs = await open_proofs(facts, tmp_path)
    await proofs.attach(PHOTO, "image/jpeg")
    await proofs.acknowledge(4)
    assert await proofs.prune(MORNING + timedelta(days=1)) == 1
    await facts.close()
    facts = await open_facts(tmp_path)
    proofs = await open_proofs(facts, tmp_path)
    assert proofs.last_seq == 4
    await proofs.attach(PHOTO, "image/jpeg")
    assert [seq for seq, _ in await proofs.read(1, 99)] == [5, 6, 7, 8]
    await facts.close()


@pytest.mark.parametrize("damage", ["changed", "shorter", "gone"])
async def test_rotten_media_come_empty_and_are_told_once(facts, proofs, tmp_path, damage):
    photo = await proofs.attach(PHOTO, "image/jpeg")
    file = tmp_path / "media" / photo.sha256
    if damage == "changed":
        file.write_bytes(PHOTO[:CHUNK_B] + b"?" + PHOTO[CHUNK_B + 1 :])
    elif damage == "shorter":
        file.write_bytes(PHOTO[:CHUNK_B])
    else:
        file.unlink()
    for _ in range(2):
        pieces = [chunk.piece for _, chunk in await proofs.read(1, 99)]
        assert len(pieces) == 4
        assert pieces[1] == b""
        assert b"".join(pieces) != PHOTO
    told = [read_fact(sealed).data for _, sealed in await facts.read(2, 99)]
    assert [(fact.stream, fact.sha256) for fact in told] == [("proof", photo.sha256)]


async def test_a_photo_that_cannot_be_written_is_refused_whole(facts, proofs, tmp_path):
    (tmp_path / "media").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="media"):
        await proofs.attach(PHOTO, "image/jpeg")
    assert proofs.last_seq == 0
    (tmp_path / "media").unlink()
    await proofs.attach(PHOTO, "image/jpeg")
    assert proofs.last_seq == 4


async def test_a_file_whose_row_was_never_written_is_removed(tmp_path):
    facts = await open_facts(tmp_path)
    proofs = await open_proofs(facts, tmp_path)
    photo = await proofs.attach(PHOTO, "image/jpeg")
    await facts.close()
    for name in ("0" * 64, "." + "1" * 64):
        (tmp_path / "media" / name).write_bytes(b"half")
    facts = await open_facts(tmp_path)
    await open_proofs(facts, tmp_path)
    assert {file.name for file in (tmp_path / "media").iterdir()} == {photo.sha256}
    await facts.close()


async def test_the_media_of_a_broken_store_are_put_aside_with_it(tmp_path):
    facts = await open_facts(tmp_path)
    proofs = await open_proofs(facts, tmp_path)
    photo = await proofs.attach(PHOTO, "image/jpeg")
    await facts.close()
    (tmp_path / "facts.db").write_bytes(b"broken" + bytes(9000))
    facts = await open_facts(tmp_path)
    await open_proofs(facts, tmp_path)
    assert (tmp_path / "media.bad-1" / photo.sha256).read_bytes() == PHOTO
    assert not (tmp_path / "media").exists()
    await facts.close()
