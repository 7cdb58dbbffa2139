"""Quickest ways in C against a textbook one over a heap."""

import heapq
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.native.air.ways import CLOSED, quickest_ways


@st.composite
def networks(draw):
    n = draw(st.integers(1, 8))
    time = st.one_of(st.just(CLOSED), st.integers(0, 50), st.just(CLOSED - 1))
    rows = draw(st.lists(st.lists(time, min_size=n, max_size=n), min_size=n, max_size=n))
    return np.array(rows, dtype=np.int32), draw(st.integers(0, n))


def textbook(times_ms, source, first_through):
    best = {source: 0}
    waiting = [(0, source)]
    while waiting:
        time, node = heapq.heappop(waiting)
        if time > best[node] or (node < first_through and node != source):
            continue
        for other, line in enumerate(times_ms[node].tolist()):
            there = time + line
            if line != CLOSED and there < min(best.get(other, CLOSED), CLOSED):
                best[other] = there
                heapq.heappush(waiting, (there, other))
    return [best.get(node, CLOSED) for node in range(len(times_ms))]


@given(networks())
def test_times_are_those_of_the_textbook_and_the_ways_add_up(network):
    times_ms, first_through = network
    n = len(times_ms)
    found = quickest_ways(times_ms, np.arange(n, dtype=np.int32), first_through)
    for source in range(n):
        assert found.time_ms[source].tolist() == textbook(times_ms, source, first_through)
        for end in range(n):
            way = found.nodes(source, end)
            if found.time_ms[source, end] == CLOSED:
                assert way == []
                continue
            assert (way[0], way[-1]) == (source, end)
            assert all(node >= first_through for node in way[1:-1])
            lines = pairwise(way)
            assert sum(int(times_ms[pair]) for pair in lines) == found.time_ms[source, end]


def test_nothing_is_asked_of_no_nodes():
    assert quickest_ways(np.empty((0, 0), np.int32), np.empty(0, np.int32)).time_ms.size == 0


def test_what_is_no_network_is_refused():
    with pytest.raises(ValueError, match="negative"):
        quickest_ways(np.array([[0, -1], [1, 0]], np.int32), np.array([0], np.int32))
    with pytest.raises(ValueError, match="shape"):
        quickest_ways(np.zeros((2, 3), np.int32), np.array([0], np.int32))
    with pytest.raises(ValueError, match="none of the 2"):
        quickest_ways(np.zeros((2, 2), np.int32), np.array([2], np.int32))
