import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from msgspec.structs import replace

from edge.errors import ConfigError, RefusedError
from edge.handover.proof import SigningKey
from edge.messages.broker.wire import to_json
from edge.messages.facts import AttemptFailed, LoadingStarted
from edge.messages.parcels import FailureCode
from station.evidence.bundle import verify_bundle
from station.evidence.public_keys import load_public_keys, public_keys
from station.evidence.verify import measured, verify_evidence
from station.routes.assign import Limits
from station.store import day as books
from station.store.evidence import SealedFact
from tests.station.office.days import Chain, drive_day, photo_of, shown, taken
from tests.station.office.sheets import text_file

DAY = date(2026, 11, 23)
PHOTO = b"\xff\xd8 a parcel behind a hedge " + bytes(range(200))


@pytest.fixture
async def delivered(office, station):
    """A day of two vans in the ledger, with one photo."""
    head = ("Order", "Name", "Address", "Lat", "Lon", "Weight")
    rows = [(f"A{n}", f"N{n}", f"Weg {n}", 48.14 + n / 500, 11.58, 110) for n in range(12)]
    await office.import_stops("a.csv", text_file(head, *rows))
    await office.assign(limits=Limits(iterations=50))
    await office.dispatch()
    for kept in await station.database.read(lambda db: books.routes_of(db, DAY)):
        vehicle = kept.route.vehicle
        chain = Chain(vehicle, station.van_key(vehicle))
        drive_day(chain, kept.route, Random(5), photo=photo_of(PHOTO))
        await taken(station, chain)
    await shown(station, "van-1", PHOTO)
    return office


@pytest.fixture
def keys(station):
    return public_keys(station.config, station.keys.signing.public)


def facts_of(chain):
    return [
        SealedFact(chain.vehicle, chain.epoch, seq, sealed)
        for seq, sealed in enumerate(chain.sealed, start=1)
    ]


def checked(chain, station, media=None):
    facts = facts_of(chain) if isinstance(chain, Chain) else chain
    return verify_evidence(facts, station.keys.vehicles, media or {})


def chain_of(station, count=6):
    chain = Chain("van-1", station.van_key("van-1"))
    for n in range(count):
        chain.add(datetime(2026, 11, 23, 8, n, tzinfo=UTC), LoadingStarted())
    return chain


async def test_u4_a_day_in_the_ledger_verifies_with_public_keys_only(delivered):
    answer = await delivered.verify()
    assert answer.ok, answer.faults
    assert answer.media == 1
    assert {span.vehicle for span in answer.spans} == {"van-1", "van-2"}
    assert "every signature, chain and hash holds" in answer.summary


async def test_u4_one_altered_byte_of_a_photo_is_found(delivered, station):
    altered = PHOTO.replace(b"hedge", b"fence")
    await station.database.transaction(
        lambda db: db.execute("UPDATE media SET content = ?", (altered,))
    )
    answer = await delivered.verify()
    assert not answer.ok
    assert "image/jpeg" in answer.faults[0].what
    assert "was altered" in answer.faults[0].what


async def test_a_photo_that_is_not_here_is_named_by_the_fact_that_wants_it(delivered, station):
    await station.database.transaction(lambda db: db.execute("DELETE FROM media"))
    answer = await delivered.verify()
    assert not answer.ok
    assert answer.faults == ()
    assert all("is not here" in fault.what for fault in answer.missing_media)
    assert answer.missing_media[0].told().startswith("van-")


def test_any_altered_byte_of_any_fact_is_found(station):
    chain = chain_of(station)
    assert checked(chain, station).ok
    for index, sealed in enumerate(chain.sealed):
        for at in range(0, len(sealed), 7):
            altered = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
            facts = facts_of(chain)
            facts[index] = replace_sealed(facts[index], altered)
            assert not checked(facts, station).ok, (index, at)


def replace_sealed(fact, sealed):
    return SealedFact(fact.vehicle, fact.epoch, fact.seq, sealed)


@pytest.mark.parametrize("gone", [0, 2, 4])
def test_a_fact_taken_out_is_found(station, gone):
    facts = facts_of(chain_of(station))
    del facts[gone]
    assert any("missing or inserted" in fault.what for fault in checked(facts, station).faults)


def test_facts_in_another_order_are_found(station):
    facts = facts_of(chain_of(station))
    facts[1], facts[2] = facts[2], facts[1]
    assert not checked(facts, station).ok


def test_facts_of_another_key_or_kept_under_another_name_are_found(station):
    chain = Chain("van-1", SigningKey.from_seed(bytes(32)))
    chain.add(datetime(2026, 11, 23, 8, tzinfo=UTC), LoadingStarted())
    assert "unknown key" in checked(chain, station).faults[0].what
    facts = [replace_vehicle(fact, "van-2") for fact in facts_of(chain_of(station))]
    told = [fault.what for fault in checked(facts, station).faults]
    assert any("is kept as van-2/0123456789abcdef, but says" in what for what in told)


def replace_vehicle(fact, vehicle):
    return SealedFact(vehicle, fact.epoch, fact.seq, fact.sealed)


def test_a_photo_of_another_size_is_found(station):
    chain = chain_of(station)
    photo = replace(photo_of(PHOTO), size=7)
    chain.add(
        datetime(2026, 11, 23, 9, tzinfo=UTC),
        AttemptFailed(
            stop_id="s", parcel_ids=("p",), code=FailureCode.NOBODY_HOME, photos=(photo,)
        ),
    )
    answer = checked(chain, station, {photo.sha256: measured("image/jpeg", PHOTO)})
    assert [fault.what for fault in answer.faults] == [
        f"the image/jpeg {photo.sha256[:16]} has {len(PHOTO)} bytes, the fact says 7"
    ]


async def test_an_exported_day_verifies_elsewhere_and_is_always_the_same(delivered, keys):
    content = await delivered.export()
    answer = verify_bundle(content, keys)
    assert answer.ok, answer.faults
    assert answer.media == 1
    assert answer.facts == (await delivered.verify()).facts
    assert await delivered.export() == content
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert names[:4] == [
        "README.txt",
        "manifest.json",
        "facts/van-1.jsonl",
        "facts/van-2.jsonl",
    ]


async def test_a_later_day_exports_only_its_own_facts_and_verifies_without_the_first(
    delivered, station, keys
):
    chain = Chain("van-1", station.van_key("van-1"), epoch="aaaaaaaaaaaaaaaa")
    morning = datetime(2026, 11, 23, 8, tzinfo=UTC)
    for days in (0, 1, 1, 2):
        chain.add(morning + timedelta(days=days), LoadingStarted())
    station.clock.now = morning + timedelta(days=2)
    await taken(station, chain)
    answer = verify_bundle(await delivered.export(day=date(2026, 11, 24)), keys)
    (span,) = answer.spans
    assert answer.ok, answer.faults
    assert (span.first, span.last, span.facts) == (2, 3, 2)


def repacked(content, change):
    """Return the bundle after `change` has worked on its files."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def swap(name, old, new):
    def change(parts):
        assert old in parts[name]
        parts[name] = parts[name].replace(old, new, 1)

    return change


def cut_last_fact(parts):
    lines = parts["facts/van-2.jsonl"].splitlines(keepends=True)
    parts["facts/van-2.jsonl"] = b"".join(lines[:-1])


def drop_photo(parts):
    del parts[next(name for name in parts if name.startswith("media/"))]


def alter_photo(parts):
    name = next(name for name in parts if name.startswith("media/"))
    parts[name] = parts[name][:-1] + b"!"


def drop_vehicle(parts):
    del parts["facts/van-1.jsonl"]


def add_file(parts):
    parts["../evil"] = b""


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (swap("manifest.json", b"Depot North", b"Depot South"), "the list's signature"),
        (swap("facts/van-1.jsonl", b'"fact":"arrived"', b'"fact":"arrivex"'), "cannot be read"),
        (
            swap("facts/van-1.jsonl", b'"by":"position"', b'"by":"driver"'),
            "does not fit its bytes",
        ),
        (cut_last_fact, "ending otherwise"),
        (drop_photo, "is on the list, but not here"),
        (alter_photo, "was altered"),
        (drop_vehicle, "ending otherwise"),
        (add_file, "'../evil' is not on the list"),
    ],
)
async def test_whatever_is_changed_in_a_bundle_is_found(delivered, keys, change, told):
    answer = verify_bundle(repacked(await delivered.export(), change), keys)
    assert not answer.ok
    assert any(told in fault.what for fault in answer.faults), answer.faults


async def test_a_flipped_bit_in_the_zip_is_found(delivered, keys):
    content = bytearray(await delivered.export())
    where = content.index(b"media/") + 200
    content[where] ^= 0x10
    answer = verify_bundle(bytes(content), keys)
    assert any("is damaged" in fault.what for fault in answer.faults), answer.faults


async def test_another_stations_keys_do_not_verify_a_bundle(delivered, keys):
    stranger = SigningKey.from_seed(bytes(32)).public.to_hex()
    content = await delivered.export()
    answer = verify_bundle(content, replace(keys, station=(stranger,)))
    assert "unknown key" in answer.faults[0].what
    answer = verify_bundle(content, replace(keys, vehicles={}))
    assert len(answer.faults) == answer.facts


@pytest.mark.parametrize("content", [b"", b"PK nothing", b"\0" * 100])
def test_what_is_no_bundle_is_refused(keys, content):
    with pytest.raises(RefusedError, match="no evidence of doorstep"):
        verify_bundle(content, keys)


def test_public_keys_travel_in_a_file(tmp_path, keys):
    path = tmp_path / "keys.json"
    path.write_bytes(to_json(keys))
    assert load_public_keys(path) == keys
    path.write_bytes(b'{"station": ["zz"], "vehicles": {}}')
    with pytest.raises(ConfigError, match="doorstep-station keys"):
        load_public_keys(path)
