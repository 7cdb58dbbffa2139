"""Layers → sealed orders in each vehicle's outbox; and who has taken them over."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from edge.conditions.layers import MAX_PARTS
from edge.errors import RefusedError
from edge.messages.broker.wire import to_json
from edge.messages.commands import NewConditions
from edge.messages.conditions import Layer
from station.conditions.formats.reading import Found
from station.conditions.splitting import counts_of, empty_layer, layer_parts
from station.conditions.words import (
    ConditionsAnswer,
    ConditionsImported,
    LayerStanding,
    VehicleLayer,
)
from station.routes.dispatch import Sender
from station.store import conditions as books
from station.store import day, evidence

CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Offered:
    """What an offer did."""

    sent: tuple[tuple[str, str], ...]
    """(vehicle, layer) that went into an outbox."""
    behind: bool
    """Some vehicle still has to take an older version before it gets the newest."""


def take_file(
    db: sqlite3.Connection,
    *,
    name: str,
    kind: str,
    file: str,
    found: Found,
    vehicles: Sequence[str],
    sender: Sender,
) -> tuple[ConditionsImported, bool]:
    """Keep what a file says as the newest version of a layer and offer it to every vehicle.

    Returns what to tell, and whether somebody is behind. Raises RefusedError if it cannot be
    kept; then nothing was.
    """
    utc = sender.now_utc
    books.drop_expired(db, utc)
    parts = layer_parts(name, _next_version(db, name, utc), found)
    others = sum(layer.parts for layer in books.layers(db) if layer.name != name)
    if others + len(parts) > MAX_PARTS:
        raise RefusedError(
            f"{name} has {len(parts)} parts, all other layers {others}; a vehicle takes "
            f"{MAX_PARTS}: cut it to your area, or clear a layer"
        )
    counts = counts_of(parts)
    books.keep_layer(db, kind, file, parts, counts)
    offered = offer(db, vehicles, sender)
    told = ConditionsImported(
        file=file,
        kind=kind,
        name=name,
        version=parts[0].version,
        parts=len(parts),
        size=sum(len(to_json(part)) for part in parts),
        counts=counts,
        ignored=found.ignored,
        notes=tuple(found.notes),
        expires_utc=parts[0].expires_utc,
        told=tuple(vehicle for vehicle, layer in offered.sent if layer == name),
    )
    return told, offered.behind


def clear(
    db: sqlite3.Connection, name: str, vehicles: Sequence[str], sender: Sender
) -> Offered:
    """Take a layer back everywhere. Raises RefusedError if there is none."""
    utc = sender.now_utc
    books.drop_expired(db, utc)
    kept = {layer.name: layer for layer in books.layers(db)}
    if name not in kept:
        known = ", ".join(kept) or "none"
        raise RefusedError(f"there is no layer {name!r}; there are: {known}")
    expires_utc = kept[name].expires_utc
    part = empty_layer(name, _next_version(db, name, utc), utc, expires_utc)
    books.keep_layer(db, CLEARED, "", [part], {})
    return offer(db, vehicles, sender)


def offer(db: sqlite3.Connection, vehicles: Sequence[str], sender: Sender) -> Offered:
    """Send every vehicle the layers it was not sent.

    A vehicle that has not yet taken one version is not sent the next: however long it is
    away, no more than one version of each layer waits for it.
    """
    sent, behind = [], False
    known = books.sent_layers(db)
    for layer in books.layers(db):
        if layer.expires_utc <= sender.now_utc:
            continue
        parts: list[Layer] = []
        for vehicle in vehicles:
            last = known.get((vehicle, layer.name))
            if last is not None and last.version >= layer.version:
                continue
            if last is not None and _waits(db, last):
                behind = True
                continue
            parts = parts or books.parts_of(db, layer.name)
            books.note_sent(db, _send(db, vehicle, parts, sender))
            sent.append((vehicle, layer.name))
    return Offered(tuple(sent), behind)


def standing(
    db: sqlite3.Connection, vehicles: Sequence[str], utc: datetime
) -> ConditionsAnswer:
    """Return every layer that has not expired, and how far it has come in each vehicle."""
    known = books.sent_layers(db)
    return ConditionsAnswer(
        layers=tuple(
            LayerStanding(
                name=layer.name,
                version=layer.version,
                kind=layer.kind,
                file=layer.file,
                parts=layer.parts,
                counts=layer.counts,
                issued_utc=layer.issued_utc,
                expires_utc=layer.expires_utc,
                vehicles=tuple(
                    _vehicle(db, layer, vehicle, known.get((vehicle, layer.name)))
                    for vehicle in vehicles
                ),
            )
            for layer in books.layers(db)
            if layer.expires_utc > utc
        )
    )


def _vehicle(
    db: sqlite3.Connection, layer: books.KeptLayer, vehicle: str, sent: books.SentLayer | None
) -> VehicleLayer:
    if sent is None:
        return VehicleLayer(vehicle=vehicle, state="not sent")
    state: Literal["waiting", "acknowledged", "refused"] = "waiting"
    why = ""
    if not _waits(db, sent):
        state = "acknowledged"
        refused = evidence.refusals_of(db, vehicle, sent.sent_utc)
        reasons = [refused[n].reason for n in range(sent.first, sent.last + 1) if n in refused]
        if reasons:
            state, why = "refused", reasons[0]
    if sent.version < layer.version:
        state, why = "waiting", f"has not yet taken version {sent.version}"
    return VehicleLayer(
        vehicle=vehicle, state=state, version=sent.version, why=why, sent_utc=sent.sent_utc
    )


def _waits(db: sqlite3.Connection, sent: books.SentLayer) -> bool:
    stream = day.down_stream(db, sent.vehicle)
    return stream is not None and stream.epoch == sent.epoch and stream.acked < sent.last


def _send(
    db: sqlite3.Connection, vehicle: str, parts: Sequence[Layer], sender: Sender
) -> books.SentLayer:
    numbers, epoch = [], ""
    for part in parts:
        order = NewConditions(layer=part)
        epoch, seq, _ = sender.send(db, vehicle, "command", order, part.expires_utc)
        numbers.append(seq)
    first = parts[0]
    return books.SentLayer(
        vehicle, first.name, first.version, epoch, numbers[0], numbers[-1], sender.now_utc
    )


def _next_version(db: sqlite3.Connection, name: str, utc: datetime) -> int:
    """Return a version above all earlier ones, also those of a database that was lost."""
    return max(books.last_version(db, name) + 1, int(utc.timestamp()))
