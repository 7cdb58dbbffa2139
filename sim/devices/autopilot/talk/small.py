"""Small talk: time, ping, files that are not there."""

from firmware_bridge.mavlink.wire.dialect import Message, mavlink
from sim.devices.autopilot.talk.voice import Voice

ACK, NAK = 128, 129
TERMINATE, RESET = 1, 2
FILE_NOT_FOUND = 10
HEADER_B, PAYLOAD_B = 12, 251


def answer_timesync(voice: Voice, _peer: tuple[int, int], message: Message) -> None:
    """Say our time to whoever asks; an answer needs none."""
    if message.tc1 == 0:
        ours_ns = int((voice.now_s - voice.boot_s) * 1e9)
        voice.say(mavlink.MAVLink_timesync_message(ours_ns, message.ts1))


def ask_time(voice: Voice) -> None:
    """Ask everybody for the time."""
    voice.say(mavlink.MAVLink_timesync_message(0, int((voice.now_s - voice.boot_s) * 1e9)))


def answer_ping(voice: Voice, peer: tuple[int, int], message: Message) -> None:
    """Send a ping back to who sent it; one with a target is itself an answer."""
    if message.target_system == 0:
        voice.say(mavlink.MAVLink_ping_message(message.time_usec, message.seq, *peer))


def answer_file(voice: Voice, peer: tuple[int, int], message: Message) -> None:
    """Have no file: peers then ask for parameters the old way at once, and not after 11 s."""
    asked = bytes(message.payload)
    sequence = int.from_bytes(asked[:2], "little")
    session, opcode = asked[2], asked[3]
    kind, what = (ACK, b"") if opcode in (TERMINATE, RESET) else (NAK, bytes([FILE_NOT_FOUND]))
    head = ((sequence + 1) & 0xFFFF).to_bytes(2, "little") + bytes(
        [session, kind, len(what), opcode, 0, 0]
    )
    payload = (head.ljust(HEADER_B, b"\0") + what).ljust(PAYLOAD_B, b"\0")
    voice.say(mavlink.MAVLink_file_transfer_protocol_message(0, *peer, list(payload)))
