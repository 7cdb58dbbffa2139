"""Pictures for tests, made byte by byte."""

import struct
import zlib

# 1 × 1 grey pixel, baseline JPEG.
_QUANT = b"\xff\xdb\x00\x43\x00" + b"\x01" * 64
_FRAME = b"\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00"
_DC = b"\xff\xc4\x00\x14\x00\x01" + b"\x00" * 15 + b"\x00"
_AC = b"\xff\xc4\x00\x14\x10\x01" + b"\x00" * 15 + b"\x00"
_SCAN = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\x3f"
_JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
EOI = b"\xff\xd9"
JPEG = b"\xff\xd8" + _JFIF + _QUANT + _FRAME + _DC + _AC + _SCAN + EOI


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def jpeg_with(*segments: bytes, tail: bytes = b"") -> bytes:
    return JPEG[:2] + b"".join(segments) + JPEG[2:] + tail


def chunk(name: bytes, content: bytes) -> bytes:
    crc = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + crc


def png(width: int, height: int, *extra: bytes) -> bytes:
    """Return a picture with a gradient, so that it is more than one colour."""
    rows = b"".join(
        b"\x00" + bytes(c for x in range(width) for c in (x * 255 // width, y % 256, 128))
        for y in range(height)
    )
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + b"".join(extra)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


STROKES = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 280"><path d="M10 20L30 40L50 9'
    b'M7 7L7 7" fill="none" stroke="#000" stroke-width="5" stroke-linecap="round"'
    b' stroke-linejoin="round"/></svg>'
)
