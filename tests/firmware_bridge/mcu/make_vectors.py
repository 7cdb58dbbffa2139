"""vectors.json, made by neither side: arrays written here by hand from the table in
doorstep_mcu.h, packed by the packages `msgpack` and `cobs` and by zlib's CRC.

`python -m tests.firmware_bridge.mcu.make_vectors` writes it anew; a test compares it.
"""

import json
import zlib

import msgpack
from cobs import cobs

from tests.firmware_bridge.mcu.firmware import FOLDER

FILE = FOLDER / "vectors.json"
FIRMWARE = bytes(range(1, 9))
NONCE = 99 ^ 77
NEXT_NONCE = (NONCE * 1664525 + 1013904223) % 2**32

HOST_WORDS = [
    ("who are you", 0x01, 0, [1, 0]),
    ("hello", 0x01, 1, [1, 4294967295]),
    ("beat", 0x02, 2, [0]),
    ("beat, wide", 0x02, 255, [65536]),
    ("unlock", 0x03, 7, [128, 1, 70000, 0xDEADBEEF]),
    ("lock", 0x04, 8, [32768, 0]),
    ("drive back and left", 0x05, 9, [1, 300, -129, -32]),
    ("drive", 0x05, 10, [2, 300, 1500, -33]),
    ("fastest", 0x05, 11, [3, 300, 2147483647, -2147483647]),
    ("lid", 0x06, 0, [4, 500, -1]),
    ("winch", 0x07, 0, [5, 500, -32768]),
    ("winch, further", 0x07, 0, [6, 500, -32769]),
    ("stop", 0x08, 0, [255]),
    ("events kept", 0x09, 0, [77, 256]),
    ("siren", 0x0A, 0, [10, 30000, 1]),
    ("siren, ended", 0x0A, 0, [11, 40000, 0]),
    ("stop, said by a newer host", 0x08, 0, [9, 300, -1]),
]


def status(
    mcu_ms, *, flags, doors=(None, None), bolts=(None, None), sensed=(None,) * 6, lost=0
):
    """Return [boot, ms, flags, speed, turn, doors, bolts, lid … battery, lost, refused]."""
    return (0x84, [77, mcu_ms, flags, 0, 0, list(doors), list(bolts), *sensed, lost, 0])


SENSED = {"doors": [0, 0], "bolts": [1, 1], "lid": 0, "tilt_cdeg": -150, "lifted": 0}
SENSED |= {"temperature_cc": 2375, "winch_mm": None, "battery_mv": 24120}
SIDES = (0, -150, 0, 2375, None, 24120)
OPEN = {**SENSED, "doors": [0, 1], "bolts": [1, 0]}
CONVERSATION = [
    # (ms, what the board or the host does, with what, what the controller says)
    (5, "receive", (0x01, 0, [1, 0]), [(0x81, [1, FIRMWARE, 31, 77, 1, 2, 0, NONCE, 5])]),
    (6, "receive", (0x01, 1, [1, 77]), [status(6, flags=1 | 2)]),
    (10, "receive", (0x02, 2, [123456]), [(0x82, [123456, 10, 77])]),
    (11, "sense", SENSED, []),
    (20, "tick", None, []),
    (
        100,
        "tick",
        None,
        [status(100, flags=1, doors=(0, 0), bolts=(1, 1), sensed=SIDES)],
    ),
    (110, "receive", (0x03, 3, [1, 1, 109, NONCE]), [(0x83, [1, 1, NONCE, 77])]),
    (120, "receive", (0x03, 4, [2, 1, 3120, 5]), [(0x83, [2, 3, NONCE, 77])]),
    (130, "receive", (0x03, 5, [3, 1, 3130, NONCE]), [(0x83, [3, 0, NEXT_NONCE, 77])]),
    (140, "receive", (0x03, 6, [3, 1, 3130, NONCE]), [(0x83, [3, 0, NEXT_NONCE, 77])]),
    (150, "receive", (0x05, 7, [4, 450, 500, 0]), [(0x83, [4, 6, NEXT_NONCE, 77])]),
    (160, "sense", OPEN, [(0x85, [77, 1, 160, 1, 1, 3])]),
    (170, "receive", (0x09, 8, [77, 1]), []),
    (180, "sense", SENSED, [(0x85, [77, 2, 180, 2, 1, 3])]),
    (190, "receive", (0x09, 9, [77, 2]), []),
    (195, "receive", (0x05, 10, [4, 450, 500, 0]), []),
    (200, "receive", (0x05, 11, [5, 450, 500, 0]), [(0x83, [5, 0, NEXT_NONCE, 77])]),
    (210, "receive", (0x03, 12, [6, 1, 3210, NEXT_NONCE]), [(0x83, [6, 5, NEXT_NONCE, 77])]),
    (220, "receive", (0x08, 13, [7]), [(0x83, [7, 0, NEXT_NONCE, 77])]),
    (230, "receive", (0x03, 14, [2, 0, 3230, NEXT_NONCE]), [(0x83, [2, 3, NEXT_NONCE, 77])]),
    (240, "receive", (0x05, 15, [6, 640, 500, 0]), [(0x83, [6, 2, NEXT_NONCE, 77])]),
    (250, "receive", (0x0A, 16, [8, 30251, 1]), [(0x83, [8, 7, NEXT_NONCE, 77])]),
    (260, "receive", (0x0A, 17, [9, 30260, 1]), [(0x83, [9, 0, NEXT_NONCE, 77])]),
    (
        300,
        "tick",
        None,
        [status(300, flags=1 | 8, doors=(0, 0), bolts=(1, 1), sensed=SIDES)],
    ),
    (305, "receive", (0x0A, 18, [9, 30260, 1]), [(0x83, [9, 0, NEXT_NONCE, 77])]),
    (307, "receive", (0x0A, 19, [10, 307, 0]), [(0x83, [10, 1, NEXT_NONCE, 77])]),
    (309, "receive", (0x0A, 20, [11, 3309, 0]), [(0x83, [11, 0, NEXT_NONCE, 77])]),
    (
        400,
        "tick",
        None,
        [status(400, flags=1 | 2, doors=(0, 0), bolts=(1, 1), sensed=SIDES)],
    ),
]


def wire(kind, seq, array):
    """Return the bytes of a frame as other people's software makes them."""
    inside = bytes((kind, seq)) + msgpack.packb(array)
    return cobs.encode(inside + zlib.crc32(inside).to_bytes(4, "little")) + b"\0"


def told(array):
    return [value.hex() if isinstance(value, bytes) else value for value in array]


def vectors():
    """Return the whole file."""
    seq = 0
    steps = [{"at_ms": 0, "does": "start", "says": []}]
    first = (0x81, [1, FIRMWARE, 31, 77, 1, 2, 0, NONCE, 0])
    for at_ms, does, given, said in [(0, "", None, [first]), *CONVERSATION]:
        step = {"at_ms": at_ms, "does": does}
        if does == "receive":
            step["host"] = {"array": given[2], "wire": wire(*given).hex()}
        elif given is not None:
            step["sensors"] = given
        step["says"] = []
        for kind, array in said:
            step["says"].append({"array": told(array), "wire": wire(kind, seq, array).hex()})
            seq += 1
        if does:
            steps.append(step)
        else:
            steps[0]["says"] = step["says"]
    return {
        "host words": [
            {"what": what, "type": kind, "seq": seq, "array": array}
            | {"wire": wire(kind, seq, array).hex()}
            for what, kind, seq, array in HOST_WORDS
        ],
        "conversation": steps,
    }


def text():
    return json.dumps(vectors(), indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="ascii")
