from firmware_bridge.mavlink.wire.outbox import DATAGRAM_B, MOST_WAITING_B, Outbox
from tests.firmware_bridge.mavlink.speak import heard, heartbeat


def test_what_we_say_is_read_by_pymavlink_with_our_address_and_numbers():
    outbox = Outbox(7, 191)
    for mode in range(3):
        outbox.say(heartbeat(custom_mode=mode), 0.0)
    read = heard(outbox.take())
    assert [message.custom_mode for message in read] == [0, 1, 2]
    assert [message.get_seq() for message in read] == [0, 1, 2]
    assert {(message.get_srcSystem(), message.get_srcComponent()) for message in read} == {
        (7, 191)
    }


def test_frames_leave_in_datagrams_and_are_never_cut():
    outbox = Outbox(1, 191)
    for _ in range(200):
        outbox.say(heartbeat(), 0.0)
    pieces = []
    while piece := outbox.take():
        pieces.append(piece)
    assert all(len(piece) <= DATAGRAM_B for piece in pieces)
    assert sum(len(heard(piece)) for piece in pieces) == 200


def test_a_link_that_takes_nothing_holds_a_bounded_queue():
    outbox = Outbox(1, 191)
    for _ in range(10_000):
        outbox.say(heartbeat(), 0.0)
    assert outbox.dropped > 0
    held = 0
    while piece := outbox.take():
        held += len(piece)
    assert held <= MOST_WAITING_B
