"""The signed chain: nothing can be altered, dropped, inserted or moved without being found."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from edge.handover.proof import (
    FIRST_PREVHASH,
    SEPARATOR,
    SigningKey,
    VerifyingKey,
    fact_hash,
    verify_chain,
)
from edge.messages.broker.wire import read_fact
from edge.messages.facts import FactEvent, ParcelLoaded

KEY = SigningKey.from_seed(bytes(range(32)))
STRANGER = SigningKey.from_seed(bytes(32))
KEYS = {KEY.key_id: KEY.public}
DAY_UTC = datetime(2026, 11, 3, 8, tzinfo=UTC)


def event(seq, prevhash, *, epoch="00000000000000e1", parcel=None, key=KEY):
    return FactEvent(
        specversion="1.0",
        id=f"van-1/{epoch}/{seq}",
        source="/fleet/v1/acme/van-1",
        type="doorstep.parcel_loaded.v1",
        time=DAY_UTC + timedelta(seconds=seq),
        datacontenttype="application/json",
        vehicle="van-1",
        epoch=epoch,
        seq=seq,
        boot=1,
        monotonic=float(seq),
        timesource="simulated",
        data=ParcelLoaded(parcel_id=parcel or f"P{seq}"),
        prevhash=prevhash,
        keyid=key.key_id,
    )


def chain(length, *, epoch="00000000000000e1", key=KEY, parcel=None):
    sealed, prevhash = [], FIRST_PREVHASH
    for seq in range(1, length + 1):
        sealed.append(key.seal(event(seq, prevhash, epoch=epoch, key=key, parcel=parcel)))
        prevhash = fact_hash(sealed[-1])
    return sealed


CHAIN = chain(6)


def test_an_untouched_chain_has_no_fault():
    assert verify_chain(CHAIN, KEYS) == (6, [])


def test_a_second_epoch_starts_its_own_chain():
    both = CHAIN + chain(3, epoch="00000000000000e2")
    assert verify_chain(both, KEYS) == (9, [])


@given(st.integers(0, 5), st.data())
def test_any_altered_byte_is_found_also_in_the_last_fact(which, data):
    victim = CHAIN[which]
    at = data.draw(st.integers(0, len(victim) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != victim[at]))
    altered = victim[:at] + bytes([byte]) + victim[at + 1 :]
    _, faults = verify_chain([*CHAIN[:which], altered, *CHAIN[which + 1 :]], KEYS)
    assert faults


def test_every_single_bit_of_a_lone_fact_counts():
    (lone,) = chain(1)
    unfound = [
        (at, bit)
        for at in range(len(lone))
        for bit in range(8)
        if not verify_chain(
            [lone[:at] + bytes([lone[at] ^ (1 << bit)]) + lone[at + 1 :]], KEYS
        )[1]
    ]
    assert unfound == []


@given(st.integers(0, 4))
def test_a_dropped_fact_is_found(which):
    _, faults = verify_chain(CHAIN[:which] + CHAIN[which + 1 :], KEYS)
    assert any("missing" in fault.what for fault in faults)


@given(st.integers(0, 6), st.sampled_from([KEY, STRANGER]))
def test_an_inserted_fact_is_found_even_if_signed_with_the_true_key(at, key):
    prevhash = fact_hash(CHAIN[at - 1]) if at else FIRST_PREVHASH
    foreign = key.seal(event(at + 1, prevhash, parcel="smuggled", key=key))
    _, faults = verify_chain([*CHAIN[:at], foreign, *CHAIN[at:]], KEYS)
    if at == len(CHAIN) and key is KEY:
        assert faults == []  # at the end this is not an insertion but the next fact
    else:
        assert faults


@given(st.integers(0, 5))
def test_a_repeated_fact_is_found(which):
    assert verify_chain([*CHAIN[: which + 1], *CHAIN[which:]], KEYS)[1]


@given(st.permutations(range(6)).filter(lambda order: order != list(range(6))))
def test_facts_in_another_order_are_found(order):
    assert verify_chain([CHAIN[index] for index in order], KEYS)[1]


def test_a_replaced_fact_breaks_the_chain_after_it():
    replaced = KEY.seal(event(3, fact_hash(CHAIN[1]), parcel="other"))
    _, faults = verify_chain([*CHAIN[:2], replaced, *CHAIN[3:]], KEYS)
    assert [(fault.seq, "chain is broken" in fault.what) for fault in faults] == [(4, True)]


def test_an_unknown_key_is_named():
    _, faults = verify_chain(chain(2, key=STRANGER), KEYS)
    assert [STRANGER.key_id in fault.what for fault in faults] == [True, True]


def test_a_stranger_cannot_sign_in_the_name_of_a_known_key():
    forged = STRANGER.seal(event(1, FIRST_PREVHASH, key=KEY))
    (fault,) = verify_chain([forged], KEYS)[1]
    assert "signature does not fit" in fault.what


@given(st.lists(st.binary(max_size=300), max_size=4))
def test_any_bytes_in_place_of_facts_are_faults_and_never_a_crash(garbage):
    checked, faults = verify_chain([*CHAIN, *garbage], KEYS)
    assert checked == 6 + len(garbage)
    assert len({fault.what for fault in faults}) > 0 or not garbage


@given(st.binary(max_size=400))
def test_any_bytes_are_not_signed(garbage):
    assert not KEY.public.signed(garbage)
    assert not KEY.public.signed(SEPARATOR + garbage + b'"}')


@pytest.mark.parametrize("sealed", CHAIN[:2])
def test_the_signature_is_plain_ed25519_over_the_bytes_before_it(sealed):
    body, _, tail = sealed.rpartition(SEPARATOR)
    public = Ed25519PublicKey.from_public_bytes(KEY.public.raw)
    public.verify(base64.b64decode(tail.removesuffix(b'"}')), body)


def test_keys_are_those_of_rfc_8032():
    # RFC 8032 §7.1, test 1.
    seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    key = SigningKey.from_seed(bytes.fromhex(seed))
    assert key.public.to_hex() == public
    assert VerifyingKey.from_hex(public).key_id == key.key_id
    assert key.key_id == hashlib.sha256(bytes.fromhex(public)).hexdigest()[:16]


def test_sealing_gives_the_very_bytes_it_gave_in_the_first_release():
    # Facts lie in ledgers for years: this stays readable and verifiable as it is. These bytes
    # were checked by `openssl pkeyutl -verify -rawin` too.
    assert CHAIN[0] == FIRST_RELEASE
    assert KEY.public.signed(FIRST_RELEASE)
    assert read_fact(FIRST_RELEASE).data == ParcelLoaded(parcel_id="P1")


FIRST_RELEASE = (
    b'{"specversion":"1.0","id":"van-1/00000000000000e1/1","source":"/fleet/v1/acme/'
    b'van-1","type":"doorstep.parcel_loaded.v1","time":"2026-11-03T08:00:01Z","datac'
    b'ontenttype":"application/json","vehicle":"van-1","epoch":"00000000000000e1","s'
    b'eq":1,"boot":1,"monotonic":1.0,"timesource":"simulated","data":{"fact":"parcel'
    b'_loaded","parcel_id":"P1"},"prevhash":"000000000000000000000000000000000000000'
    b'0000000000000000000000000","keyid":"56475aa75463474c","signature":"KCuBZAgaauf'
    b'XtyqBNCxUeUIlCMR2fpbKLgAmxAEZ8BExOlzjdo/yqtGGdeSHsfJPOAyVF7gAOnuF1mDVVt+gAQ=="'
    b"}"
)
