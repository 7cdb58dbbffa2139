"""How far a search for routes is, said now and then."""

from collections.abc import Callable

TOLD_TIMES = 4  # in each phase of the search

Progress = Callable[[str], None]


class Told:
    """A stopping criterion that never stops, but tells how far the search is."""

    def __init__(self, progress: Progress, phase: str, rounds: int) -> None:
        self._progress = progress
        self._phase = phase
        self._rounds = max(1, rounds)
        self._done = 0

    def __call__(self, best_cost: int) -> bool:
        self._done += 1
        if self._done % -(-self._rounds // TOLD_TIMES) == 0:
            share = 100 * self._done // self._rounds
            self._progress(f"{self._phase}: {share} % of the rounds, cost {best_cost:,}")
        return False
