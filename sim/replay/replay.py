"""A recorded day from its tapes: lived again, and compared fact by fact."""

import sqlite3
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec.structs import replace

from edge.config import Config
from edge.config.settings import read_seed
from edge.errors import ConfigError
from edge.handover.proof import SigningKey
from edge.messages.broker.wire import read_fact
from edge.messages.facts import FactEvent
from edge.record.recorder import config_of
from edge.record.seal import Label
from edge.record.shelf import tapes_of
from edge.record.tape import Tape, read_tape
from edge.store.facts import FILE
from edge.store.proofs import FOLDER as MEDIA
from sim.replay.life import Lived, live
from sim.vehicles.config import SIMULATED_KEY, vehicle_key

Sealed = list[tuple[int, bytes]]
MOST_TOLD = 20
NO_MEDIA: Mapping[str, bytes] = {}


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay came to; its JSON is the one line that `doorstep-sim replay` prints."""

    vehicle: str
    lives: int
    entries: int
    """What came in, in all lives."""
    facts: int
    """Made by the replay."""
    recorded: int
    """Made on the recorded day, as far as its stores tell."""
    identical: bool
    """Every fact, byte for byte and in order."""
    same: bool
    """Every fact in order, but for the instants and what is sealed over them."""
    worst_s: float
    """The most that an instant differs."""
    log_sha256: str
    recorded_sha256: str
    differences: tuple[str, ...] = ()


def read_day(folder: Path, key_file: Path | None = None) -> list[Tape]:
    """Read the tapes of a folder, or one tape, with the key that they name or of a file.

    Raises TapeError, ConfigError.
    """
    paths = [folder] if folder.is_file() else tapes_of(folder)
    if not paths:
        raise ConfigError(
            f"{folder}: no tapes here; name a folder like store/record/2026-11-23"
        )
    tapes = [read_tape(path, lambda label: _key(label, key_file)) for path in paths]
    vehicles = {tape.begun.vehicle for tape in tapes}
    if len(vehicles) > 1:
        raise ConfigError(
            f"{folder}: tapes of {', '.join(sorted(vehicles))}; name one vehicle's"
        )
    return tapes


def replay_day(
    tapes: Sequence[Tape],
    *,
    key: SigningKey,
    files: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
    look: Callable[[Tape, Lived], None] = lambda _tape, _lived: None,
) -> Replayed:
    """Live every life again, each on the store it began with, and compare what it wrote.

    `files` is where road files and travel tables are looked for; `look` is shown each life.
    Raises ConfigError.
    """
    expected = _expected(tapes)
    made: Sealed = []
    media: dict[str, bytes] = {}
    differences: list[str] = []
    for number, tape in enumerate(tapes):
        tell(f"life {number + 1} of {len(tapes)}: {len(tape.entries)} entries")
        edit = files_found(tape, files)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            began = put_store(tape, folder, media)
            before = facts_of(began)
            epoch_before = before[-1][0] if before else 0
            lived = live(tape, folder, key, edit=edit)
            look(tape, lived)
            media |= _media_in(lived.store)
            wrote = [row for row in facts_of(lived.store) if row[0] > epoch_before]
        upto = _last_of(tapes[number + 1]) if number + 1 < len(tapes) else None
        differences += _beyond(number, wrote, upto)
        made += [row for row in wrote if upto is None or row[0] <= upto]
    return _compared(tapes, made, expected, differences)


def key_of(tape: Tape, file: Path | None) -> SigningKey:
    """Return the vehicle's signing key: of a file, or made anew for a simulated vehicle.

    Raises ConfigError if it cannot be had.
    """
    if tape.label is not None:
        return _key(tape.label, file)
    begun = tape.begun
    return _named_key(begun.vehicle, begun.folder, config_of(begun).keys.signing_key_file, file)


def _key(label: Label, file: Path | None) -> SigningKey:
    return _named_key(label.vehicle, label.folder, label.key_file, file)


def _named_key(vehicle: str, folder: str, named: str, file: Path | None) -> SigningKey:
    if file is None and named.startswith(SIMULATED_KEY):
        return vehicle_key(int(named.removeprefix(SIMULATED_KEY)), vehicle)
    path = file or Path(folder) / named
    try:
        return SigningKey.from_seed(read_seed(path))
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"the key of {vehicle}: {error}; name its key file with --key FILE"
        ) from error


def put_store(tape: Tape, folder: Path, media: Mapping[str, bytes] = NO_MEDIA) -> Path:
    """Put down the store as it was when the life began, and media of earlier lives."""
    store = folder / config_of(tape.begun).store.folder
    (store / MEDIA).mkdir(parents=True, exist_ok=True)
    for name, content in tape.begun.store.items():
        (store / name).write_bytes(content)
    for name, content in media.items():
        (store / MEDIA / name).write_bytes(content)
    return store


def _media_in(store: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (store / MEDIA).glob("*")}


def facts_of(store: Path) -> Sealed:
    """Return every fact of a store that nobody has open, by number."""
    if not (store / FILE).exists():
        return []
    with closing(sqlite3.connect(store / FILE)) as db:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'fact'").fetchone():
            return []
        return db.execute("SELECT seq, sealed FROM fact ORDER BY seq").fetchall()


def _last_of(tape: Tape) -> int:
    with tempfile.TemporaryDirectory() as name:
        found = facts_of(put_store(tape, Path(name)))
    return found[-1][0] if found else 0


def _expected(tapes: Sequence[Tape]) -> Sealed:
    """Return the facts of the recorded lives: of the store beside them, or the last tape's."""
    with tempfile.TemporaryDirectory() as name:
        first, latest = Path(name) / "first", Path(name) / "latest"
        before = facts_of(put_store(tapes[0], first))
        beside = tapes[-1].path.parent.parent.parent
        source = beside if (beside / FILE).exists() else put_store(tapes[-1], latest)
        copy = Path(name) / "copy"
        copy.mkdir()
        for file in (FILE, f"{FILE}-wal"):
            if (source / file).exists():
                (copy / file).write_bytes((source / file).read_bytes())
        found = facts_of(copy)
    upto = before[-1][0] if before else 0
    return [row for row in found if row[0] > upto]


def files_found(tape: Tape, files: Path | None) -> Callable[[Config], Config]:
    """Return the edit that names road file and travel table where they are now."""

    def edit(config: Config) -> Config:
        planner = config.planner
        changed: dict[str, str] = {}
        for field in ("roads", "travel_table"):
            named = getattr(planner, field)
            if named is not None:
                changed[field] = str(_found(tape, named, files, f"planner.{field}"))
        return replace(config, planner=replace(planner, **changed))

    return edit


def _found(tape: Tape, named: str, files: Path | None, key: str) -> Path:
    places = [Path(tape.begun.folder) / named]
    around = [files] if files is not None else list(tape.path.resolve().parents)
    places += [place / Path(named).name for place in around]
    for place in places:
        if place.is_file():
            return place.resolve()
    raise ConfigError(
        f"{tape.path}: the recorded {key} {named!r} is not there; "
        "name the folder it is in with --files DIR"
    )


def _beyond(number: int, wrote: Sealed, upto: int | None) -> list[str]:
    if upto is None:
        return []
    more = [read_fact(sealed) for seq, sealed in wrote if seq > upto]
    if more:
        kinds = ", ".join(event.type for event in more[:3])
        return [f"life {number + 1} wrote {len(more)} facts more than recorded: {kinds}"]
    return []


def _compared(
    tapes: Sequence[Tape], made: Sealed, expected: Sealed, differences: list[str]
) -> Replayed:
    worst_s = 0.0
    by_number = dict(expected)
    for seq, sealed in made:
        recorded = by_number.pop(seq, None)
        if recorded is None:
            differences.append(f"fact {seq} was not recorded: {read_fact(sealed).type}")
        elif recorded != sealed:
            theirs, ours = read_fact(recorded), read_fact(sealed)
            worst_s = max(worst_s, abs((theirs.time - ours.time).total_seconds()))
            differences += _differs(seq, theirs, ours)
    differences += [
        f"fact {seq} is missing: {read_fact(sealed).type}" for seq, sealed in by_number.items()
    ]
    return Replayed(
        vehicle=tapes[0].begun.vehicle,
        lives=len(tapes),
        entries=sum(len(tape.entries) for tape in tapes),
        facts=len(made),
        recorded=len(expected),
        identical=made == expected,
        same=not differences,
        worst_s=round(worst_s, 3),
        log_sha256=log_hash(made),
        recorded_sha256=log_hash(expected),
        differences=tuple(differences[:MOST_TOLD]),
    )


def _differs(seq: int, recorded: FactEvent, made: FactEvent) -> list[str]:
    if (recorded.data, recorded.type, recorded.boot, recorded.driver, recorded.route) == (
        made.data, made.type, made.boot, made.driver, made.route,
    ):  # fmt: skip
        return []
    return [f"fact {seq} is {made.type} {made.data}, was {recorded.type} {recorded.data}"]


def log_hash(facts: Sealed) -> str:
    """Return one hash over facts in order."""
    total = sha256()
    for seq, sealed in facts:
        total.update(b"%d %d\n" % (seq, len(sealed)))
        total.update(sealed)
    return total.hexdigest()
