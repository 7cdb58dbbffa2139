"""What goes into one message."""

import pytest

from edge.messages.broker.wire import split_facts
from edge.uplink.frames import FIRST_B, LARGEST_B, SMALLEST_B, Pace, fact_batches, runs


def test_facts_are_joined_up_to_the_size_and_come_apart_as_they_were():
    events = [b'{"n":"%s"}' % (b"x" * number) for number in range(200)]
    payloads = fact_batches(events, 1000)
    assert [event for payload in payloads for event in split_facts(payload)] == events
    assert max(len(payload) for payload in payloads) <= 1000
    assert len(payloads) < 40


def test_a_fact_larger_than_the_size_goes_alone():
    large = b'"' + b"x" * 5000 + b'"'
    assert [split_facts(p) for p in fact_batches([b"1", large, b"2"], 1000)] == [
        [b"1"],
        [large],
        [b"2"],
    ]


def test_nothing_makes_no_message():
    assert fact_batches([], 1000) == []


@pytest.mark.parametrize(
    ("numbers", "found"),
    [
        ([], []),
        ([4], [(4, 1)]),
        ([1, 2, 3], [(1, 3)]),
        ([2, 5, 6, 9], [(2, 1), (5, 2), (9, 1)]),
    ],
)
def test_runs(numbers, found):
    assert runs(numbers) == found


def test_a_quick_link_gets_larger_messages_and_a_slow_one_smaller():
    pace = Pace()
    pace.took(FIRST_B, 0.1)
    assert pace.size_b == 2 * FIRST_B
    for _ in range(9):
        pace.took(pace.size_b, 0.1)
    assert pace.size_b == LARGEST_B
    for _ in range(9):
        pace.took(pace.size_b, 5.0)
    assert pace.size_b == SMALLEST_B


def test_a_small_message_says_nothing_about_large_ones():
    pace = Pace()
    pace.took(100, 0.01)
    assert pace.size_b == FIRST_B
