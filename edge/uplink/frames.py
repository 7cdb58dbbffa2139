"""What goes into one message of the reliable lanes."""

from collections.abc import Iterable, Sequence

from edge.messages.broker.wire import join_facts

LARGEST_B = 100_000  # below the 128 kB of the smallest public broker
FIRST_B = 16_000
SMALLEST_B = 4_000
QUICK_S = 0.5
SLOW_S = 1.0


class Pace:
    """How large a message may be so that a slow link is not blocked for long."""

    def __init__(self) -> None:
        self.size_b = FIRST_B

    def took(self, size_b: int, duration_s: float) -> None:
        """Learn from one message."""
        if duration_s > SLOW_S:
            self.size_b = max(SMALLEST_B, self.size_b // 2)
        elif duration_s < QUICK_S and size_b > self.size_b // 2:
            self.size_b = min(LARGEST_B, self.size_b * 2)


def fact_batches(events: Iterable[bytes], size_b: int) -> list[bytes]:
    """Join the exact bytes of facts into payloads of at most `size_b`, or of one fact."""
    payloads: list[bytes] = []
    batch: list[bytes] = []
    filled_b = 2
    for event in events:
        if batch and filled_b + len(event) + 1 > size_b:
            payloads.append(join_facts(batch))
            batch, filled_b = [], 2
        batch.append(event)
        filled_b += len(event) + 1
    if batch:
        payloads.append(join_facts(batch))
    return payloads


def runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Return (first, count) of the unbroken runs in sorted numbers."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number == sum(found[-1]):
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((number, 1))
    return found
