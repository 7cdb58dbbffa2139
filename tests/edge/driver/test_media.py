import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.driver.media import MAX_MEDIA_B, MEDIA_TYPES, UnfitMediaError, clean
from tests.edge.driver.pictures import EOI, JPEG, STROKES, chunk, jpeg_with, png, segment

EXIF = segment(0xE1, b"Exif\x00\x00MM\x00*GPS 48.1247N 11.5411E")
WHOLE = {"image/jpeg": JPEG, "image/png": png(4, 3), "image/svg+xml": STROKES}


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_a_clean_picture_stays_as_it_is(media_type: str) -> None:
    assert clean(WHOLE[media_type], media_type) == WHOLE[media_type]


def test_a_jpeg_loses_exif_comments_profiles_and_what_is_behind_its_end() -> None:
    dirty = jpeg_with(
        EXIF,
        segment(0xE2, b"ICC_PROFILE\x00 of a phone"),
        segment(0xFE, b"taken by Ada"),
        tail=b"a motion picture" + EXIF,
    )
    assert clean(dirty, "image/jpeg") == JPEG


def test_metadata_between_two_scans_is_found_too() -> None:
    scan = JPEG[JPEG.index(b"\xff\xda") : -2]
    assert clean(JPEG[:-2] + EXIF + scan + EOI, "image/jpeg") == JPEG[:-2] + scan + EOI


def test_stuffed_bytes_and_restarts_are_part_of_the_pixels() -> None:
    coded = JPEG[:-2] + b"\x12\xff\x00\x34\xff\xd3\x56" + EOI
    assert clean(coded, "image/jpeg") == coded


def test_a_png_loses_texts_and_exif() -> None:
    dirty = png(4, 3, chunk(b"tEXt", b"Author\x00Ada"), chunk(b"eXIf", b"MM\x00*"))
    assert clean(dirty + b"tail", "image/png") == png(4, 3)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xd8", b"\xff\xd8\xff\xd9", b"GIF89a", JPEG[:-2], JPEG[:40], b"<svg/>"],
)
def test_what_is_no_whole_jpeg_is_refused(content: bytes) -> None:
    with pytest.raises(UnfitMediaError):
        clean(content, "image/jpeg")


@pytest.mark.parametrize("content", [b"", png(4, 3)[:-1], png(4, 3)[:60], JPEG])
def test_what_is_no_whole_png_is_refused(content: bytes) -> None:
    with pytest.raises(UnfitMediaError):
        clean(content, "image/png")


def test_a_damaged_png_is_refused() -> None:
    whole = bytearray(png(4, 3))
    whole[20] ^= 1
    with pytest.raises(UnfitMediaError):
        clean(bytes(whole), "image/png")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        STROKES.replace(b"<path", b"<script>alert(1)</script><path"),
        STROKES.replace(b"<path", b"<image href='http://evil.example/x'/><path"),
        STROKES.replace(b'fill="none"', b'fill="none" onload="alert(1)"'),
        STROKES.replace(b"M10 20", b"M10 20 url(#x)"),
        STROKES.replace(b'<svg xmlns="http', b'<!DOCTYPE svg><svg xmlns="http'),
        STROKES.replace(b"</svg>", b"</svg>\n<svg>"),
        STROKES.replace(b"L30", b"L99999"),
    ],
)
def test_a_signature_is_strokes_and_nothing_else(content: bytes) -> None:
    with pytest.raises(UnfitMediaError):
        clean(content, "image/svg+xml")


def test_other_types_and_large_pictures_are_refused() -> None:
    with pytest.raises(UnfitMediaError):
        clean(JPEG, "image/gif")
    with pytest.raises(UnfitMediaError):
        clean(jpeg_with(tail=b"\0" * MAX_MEDIA_B), "image/jpeg")


@given(media_type=st.sampled_from(MEDIA_TYPES), content=st.binary(max_size=300))
def test_any_bytes_are_cleaned_or_refused(media_type: str, content: bytes) -> None:
    head = {"image/jpeg": JPEG[:2], "image/png": b"\x89PNG\r\n\x1a\n"}.get(media_type, b"")
    for given_bytes in (content, head + content):
        try:
            once = clean(given_bytes, media_type)
        except UnfitMediaError:
            continue
        assert clean(once, media_type) == once


@given(
    media_type=st.sampled_from(MEDIA_TYPES),
    at=st.integers(0, 400),
    value=st.integers(0, 255),
    cut=st.integers(0, 400),
)
def test_a_damaged_picture_never_crashes(
    media_type: str, at: int, value: int, cut: int
) -> None:
    damaged = bytearray(WHOLE[media_type])
    damaged[at % len(damaged)] = value
    for content in (bytes(damaged), bytes(damaged[: cut % len(damaged)])):
        try:
            once = clean(content, media_type)
        except UnfitMediaError:
            continue
        assert clean(once, media_type) == once
