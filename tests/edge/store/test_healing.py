"""A single flipped bit is found again by the checksum; anything else is not."""

from random import Random
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.store.healing import MOST_B, healed


@given(st.binary(min_size=1, max_size=300), st.integers(0, 2**31), st.data())
def test_any_single_bit_is_found_again(content, start, data):
    at = data.draw(st.integers(0, len(content) - 1))
    rotten = bytearray(content)
    rotten[at] ^= 1 << data.draw(st.integers(0, 7))
    assert healed(bytes(rotten), crc32(content, start), start) == content


@given(st.binary(min_size=1, max_size=200))
def test_what_is_whole_or_cut_off_or_replaced_is_not_changed_into_something_else(content):
    crc = crc32(content)
    for other in (content[:-1], content + b"\x00", b"rot"):
        found = healed(other, crc)
        assert found is None or crc32(found) == crc
    assert healed(content, crc) is None  # nothing to heal


@pytest.mark.parametrize("size", [MOST_B + 1, MOST_B * 4])
def test_what_is_too_large_to_search_is_left(size):
    content = Random(1).randbytes(size)
    rotten = bytes([content[0] ^ 1]) + content[1:]
    assert healed(rotten, crc32(content)) is None
