import itertools

from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.gnss.lines import LineSplitter

LIMIT = 20


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=8))
def test_any_pieces_give_the_same_lines(data, cuts):
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    whole, pieces = LineSplitter(LIMIT), LineSplitter(LIMIT)
    expected = whole.feed(data)
    got = [
        line
        for start, end in itertools.pairwise(edges)
        for line in pieces.feed(data[start:end])
    ]
    assert got == expected
    assert pieces.overlong == whole.overlong
    assert all(len(line) <= LIMIT and b"\n" not in line for line in got)


def test_an_endless_line_is_held_at_no_length_and_counted_once():
    splitter = LineSplitter(LIMIT)
    for _ in range(1000):
        assert splitter.feed(b"x" * 15) == []
        assert len(splitter._rest) <= LIMIT
    assert splitter.feed(b"x\nnext\n") == [b"next"]
    assert splitter.overlong == 1
