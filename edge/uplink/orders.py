"""Whether bytes that came as an order are one: signed by the station, for us, still valid."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import msgspec

from edge.clock import VOUCHED, TimeSource
from edge.handover.proof import VerifyingKey
from edge.messages.broker.wire import UndecodableError, from_json
from edge.messages.commands import Command
from edge.messages.facts import CommandRefused, ItemQuarantined


class _Header(msgspec.Struct, frozen=True):
    """As much of an order as its place in the stream needs."""

    vehicle: str
    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class Genuine:
    """An order of the station to this vehicle."""

    command: Command
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Signed by the station for this vehicle, but not understood: it must block nothing."""

    epoch: str
    seq: int
    told: ItemQuarantined


@dataclass(frozen=True, slots=True)
class Forged:
    """Not an order of the station to this vehicle: it leaves no trace in the stream."""

    why: str


def judge(
    sealed: bytes, *, vehicle: str, keys: Iterable[VerifyingKey]
) -> Genuine | Unreadable | Forged:
    """Tell what these exact bytes are."""
    if not any(key.signed(sealed) for key in keys):
        return Forged("not signed by the station")
    try:
        header = from_json(sealed, _Header)
    except UndecodableError as error:
        return Forged(f"signed, but without its place in the stream: {error}")
    if header.vehicle != vehicle:
        return Forged(f"addressed to {header.vehicle}")
    if header.seq < 1:
        return Forged(f"numbered {header.seq}")
    try:
        return Genuine(from_json(sealed, Command), sealed)
    except UndecodableError as error:
        digest = sha256(sealed).hexdigest()
        told = ItemQuarantined(
            stream="command", seq=header.seq, sha256=digest, why=str(error)[:200]
        )
        return Unreadable(header.epoch, header.seq, told)


def expired(command: Command, utc: datetime, source: TimeSource) -> CommandRefused | None:
    """Return the refusal of an order that came too late, by a clock that may say so."""
    if source not in VOUCHED or utc <= command.expires_utc:
        return None
    return CommandRefused(
        order=kind_of(command),
        command_seq=command.seq,
        reason=f"expired at {command.expires_utc:%Y-%m-%d %H:%M:%S} UTC",
    )


def kind_of(command: Command) -> str:
    """Return the name of what is ordered."""
    return str(command.order.__struct_config__.tag)
