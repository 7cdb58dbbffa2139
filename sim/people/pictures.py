"""What a driver's phone makes: a photo of a parcel at a door, a signature in strokes."""

import struct
import zlib
from random import Random

WIDE, HIGH = 96, 72
INDEX = ("wall", "door", "frame", "parcel", "tape", "floor")


def photo(rng: Random, *, noise_kb: int = 0) -> bytes:
    """Return a small PNG: a door, a parcel in front of it, and `noise_kb` of sensor noise."""
    door_x, parcel_x = rng.randrange(8, 50), rng.randrange(10, 70)
    parcel_wide, parcel_high = rng.randrange(12, 24), rng.randrange(8, 16)
    rows = []
    for y in range(HIGH):
        row = bytearray([INDEX.index("floor" if y >= 58 else "wall")] * WIDE)
        if 8 <= y < 58:
            row[door_x - 2 : door_x + 28] = bytes([INDEX.index("frame")] * 30)
            if y >= 10:
                row[door_x : door_x + 26] = bytes([INDEX.index("door")] * 26)
        if 64 - parcel_high <= y < 64:
            row[parcel_x : parcel_x + parcel_wide] = bytes(
                [INDEX.index("parcel")] * parcel_wide
            )
            middle = parcel_x + parcel_wide // 2
            row[middle : middle + 2] = bytes([INDEX.index("tape")] * 2)
        rows.append(b"\0" + bytes(row[:WIDE]))
    header = struct.pack(">IIBBBBB", WIDE, HIGH, 8, 3, 0, 0, 0)
    parts = [
        b"\x89PNG\r\n\x1a\n",
        _chunk(b"IHDR", header),
        _chunk(b"PLTE", _colours(rng)),
        _chunk(b"IDAT", zlib.compress(b"".join(rows), 6)),
    ]
    if noise_kb:
        parts.append(_chunk(b"noIs", rng.randbytes(noise_kb * 1024)))  # a private chunk
    parts.append(_chunk(b"IEND", b""))
    return b"".join(parts)


def signature(rng: Random) -> bytes:
    """Return an SVG of some strokes."""
    strokes = []
    x = rng.uniform(10, 25)
    for _ in range(rng.randrange(2, 5)):
        points = []
        for _ in range(rng.randrange(6, 14)):
            x += rng.uniform(-3, 9)
            points.append(f"{x:.0f} {rng.uniform(15, 65):.0f}")
        strokes.append(f'<path d="M{" L".join(points)}"/>')
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 80" fill="none" '
        f'stroke="black" stroke-width="2">{"".join(strokes)}</svg>'
    ).encode()


def _colours(rng: Random) -> bytes:
    wall = rng.choice(((196, 186, 170), (170, 178, 186), (150, 96, 78), (214, 208, 196)))
    door = rng.choice(((38, 70, 83), (120, 40, 31), (52, 78, 65), (60, 60, 66)))
    rest = ((240, 238, 232), (181, 134, 84), (120, 82, 45), (110, 108, 104))
    return b"".join(bytes(colour) for colour in (wall, door, *rest))


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
