"""What a file says → a layer in parts that fit through every broker."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from edge.conditions.checks import fault
from edge.conditions.layers import MAX_PARTS
from edge.errors import RefusedError
from edge.messages.broker.wire import to_json
from edge.messages.conditions import Layer
from station.conditions.formats.reading import Found

MAX_PART_B = 96_000
HEAD_B = 1_000  # name, times, attribution and commas' share
MOST_ITEMS = 2_000
MOST_SEGMENTS = 20_000
FIELDS = ("segments", "factors", "closures", "weather", "zones")
SHORTEST = timedelta(seconds=1)


def layer_parts(name: str, version: int, found: Found) -> tuple[Layer, ...]:
    """Return the parts of the layer a file makes: one or more, though it may say nothing.

    Raises RefusedError if it is too big, or could not be used by a vehicle.
    """
    try:
        head = Layer(
            name=name,
            version=version,
            issued_utc=found.utc,
            expires_utc=max(found.until_utc, found.utc + SHORTEST),
            attribution=found.attribution,
        )
        msgspec.convert(msgspec.to_builtins(head), Layer)
    except msgspec.ValidationError as error:
        raise RefusedError(f"layer {name!r}: {error}: choose another --name") from error
    items = {
        "segments": tuple(found.segments.values()),
        "factors": tuple(found.factors),
        "closures": tuple(found.closures),
        "weather": tuple(found.weather),
        "zones": tuple(found.zones),
    }
    loads = list(_packed(items)) or [{}]
    if len(loads) > MAX_PARTS:
        raise RefusedError(
            f"layer {name} would be {len(loads)} parts of {MAX_PART_B:,} bytes, {MAX_PARTS} "
            "are allowed: cut the file to the area of your station"
        )
    parts = tuple(
        msgspec.structs.replace(head, part=number, parts=len(loads), **load)
        for number, load in enumerate(loads, 1)
    )
    for part in parts:
        if wrong := fault(part):
            raise RefusedError(wrong)
    return parts


def _packed(items: dict[str, tuple[Any, ...]]) -> Iterator[dict[str, tuple[Any, ...]]]:
    """Fill one part after the other, in order."""
    load: dict[str, list[Any]] = {}
    size_b = HEAD_B
    for field in FIELDS:
        most = MOST_SEGMENTS if field == "segments" else MOST_ITEMS
        for item in items[field]:
            item_b = len(to_json(item)) + 1
            if item_b + HEAD_B > MAX_PART_B:
                raise RefusedError(
                    f"one of the {field} has {item_b:,} bytes: simplify its geometry"
                )
            if size_b + item_b > MAX_PART_B or len(load.get(field, ())) >= most:
                yield _whole(load)
                load, size_b = {}, HEAD_B
            load.setdefault(field, []).append(item)
            size_b += item_b
    if load:
        yield _whole(load)


def _whole(load: dict[str, list[Any]]) -> dict[str, tuple[Any, ...]]:
    return {field: tuple(items) for field, items in load.items()}


def empty_layer(name: str, version: int, utc: datetime, expires_utc: datetime) -> Layer:
    """Return a layer that says nothing: it takes back what the last of its name said."""
    return Layer(
        name=name,
        version=version,
        issued_utc=utc,
        expires_utc=max(expires_utc, utc + SHORTEST),
    )


def counts_of(parts: Sequence[Layer]) -> dict[str, int]:
    """Return how much of each kind there is."""
    counted = {field: sum(len(getattr(part, field)) for part in parts) for field in FIELDS}
    return {field: count for field, count in counted.items() if count}
