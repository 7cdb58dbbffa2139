"""What comes over lines: receivers, autopilots, controllers, cars."""

import json
import struct
from zlib import crc32

from edge.errors import LinkError, PeerError
from firmware_bridge.mavlink.wire.dialect import crc_of, mavlink
from firmware_bridge.mavlink.wire.frames import Framer
from firmware_bridge.mcu.frames import FrameSplitter, cobs_encode
from firmware_bridge.mcu.session import McuSession
from firmware_bridge.mcu.words import decode_word
from firmware_bridge.obd.elm327 import reply_of
from firmware_bridge.obd.isotp import CAN_11, CAN_29, Assembly
from firmware_bridge.obd.pids import codes_of, supported_of, values_of, vin_of
from firmware_bridge.obd.session import ObdSession
from tests.firmware_bridge.gnss.test_fuzz import GPSD, NMEA, gpsd_session, nmea_session
from tests.firmware_bridge.mavlink.wire.test_frames import flight
from tests.firmware_bridge.mcu.make_vectors import FILE
from tests.fuzz.driver import Parser, TryOne

CAR = (
    b"SEARCHING...\r7E8064100BE3FA813\r\r>", b"7EA0661A60000EA5C\r\r>",
    b"7E8100E410C145F0D0A\r7E8212FAA42394B3100\r7E82232\r\r>",
    b"01 00\r7E8 06 41 00 BE 3F A8 13 \r\r>", b"NO DATA\r\r>", b"?\r\r>", b"STOPPED\r>",
    b"CAN ERROR\r\r>", b"ELM327 v1.5\r\r>", b"18DAF110064100BE3FA813\r\r>", b"12.6V\r\r>",
    b"7E810144902015744\r7E82142393036363333\r7E82231533132333435\r7E82336\r\r>",
    b"7E8074304014301C1\r7E82123\r\r>", b"BUFFER FULL\r\r>", b"ATE0\rOK\r\r>",
    b"<RX ERROR\r>", b"UNABLE TO CONNECT\r>",
)  # fmt: skip
PAUSES_S = (0.0, 0.0, 0.0, 1.0)


def session_reader(make_session) -> TryOne:
    """Feed a session in two pieces, let it wake, and see what it has to say."""
    state = {"session": make_session(), "now_s": 0.0, "number": 0}

    def try_one(content: bytes) -> bool:
        session = state["session"]
        state["number"] += 1
        state["now_s"] += PAUSES_S[state["number"] % len(PAUSES_S)]
        half = len(content) // 2
        found = [*session.receive(content[:half], state["now_s"])]
        found += session.receive(content[half:], state["now_s"])
        try:
            if session.wake_at_s <= state["now_s"]:
                found += session.wake(state["now_s"])
            session.outgoing()
        except LinkError:
            state["session"], state["now_s"] = make_session(), 0.0
        return bool(found)

    return try_one


def mend_sentence(content: bytes) -> bytes:
    """Give every sentence the checksum that its bytes have now."""
    lines = []
    for line in content.split(b"\n"):
        begin, end = line.find(b"$"), line.rfind(b"*")
        if 0 <= begin < end:
            told = 0
            for byte in line[begin + 1 : end]:
                told ^= byte
            line = line[: end + 1] + b"%02X\r" % told
        lines.append(line)
    return b"\n".join(lines)


def mend_mavlink(content: bytes) -> bytes:
    """Give a frame of version 2 the length and checksum that its bytes have now."""
    if len(content) < 12 or content[0] != 0xFD:
        return content
    payload = content[10:-2][:255]
    frame = content[:1] + bytes([len(payload)]) + b"\0" + content[3:10] + payload
    number = int.from_bytes(frame[7:10], "little")
    try:
        return frame + struct.pack("<H", crc_of(frame[1:], number))
    except KeyError:
        return content


def framer() -> TryOne:
    one = Framer()

    def try_one(content: bytes) -> bool:
        half, taken = len(content) // 3, False
        for piece in (content[:half], content[half:]):
            for frame in one.feed(piece, 0.0):
                taken = True
                if frame.message_id in mavlink.mavlink_map:
                    frame.decode()
        return taken

    return try_one


def mend_controller(content: bytes) -> bytes:
    """Make a sound frame of any bytes."""
    inside = content[:40]
    return cobs_encode(inside + crc32(inside).to_bytes(4, "little")) + b"\0"


def controller_says() -> list[bytes]:
    """Return the frames that other software has written, both ways."""
    written = json.loads(FILE.read_text(encoding="ascii"))
    steps = [said for step in written["conversation"] for said in step["says"]]
    words = [*written["host words"], *steps]
    return [bytes.fromhex(one["wire"]) for one in words]


def controller() -> TryOne:
    splitter, session = FrameSplitter(), session_reader(lambda: McuSession(0.0))

    def try_one(content: bytes) -> bool:
        taken = False
        for frame in splitter.feed(content):
            taken = True
            try:
                decode_word(frame)
            except PeerError:
                continue
        session(content)
        return taken

    return try_one


def car() -> TryOne:
    session = session_reader(lambda: ObdSession(0.0, ()))

    def try_one(content: bytes) -> bool:
        text, taken = content.decode("latin-1"), False
        for bus, command in ((CAN_11, "0100"), (CAN_29, "0902"), (CAN_11, "03")):
            assembly = Assembly(bus)
            for line in reply_of(command, text).lines:
                assembly.add(line)
            for _, message in assembly.messages():
                taken = True
                values_of(message)
                codes_of(message, 0x03, counted=bus == CAN_11)
                supported_of(message)
                vin_of([message])
        session(content)
        return taken

    return try_one


LINES = (
    Parser("nmea", lambda: session_reader(nmea_session), lambda: NMEA, mend_sentence),
    Parser("gpsd", lambda: session_reader(gpsd_session), lambda: GPSD),
    Parser("mavlink", framer, lambda: [*flight(150), *flight(30, v1=True)], mend_mavlink),
    Parser(
        "mcu",
        controller,
        controller_says,
        mend_controller,
    ),
    Parser("elm327", car, lambda: CAR),
)
