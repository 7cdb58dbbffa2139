"""What a power cut leaves of a file: everything synced, and by chance some of the rest."""

from dataclasses import dataclass, field
from random import Random

SECTOR_B = 512


@dataclass(frozen=True, slots=True)
class Survival:
    """How likely a write that was never synced is there after the cut."""

    kept_frac: float
    torn_frac: float
    """Of those that are not kept whole."""


@dataclass(slots=True)
class Platter:
    """One file: what is safe, and what was written since the last sync."""

    safe: bytearray
    there: bool
    """Whether its name is safe, too."""
    waiting: list[tuple[int, bytes]] = field(default_factory=list)
    """(at, content); (size, b"") is a file cut off at `size`."""

    def write(self, at: int, content: bytes) -> None:
        """Take a write that is safe after the next sync."""
        if content:
            self.waiting.append((at, content))

    def truncate(self, size: int) -> None:
        """Take a truncation that is safe after the next sync."""
        self.waiting.append((size, b""))

    def sync(self) -> None:
        """Make everything safe."""
        for at, content in self.waiting:
            _apply(self.safe, at, content)
        self.waiting.clear()
        self.there = True

    def after_cut(self, rng: Random, survival: Survival) -> bytes | None:
        """Return what the file holds when power is back; None: there is no such file.

        The disk was free to write in any order, so that each write is there or not by
        itself, or only some of its sectors.
        """
        if not self.there and (not self.waiting or rng.random() >= survival.kept_frac):
            return None
        image = bytearray(self.safe)
        for at, content in self.waiting:
            if rng.random() < survival.kept_frac:
                _apply(image, at, content)
            elif content and rng.random() < survival.torn_frac:
                _tear(image, at, content, rng)
        return bytes(image)


def _apply(image: bytearray, at: int, content: bytes) -> None:
    if not content:
        del image[at:]
        return
    if at > len(image):
        image.extend(bytes(at - len(image)))
    image[at : at + len(content)] = content


def _tear(image: bytearray, at: int, content: bytes, rng: Random) -> None:
    """Write some of the sectors that a write touches."""
    first = at // SECTOR_B * SECTOR_B
    for start in range(first, at + len(content), SECTOR_B):
        if rng.random() < 0.5:
            left, right = max(start, at), min(start + SECTOR_B, at + len(content))
            _apply(image, left, content[left - at : right - at])
