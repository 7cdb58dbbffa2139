"""One flipped bit of a stored row can be found again by its CRC-32, and flipped back."""

from zlib import crc32

MOST_B = 262_144  # eight steps a byte: a second of searching at most
ONES = 0xFFFFFFFF


def healed(content: bytes, crc: int, start: int = 0) -> bytes | None:
    """Return the content that this checksum belongs to; None if more than a bit is wrong.

    `start` is what the checksum began with. A CRC is linear: what a flipped bit changes in it
    follows from its distance to the end alone. The wrong bit is found for one damage in a
    million that is larger than a bit, so that what is signed is worth another look.
    """
    if len(content) > MOST_B:
        return None
    wanted = crc32(content, start) ^ crc
    zero = crc32(b"\x00")
    changes = [crc32(bytes((1 << bit,))) ^ zero for bit in range(8)]
    for at in range(len(content) - 1, -1, -1):
        if wanted in changes:
            fixed = bytearray(content)
            fixed[at] ^= 1 << changes.index(wanted)
            return bytes(fixed)
        changes = [crc32(b"\x00", change ^ ONES) ^ ONES for change in changes]
    return None
