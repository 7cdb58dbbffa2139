"""PINs against a published HMAC vector, and nothing but the right one fits."""

import hashlib
import hmac

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge.handover.pin import make_pin_hash, normal_pin, pin_fits
from edge.messages.parcels import HandoverRequirements
from station.keys import pin_key_of

KEY = "0123456789abcdef" * 2
pins = st.text("0123456789", min_size=4, max_size=8)
keys = st.binary(min_size=16, max_size=32).map(bytes.hex)


OPENSSL_HASH = "918c5c49d589a2c3ba10918ef520584c732dbc023c292abe0d3d785aeff0de79"


def needs(pin, key=KEY):
    return HandoverRequirements(pin_hash=make_pin_hash(pin, key), pin_key=key)


def test_the_hash_is_hmac_sha_256_as_in_rfc_4231():
    # RFC 4231 §4.2, test case 1: twenty bytes 0x0b as key, "Hi There" as text. Blanks are taken
    # out of a PIN, so the text is hashed here without them and checked against the standard
    # library; the vector itself checks the standard library.
    key = "0b" * 20
    vector = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    assert hmac.new(bytes.fromhex(key), b"Hi There", hashlib.sha256).hexdigest() == vector
    plain = hmac.new(bytes.fromhex(key), b"HiThere", hashlib.sha256).hexdigest()
    assert make_pin_hash("Hi There", key) == plain


def test_the_hash_of_one_pin_never_changes():
    # Made with `openssl dgst -sha256 -mac HMAC -macopt hexkey:KEY`: routes that are under way
    # carry such hashes, so this may not move.
    assert make_pin_hash("482913", KEY) == OPENSSL_HASH


@given(pins, keys)
def test_the_right_pin_fits(pin, key):
    assert pin_fits(pin, needs(pin, key))
    assert pin_fits(f" {pin[:2]} {pin[2:]}", needs(pin, key))


@given(pins, pins, keys)
def test_a_wrong_pin_does_not_fit(pin, other, key):
    assume(pin != other)
    assert not pin_fits(other, needs(pin, key))


@given(pins, keys, keys)
def test_the_same_pin_under_another_key_does_not_fit(pin, key, other):
    assume(key != other)
    assume(key.rstrip("0") != other.rstrip("0"))  # HMAC pads keys with zeros
    required = HandoverRequirements(pin_hash=make_pin_hash(pin, key), pin_key=other)
    assert not pin_fits(pin, required)


@given(st.text(max_size=12), st.text(max_size=64), st.text(max_size=64))
def test_no_entry_and_no_damaged_requirement_crashes(entered, pin_hash, key):
    required = HandoverRequirements(pin_hash=pin_hash, pin_key=key)
    assert pin_fits(entered, required) in (False, True)


def test_a_hash_without_its_key_fits_nothing():
    assert not pin_fits("1234", HandoverRequirements(pin_hash=make_pin_hash("1234", KEY)))


@pytest.mark.parametrize(
    ("pin", "key"), [("", KEY), ("  - ", KEY), ("1234", "ab"), ("1", "x" * 32)]
)
def test_an_empty_pin_and_a_bad_key_are_refused(pin, key):
    with pytest.raises(ValueError, match=r"PIN|hex"):
        make_pin_hash(pin, key)


def test_blanks_and_dashes_do_not_count():
    assert normal_pin(" 12-34 56\t") == "123456"


@given(pins, st.text("0123456789abcdef", min_size=64, max_size=64), st.text(min_size=1))
def test_a_pin_hashed_at_the_station_fits_in_the_vehicle(pin, secret, parcel_id):
    key = pin_key_of(bytes.fromhex(secret), parcel_id)
    assert pin_fits(pin, needs(pin, key))
