"""Frames to and from pymavlink's own connections, over real sockets."""

import socket
from contextlib import closing

import pytest
from pymavlink import mavutil

from firmware_bridge.mavlink.wire.frames import Framer
from firmware_bridge.mavlink.wire.outbox import Outbox
from firmware_bridge.mavlink.wire.signing import Signing
from tests.firmware_bridge.mavlink.speak import heartbeat, mavlink

KEY = bytes(range(32))
STAMP = 1_000_000_000_000


@pytest.fixture
def ours():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near:
        near.bind(("127.0.0.1", 0))
        near.settimeout(5.0)
        yield near


def signing():
    return Signing(KEY, link_id=1, stamp=STAMP, now_s=0.0, clock_is_known=True)


@pytest.mark.parametrize("key", [None, KEY], ids=["unsigned", "signed"])
def test_what_mavutil_sends_is_framed_and_accepted(ours, key):
    where = f"udpout:127.0.0.1:{ours.getsockname()[1]}"
    with closing(mavutil.mavlink_connection(where, 1, source_component=1)) as theirs:
        theirs.mav = mavlink.MAVLink(theirs, srcSystem=1, srcComponent=1)
        if key:
            theirs.setup_signing(key, sign_outgoing=True, initial_timestamp=STAMP)
        theirs.mav.send(heartbeat(custom_mode=4))
        theirs.mav.send(mavlink.MAVLink_statustext_message(6, b"ready"))
        framer = Framer(datagrams=True)
        frames = [frame for _ in range(2) for frame in framer.feed(ours.recv(2048), 0.0)]
    beat, text = (frame.decode() for frame in frames)
    assert (beat.custom_mode, text.text) == (4, "ready")
    judge = signing()
    assert [judge.accepts(frame, 0.0) for frame in frames] == [key is not None] * 2


@pytest.mark.parametrize("key", [None, KEY], ids=["unsigned", "signed"])
def test_what_we_send_is_matched_by_mavutil(ours, key):
    with closing(mavutil.mavlink_connection("udpin:127.0.0.1:0")) as theirs:
        theirs.mav = mavlink.MAVLink(theirs, srcSystem=255, srcComponent=190)
        theirs.first_byte = (
            False  # else the first MAVLink 2 frame makes it another, without key
        )
        if key:
            theirs.setup_signing(key, sign_outgoing=False, initial_timestamp=STAMP)
        outbox = Outbox(1, 191, signing() if key else None)
        outbox.say(heartbeat(custom_mode=7), 0.0)
        outbox.say(mavlink.MAVLink_command_long_message(1, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0), 0.0)
        ours.sendto(outbox.take(), ("127.0.0.1", theirs.port.getsockname()[1]))
        beat = theirs.recv_match(type="HEARTBEAT", blocking=True, timeout=5)
        command = theirs.recv_match(type="COMMAND_LONG", blocking=True, timeout=5)
    assert beat.custom_mode == 7
    assert (command.command, command.param1) == (400, 1.0)
    assert command.get_srcComponent() == 191
    assert command.get_signed() is (key is not None)
