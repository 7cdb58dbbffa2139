"""What the driver's phone takes: a small picture, a large one in several chunks, strokes."""

from random import Random

from sim.people import pictures as drawn
from tests.edge.driver.pictures import EOI, JPEG

LARGE_FRAC = 0.1
LARGE_B = 70_000  # three chunks of the proof lane


def photo(rng: Random) -> tuple[bytes, str]:
    """Return a picture that nobody has taken before, and its type."""
    if rng.random() < LARGE_FRAC:
        coded = rng.randbytes(LARGE_B).replace(b"\xff", b"\xfe")
        return JPEG[: -len(EOI)] + coded + EOI, "image/jpeg"
    if rng.random() < 0.5:
        coded = rng.randbytes(400).replace(b"\xff", b"\xfe")
        return JPEG[: -len(EOI)] + coded + EOI, "image/jpeg"
    return drawn.photo(rng), "image/png"


def signature(rng: Random) -> tuple[bytes, str]:
    """Return strokes as the page draws them, and their type."""
    points = [f"{rng.randrange(640)} {rng.randrange(280)}" for _ in range(12)]
    path = "M" + "L".join(points)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 280">'
        f'<path d="{path}" fill="none" stroke="#000" stroke-width="3"'
        ' stroke-linecap="round" stroke-linejoin="round"/></svg>'
    ).encode(), "image/svg+xml"
