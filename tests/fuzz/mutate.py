"""Damage: bits, bytes, cuts, doubles, splices, and words that parsers trip over."""

from collections.abc import Sequence
from random import Random

LONGEST_B = 4096
NOISE_FRAC = 0.01
FAULTS = (0, 1, 1, 1, 2, 3, 6)
WORDS = (
    b"\x00", b"\xff", b"\xef\xbb\xbf", b"\r\n", b"\n\n", b"-1", b"0", b"1e400", b"NaN", b"-inf",
    b"99999999999999999999", b"9" * 40, b"null", b"true", b"[]", b"{}", b'""', b"[[[[[[[[",
    b"2026-02-30T25:61Z", b"0001-01-01T00:00:00+23:59", b"9999-12-31T23:59:59-23:59",
    b"\\u0000", b"\\ud800", b"%s%n", b"../../", b"\xc3\x28", b"$", b"*", b",,,,", b";;",
    b"\x7f\x45", b">",
)  # fmt: skip


def mutated(rng: Random, corpus: Sequence[bytes], words: Sequence[bytes] = WORDS) -> bytes:
    """Return one of the corpus with some faults; now and then none, or nothing but noise."""
    if rng.random() < NOISE_FRAC:
        return rng.randbytes(rng.randrange(200))
    content = rng.choice(corpus)
    for _ in range(rng.choice(FAULTS)):
        content = _with_fault(rng, content, corpus, words)
    return content[:LONGEST_B] if len(content) > 2 * LONGEST_B else content


def _with_fault(
    rng: Random, content: bytes, corpus: Sequence[bytes], words: Sequence[bytes]
) -> bytes:
    size = len(content)
    at = int(rng.random() * (size + 1))
    end = min(size, at + 1 + int(rng.random() * 20))
    match int(rng.random() * 9):
        case 0 | 1 if at < size:  # a bit
            return (
                content[:at]
                + bytes([content[at] ^ (1 << rng.randrange(8))])
                + content[at + 1 :]
            )
        case 2:  # a byte
            return content[:at] + bytes([rng.randrange(256)]) + content[at + 1 :]
        case 3:  # something lost
            return content[:at] + content[end:]
        case 4:  # something doubled
            return content[:end] + content[at:]
        case 5:  # cut off
            return content[:at]
        case 6:  # a word put in, or in the place of something
            return content[:at] + rng.choice(words) + content[rng.choice((at, end)) :]
        case 7:  # two items in one
            other = rng.choice(corpus)
            return content[:at] + other[int(rng.random() * len(other)) :]
        case _:  # a number that is another
            return _with_other_number(rng, content, at)


def _with_other_number(rng: Random, content: bytes, near: int) -> bytes:
    for at in range(near, min(len(content), near + 40)):
        if content[at : at + 1].isdigit():
            other = rng.choice((b"0", b"9", b"-", b".", b"1e9", b"4294967296", b""))
            return content[:at] + other + content[at + 1 :]
    return content
