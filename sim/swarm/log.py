"""The file in which a long swarm keeps its finished days, so that it can go on."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from edge.errors import ConfigError
from sim.swarm.trial import Tried


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What makes a seed mean the same day; the first line of the file."""

    minutes: float
    kinds: tuple[str, ...]
    never: tuple[str, ...]
    plant: str


class SwarmLog:
    """A line for each day as it is done; one that a kill has cut off is left out."""

    def __init__(self, path: Path, asked: Asked) -> None:
        """Open it. Raises ConfigError for a file of another swarm."""
        self.done: dict[int, Tried] = {}
        whole = _lines(path)
        self._check(path, whole, asked)
        for number, line in enumerate(whole[1:], start=2):
            try:
                tried = msgspec.json.decode(line, type=Tried)
            except (msgspec.DecodeError, msgspec.ValidationError) as error:
                raise ConfigError(
                    f"--log {path}, line {number}: no finished day ({error}): delete the line"
                ) from error
            self.done[tried.seed] = tried
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = (msgspec.json.encode(asked), *whole[1:])
        beside = path.with_name(f"{path.name}.new")
        beside.write_bytes(b"".join(line + b"\n" for line in lines))
        beside.replace(path)
        self._file = path.open("ab", buffering=0)

    def add(self, tried: Tried) -> None:
        """Keep a day that is done now."""
        self._file.write(msgspec.json.encode(tried) + b"\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def left(self, seeds: Iterable[int]) -> list[int]:
        """Return the seeds that are not done."""
        return [seed for seed in seeds if seed not in self.done]

    @staticmethod
    def _check(path: Path, whole: list[bytes], asked: Asked) -> None:
        if not whole:
            return
        try:
            before = msgspec.json.decode(whole[0], type=Asked)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise ConfigError(f"--log {path}, line 1: not a swarm's log ({error})") from error
        if before != asked:
            raise ConfigError(
                f"--log {path} is of another swarm ({whole[0].decode()}): ask for the same"
                " minutes, kinds and faults, or name another file"
            )


def _lines(path: Path) -> list[bytes]:
    """Return the lines that were written to their end."""
    if not path.exists():
        return []
    return path.read_bytes().split(b"\n")[:-1]
