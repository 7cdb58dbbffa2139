"""What a photo or signature may be: pixels or strokes, and nothing about the phone.

The page re-draws every photo, so that no Exif leaves the phone. This is the second lock, for
whatever else posts here: metadata is cut out without touching the pixels, and what is not
whole is refused.
"""

import re
import struct
import zlib

MAX_MEDIA_B = 8_000_000
JPEG = "image/jpeg"
PNG = "image/png"
STROKES = "image/svg+xml"
MEDIA_TYPES = (JPEG, PNG, STROKES)

SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
KEPT_APPS = (0xE0, 0xEE)  # JFIF's density, Adobe's colour transform
COMMENT = 0xFE
RESTARTS = range(0xD0, 0xD8)

PNG_MARK = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = (b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"sRGB", b"IDAT", b"IEND")

# One path of absolute moves and lines; no script, no style, no link fits in here.
SIGNATURE = re.compile(
    rb'<svg xmlns="http://www\.w3\.org/2000/svg" viewBox="0 0 \d{1,4} \d{1,4}">'
    rb'<path d="(?:M\d{1,4} \d{1,4}(?:L\d{1,4} \d{1,4})*)+" fill="none" stroke="#000"'
    rb' stroke-width="\d(?:\.\d)?" stroke-linecap="round" stroke-linejoin="round"/></svg>'
)


class UnfitMediaError(ValueError):
    """The bytes are not a whole picture of the type they claim to be."""


def clean(content: bytes, media_type: str) -> bytes:
    """Return the same picture without metadata. Raises UnfitMediaError."""
    if len(content) > MAX_MEDIA_B:
        raise UnfitMediaError(f"larger than {MAX_MEDIA_B} bytes")
    match media_type:
        case "image/jpeg":
            return _clean_jpeg(content)
        case "image/png":
            return _clean_png(content)
        case "image/svg+xml":
            if SIGNATURE.fullmatch(content) is None:
                raise UnfitMediaError("not a drawing of plain strokes")
            return content
        case _:
            raise UnfitMediaError(f"{media_type or 'no type'} is not taken")


def _clean_jpeg(content: bytes) -> bytes:
    """Keep what decodes the pixels (ITU-T T.81 annex B), cut APPn, comments and any tail."""
    if content[:2] != bytes((0xFF, SOI)):
        raise UnfitMediaError("not a JPEG")
    kept = [content[:2]]
    at = 2
    seen_scan = False
    while True:
        if content[at : at + 1] != b"\xff" or at + 2 > len(content):
            raise UnfitMediaError(f"no JPEG marker at byte {at}")
        marker = content[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if marker == EOI:
            if not seen_scan:
                raise UnfitMediaError("a JPEG without a picture")
            return b"".join((*kept, content[at : at + 2]))
        end = _segment_end(content, at)
        if marker == SOS:
            seen_scan = True
            end = _scan_end(content, end)
        named = marker in range(0xE0, 0xF0) or marker == COMMENT
        if not named or marker in KEPT_APPS:
            kept.append(content[at:end])
        at = end


def _segment_end(content: bytes, at: int) -> int:
    if at + 4 > len(content):
        raise UnfitMediaError("a JPEG that ends in a marker")
    (size,) = struct.unpack_from(">H", content, at + 2)
    if size < 2 or at + 2 + size > len(content):
        raise UnfitMediaError(f"a JPEG segment without end at byte {at}")
    return at + 2 + int(size)


def _scan_end(content: bytes, at: int) -> int:
    """Return where the coded pixels that begin at `at` stop: at the next real marker."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            raise UnfitMediaError("a JPEG that was cut off")
        if content[at + 1] == 0x00 or content[at + 1] in RESTARTS:
            at += 2
            continue
        return at


def _clean_png(content: bytes) -> bytes:
    """Keep the chunks that decode the pixels (PNG 3rd edition §5), cut texts and Exif."""
    if not content.startswith(PNG_MARK):
        raise UnfitMediaError("not a PNG")
    kept = [PNG_MARK]
    at = len(PNG_MARK)
    while True:
        if at + 12 > len(content):
            raise UnfitMediaError("a PNG that was cut off")
        (size,) = struct.unpack_from(">I", content, at)
        end = at + 12 + int(size)
        chunk = content[at:end]
        if end > len(content) or struct.pack(">I", zlib.crc32(chunk[4:-4])) != chunk[-4:]:
            raise UnfitMediaError(f"a damaged PNG chunk at byte {at}")
        if chunk[4:8] in PNG_KEPT:
            kept.append(chunk)
        if chunk[4:8] == b"IEND":
            return b"".join(kept)
        at = end
