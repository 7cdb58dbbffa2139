"""Feed a parser with damage; a crash, an input that takes too long and growth are failures."""

import gc
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from random import Random
from types import FrameType

from tests.fuzz.mutate import WORDS, mutated

CORPUS = Path(__file__).parent / "corpus"
SLOWEST_S = 1.0  # of processor time, so that a busy machine finds nothing of its own
FRESH_EVERY = 500
"""Inputs after which a parser with a memory is made anew."""
WARM_FRAC, WARM_AT_LEAST = 0.1, 1000
GROWS_AT_MOST_B = 24 << 20
"""After the first tenth: what ten million inputs may add, and what caches may."""
SHOWN_B = 400
PAGE_B = os.sysconf("SC_PAGE_SIZE")

TryOne = Callable[[bytes], bool]
"""Read one input; tell whether it was taken. Anything but a refusal is raised."""


@dataclass(frozen=True, slots=True)
class Parser:
    """One parser, and what sound input looks like."""

    name: str
    make: Callable[[], TryOne]
    """Return one that has read nothing yet."""
    seeds: Callable[[], Sequence[bytes]]
    repair: Callable[[bytes], bytes] | None = None
    """Mend the checksum, so that damage gets past it: done to a half of the inputs."""
    words: tuple[bytes, ...] = ()


@dataclass(slots=True)
class Told:
    """What a run came to."""

    name: str
    inputs: int = 0
    taken: int = 0
    took_s: float = 0.0
    slowest_s: float = 0.0
    grown_b: int = 0
    seed: int = 0
    slowest: bytes = field(default=b"", repr=False)

    def __str__(self) -> str:
        rate = self.inputs / self.took_s if self.took_s else 0.0
        return (
            f"{self.name:>12}: {self.inputs:>10,} inputs, {rate:>8,.0f}/s, taken "
            f"{self.taken / max(1, self.inputs):6.1%}, slowest {1000 * self.slowest_s:.0f} ms, "
            f"grown {self.grown_b / (1 << 20):.1f} MiB, seed {self.seed}"
        )


class FuzzedError(AssertionError):
    """A parser failed; says how to do it again."""

    def __init__(self, why: str, content: bytes = b"") -> None:
        super().__init__(why)
        self.content = content


class _HangsError(BaseException):
    """Raised by the alarm: no parser catches it by accident."""


def corpus_of(parser: Parser) -> list[bytes]:
    """Return the seeds and what is kept in the repository: what failed once, or went deep."""
    kept = sorted((CORPUS / parser.name).glob("*"))
    return [one for one in parser.seeds() if one] + [path.read_bytes() for path in kept]


def keep(parser: Parser, content: bytes) -> Path:
    """Put an input into the corpus, so that every run begins with it; return its file."""
    file = CORPUS / parser.name / sha256(content).hexdigest()[:12]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def run(parser: Parser, inputs: int, seed: int) -> Told:
    """Try so many inputs. Raises FuzzedError with the input that failed."""
    rng, told = Random(f"{parser.name} {seed}"), Told(parser.name, seed=seed)
    corpus, words = corpus_of(parser), (*WORDS, *parser.words)
    warm, resident_b = max(WARM_AT_LEAST, int(inputs * WARM_FRAC)), 0
    before = signal.signal(signal.SIGPROF, _alarm)
    started_s = time.perf_counter()
    try:
        for number in range(inputs):
            if number % FRESH_EVERY == 0:
                try_one = parser.make()
            if number == warm:
                resident_b = _resident_b()
            content = mutated(rng, corpus, words)
            if parser.repair is not None and rng.random() < 0.5:
                content = parser.repair(content)
            _try(parser, try_one, content, told)
    finally:
        signal.signal(signal.SIGPROF, before)
    told.took_s = time.perf_counter() - started_s
    if resident_b:
        told.grown_b = _resident_b() - resident_b
        if told.grown_b > GROWS_AT_MOST_B:
            raise FuzzedError(f"grows: {told}")
    return told


def _try(parser: Parser, try_one: TryOne, content: bytes, told: Told) -> None:
    signal.setitimer(signal.ITIMER_PROF, SLOWEST_S)
    began_s = time.process_time()
    try:
        told.taken += try_one(content)
    except (_HangsError, Exception) as error:
        signal.setitimer(signal.ITIMER_PROF, 0)
        raise FuzzedError(
            f"{parser.name}, input {told.inputs} of seed {told.seed}: {error!r}\n"
            f"{content[:SHOWN_B]!r}",
            content,
        ) from error
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    took_s = time.process_time() - began_s
    told.inputs += 1
    if took_s > told.slowest_s:
        told.slowest_s, told.slowest = took_s, content


def _alarm(_number: int, _frame: FrameType | None) -> None:
    raise _HangsError(f"longer than {SLOWEST_S} s")


def _resident_b() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_B
