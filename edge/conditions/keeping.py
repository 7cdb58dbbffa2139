"""Layers as blobs of a store: one for each part, and one that says which there are."""

from collections.abc import Callable, Iterable

import msgspec

from edge.conditions.layers import Layers
from edge.messages.broker.wire import UndecodableError, from_json, to_json
from edge.messages.conditions import Layer

INDEX = "layers"


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """The blob that says which parts there are."""

    parts: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    heard: tuple[tuple[str, int], ...] = ()
    number: int = 0


def blobs(before: Layers, after: Layers) -> dict[str, bytes | None]:
    """Return what a store that holds `before` must write to hold `after`; None removes."""
    old, new = _named(before), _named(after)
    written: dict[str, bytes | None] = {name: None for name in old if name not in new}
    written |= {name: to_json(part) for name, part in new.items() if name not in old}
    index = Kept(
        parts=tuple(_name(part) for part in after.parts),
        waiting=tuple(_name(part) for part in after.waiting),
        heard=after.heard,
        number=after.number,
    )
    return written | {INDEX: to_json(index)}


def read(state: Callable[[str], bytes | None]) -> tuple[Layers, tuple[str, ...]]:
    """Return the layers a store holds, and what of them cannot be read.

    A layer of which a part cannot be read is left out as a whole; the station may send it
    again under the same version.
    """
    blob = state(INDEX)
    if blob is None:
        return Layers(), ()
    try:
        kept = from_json(blob, Kept)
    except UndecodableError as error:
        return Layers(), (f"{INDEX}: {error}",)
    faults: list[str] = []
    parts = _parts(kept.parts, state, faults)
    waiting = _parts(kept.waiting, state, faults)
    whole = tuple(p for p in parts if sum(other.name == p.name for other in parts) == p.parts)
    lost = {p.name for p in parts} - {p.name for p in whole}
    lost |= {name.split("/")[1] for name in kept.parts} - {p.name for p in parts}
    heard = tuple((name, version) for name, version in kept.heard if name not in lost)
    return Layers(whole, waiting, heard, kept.number), tuple(faults)


def _parts(
    names: Iterable[str], state: Callable[[str], bytes | None], faults: list[str]
) -> tuple[Layer, ...]:
    found = []
    for name in names:
        blob = state(name)
        try:
            if blob is None:
                faults.append(f"{name}: missing")
            else:
                found.append(from_json(blob, Layer))
        except UndecodableError as error:
            faults.append(f"{name}: {error}")
    return tuple(found)


def _name(part: Layer) -> str:
    return f"layer/{part.name}/{part.version}/{part.part}"


def _named(layers: Layers) -> dict[str, Layer]:
    return {_name(part): part for part in (*layers.parts, *layers.waiting)}
