"""The reliable stream, claim by claim."""

from itertools import pairwise
from math import inf

import pytest

from edge.errors import PeerError
from edge.messages.broker.stream import Ack
from edge.uplink.stream.receiver import KEPT_EPOCHS, Receiver
from edge.uplink.stream.sender import (
    FIRST_ASK_S,
    FIRST_RESEND_S,
    LONGEST_ASK_S,
    LONGEST_RESEND_S,
    REWIND_AFTER_S,
    Sender,
)


def sender(acked=0, last=0, window=4, now_s=0.0):
    made = Sender("fact", "e1", acked=acked, last=last, window=window)
    made.connected(now_s)
    return made


def ack(upto, epoch="e1", stream="fact", window=4, missing=()):
    return Ack(stream=stream, epoch=epoch, upto=upto, window=window, missing=missing)


def receiver(**committed):
    return Receiver("fact", committed, window=4)


def test_nothing_is_sent_before_a_connection():
    made = Sender("fact", "e1", acked=0, last=3)
    assert made.due(0.0) == []
    made.connected(1.0)
    assert made.due(1.0) == [1, 2, 3]


def test_each_connection_starts_behind_the_last_acknowledgement():
    made = sender(acked=5, last=8)
    assert made.due(0.0) == [6, 7, 8]
    made.on_ack(ack(6), 1.0)
    made.disconnected(2.0)
    made.connected(3.0)
    assert made.due(3.0) == [7, 8]
    assert made.resent == 2


def test_the_window_bounds_what_is_under_way():
    made = sender(last=100)
    assert made.due(0.0) == [1, 2, 3, 4]
    assert made.due(0.1) == []
    assert made.on_ack(ack(2), 0.2) == 2
    assert made.due(0.2) == [5, 6]


def test_the_far_side_may_make_the_window_smaller_but_not_larger():
    made = sender(last=100)
    made.on_ack(ack(0, window=2), 0.0)
    assert made.due(0.0) == [1, 2]
    made.on_ack(ack(2, window=10_000), 0.0)
    assert made.due(0.0) == [3, 4, 5, 6]


def test_a_limit_takes_what_is_due_in_turns():
    made = sender(last=4)
    assert [made.due(0.0, 3), made.due(0.0, 3), made.due(0.0, 3)] == [[1, 2, 3], [4], []]


def test_gaps_named_by_the_far_side_are_sent_again_at_once_but_once():
    made = sender(last=4)
    made.due(0.0)
    made.on_ack(ack(1, missing=(2, 3)), 1.0)
    assert made.due(1.0) == [2, 3]
    made.on_ack(ack(1, missing=(2, 3)), 1.2)
    assert made.due(1.2) == []
    made.on_ack(ack(1, missing=(2, 3)), 2.0)
    assert made.due(2.0) == [2, 3]


def test_a_gap_that_was_never_sent_is_no_gap():
    made = sender(last=2)
    made.due(0.0)
    made.on_ack(ack(0, missing=(1, 7)), 1.0)
    assert made.due(1.0) == [1]


def test_silence_is_answered_by_one_probe_at_a_time_further_and_further_apart():
    made = sender(last=4)
    made.due(0.0)
    times = [0.0]
    for _ in range(6):
        times.append(made.wake_at_s)
        assert made.due(times[-1] - 0.01) == []
        assert made.due(times[-1]) == [1]
    waits = [later - earlier for earlier, later in pairwise(times)]
    assert waits == [5.0, 10.0, 20.0, 40.0, LONGEST_RESEND_S, LONGEST_RESEND_S]


def test_after_a_probe_is_answered_the_window_opens_again():
    made = sender(last=4)
    made.due(0.0)
    assert made.due(FIRST_RESEND_S) == [1]
    made.on_ack(ack(1), 6.0)
    assert made.due(6.0) == [2, 3, 4]


def test_the_pause_fits_what_answers_take():
    """Eight seconds, say, on a loop whose clock runs hundreds of times too fast."""
    made = sender(last=100, window=1)
    now_s = 0.0
    for seq in range(1, 21):
        assert made.due(now_s) == [seq]
        answer_at_s = now_s + 8.0
        while made.wake_at_s < answer_at_s:
            assert made.due(made.wake_at_s) == [seq]
        now_s = answer_at_s
        made.on_ack(ack(seq), now_s)
    assert made.resent == 1


def test_a_slow_link_does_not_count_as_silence():
    made = sender(last=1)
    made.due(0.0)
    made.published(20.0)
    assert made.due(20.0) == []
    assert made.wake_at_s == 25.0


def test_nothing_under_way_means_no_timer_but_one_to_ask():
    made = sender(last=2)
    made.due(0.0)
    made.on_ack(ack(2), 1.0)
    assert made.wake_at_s == 1.0 + FIRST_ASK_S
    assert made.silent_s(1000.0) == 0.0
    made = Sender("command", "e1", acked=2, last=2, asks=False)
    made.connected(0.0)
    assert made.wake_at_s == inf


def test_the_last_item_asks_for_an_answer_less_and_less_often():
    made = sender(acked=2, last=2)
    times = [0.0]
    for _ in range(5):
        times.append(made.wake_at_s)
        assert made.due(times[-1] - 0.01) == []
        assert made.due(times[-1]) == [2]
        assert made.on_ack(ack(2), times[-1]) is None
    waits = [later - earlier for earlier, later in pairwise(times)]
    assert waits == [60.0, 240.0, 960.0, LONGEST_ASK_S, LONGEST_ASK_S]
    assert made.resent == 0
    made.appended(3)
    assert made.due(times[-1] + 1.0) == [3]


def test_a_wrong_answer_about_the_last_items_is_set_right():
    """Simulated seed 215: a bit more in `upto`, and nobody asked for 36 and 37 again."""
    made = sender(last=37, window=64)
    made.due(0.0)
    made.on_ack(ack(37), 1.0)
    sent = []
    while made.acked != 35:
        now_s = made.wake_at_s
        sent += made.due(now_s)
        made.on_ack(ack(35, window=64), now_s + 0.1)
    assert set(sent) == {37}
    assert now_s < FIRST_ASK_S + 2 * REWIND_AFTER_S
    assert made.due(now_s + 0.1) == [36]
    assert made.on_ack(ack(37), now_s + 0.2) == 37, "the last one was held meanwhile"


@pytest.mark.parametrize("stale", [ack(3, epoch="e0"), ack(3, stream="track"), ack(0)])
def test_acknowledgements_of_another_life_or_stream_or_time_change_nothing(stale):
    made = sender(acked=1, last=4)
    made.due(0.0)
    assert made.on_ack(stale, 1.0) is None
    assert made.acked == 1


def test_an_acknowledgement_of_what_never_was_is_an_error_that_names_it():
    with pytest.raises(PeerError, match="9 of epoch e1, but there are only 4"):
        sender(last=4).on_ack(ack(9), 0.0)


def test_a_peer_that_never_acknowledges_is_known_by_its_silence_while_connected():
    made = sender(last=1)
    assert made.silent_s(50.0) == 0.0
    made.due(50.0)
    assert made.silent_s(80.0) == 30.0
    made.disconnected(80.0)
    assert made.silent_s(500.0) == 30.0
    made.connected(500.0)
    made.due(500.0)
    assert made.silent_s(515.0) == 45.0
    made.on_ack(ack(1), 515.0)
    assert made.silent_s(900.0) == 0.0


def test_a_far_side_restored_from_an_older_copy_gets_everything_again():
    made = sender(acked=90, last=100, window=64)
    assert made.due(0.0) == list(range(91, 101))
    assert made.on_ack(ack(50), 0.1) is None
    assert made.due(0.1) == []
    assert made.on_ack(ack(50), 0.1 + REWIND_AFTER_S) == 50
    assert made.due(40.0) == [51]
    made.on_ack(ack(51), 40.1)
    assert made.due(40.1)[:2] == [52, 53]


def test_one_late_acknowledgement_is_not_a_restored_far_side():
    made = sender(acked=90, last=100)
    made.on_ack(ack(50), 0.0)
    made.on_ack(ack(90), 1.0)
    made.on_ack(ack(50), REWIND_AFTER_S + 1)
    assert made.acked == 90


def test_items_in_order_are_delivered_one_by_one():
    made = receiver()
    assert made.offer("e1", 1, "a").deliver == ((1, "a"),)
    assert made.offer("e1", 2, "b").deliver == ((2, "b"),)


def test_only_what_is_committed_is_acknowledged():
    made = receiver()
    made.offer("e1", 1, "a")
    made.offer("e1", 2, "b")
    assert made.ack("e1").upto == 0
    made.committed("e1", 1)
    assert made.ack("e1").upto == 1


def test_an_item_after_a_gap_is_held_and_the_gap_is_named():
    made = receiver()
    assert made.offer("e1", 3, "c").fate == "held"
    assert made.missing("e1") == (1, 2)
    assert made.offer("e1", 1, "a").deliver == ((1, "a"),)
    assert made.ack("e1").missing == (2,)
    assert made.offer("e1", 2, "b").deliver == ((2, "b"), (3, "c"))
    assert made.missing("e1") == ()


@pytest.mark.parametrize("seq", [-1, 0, 1, 3])
def test_duplicates_deliver_nothing(seq):
    made = receiver()
    made.offer("e1", 1, "a")
    made.offer("e1", 3, "c")
    offer = made.offer("e1", seq, "again")
    assert offer.duplicate
    assert offer.deliver == ()


def test_an_item_over_the_window_is_dropped_to_be_sent_again():
    made = receiver(e1=10)
    assert made.offer("e1", 15, "x").fate == "beyond"
    assert made.missing("e1") == ()
    assert made.offer("e1", 14, "x").fate == "held"


def test_a_new_epoch_starts_at_one():
    made = receiver(e1=7)
    offer = made.offer("e2", 1, "a")
    assert offer.new_epoch
    assert offer.deliver == ((1, "a"),)
    assert made.epoch == "e2"
    made.committed("e2", 1)
    assert made.ack("e2") == ack(1, epoch="e2")


def test_a_late_item_of_an_earlier_life_disturbs_nothing():
    made = receiver(e1=7, e2=3)
    assert made.offer("e1", 2, "late").duplicate
    assert made.offer("e1", 8, "late").deliver == ((8, "late"),)
    assert made.offer("e2", 4, "now").deliver == ((4, "now"),)
    assert (made.ack("e1").upto, made.ack("e2").upto) == (7, 3)


def test_only_some_epochs_are_remembered():
    made = receiver()
    for number in range(KEPT_EPOCHS + 5):
        made.offer(f"e{number}", 1, "a")
    assert made.offer(f"e{KEPT_EPOCHS + 4}", 1, "a").duplicate
    assert made.offer("e0", 1, "a").new_epoch


def test_what_could_not_be_committed_is_taken_again():
    made = receiver()
    made.offer("e1", 1, "a")
    made.rewind()
    assert made.offer("e1", 1, "a").deliver == ((1, "a"),)


def test_committing_what_was_never_delivered_is_our_bug():
    with pytest.raises(AssertionError, match="2 of e1 was never delivered"):
        receiver(e1=0).committed("e1", 2)
