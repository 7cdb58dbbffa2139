"""The one table of every message on the broker: name, type, topic, lane, rate, retention.

Everything that needs to know a topic, a quality of service or how old a message may get
asks here; `docs/wire/messages.md`, the JSON Schemas and the AsyncAPI document are made from it.
"""

from dataclasses import dataclass
from typing import Any, Literal

from edge.messages.broker.stream import Ack, ProofChunk, TrackItem
from edge.messages.commands import Command
from edge.messages.facts import FactEvent
from edge.messages.machines.assistance import HelpAnswer, HelpWord
from edge.messages.state import Live, Status, TrackBatch

ROOT = "fleet/v1"
MAX_PAYLOAD_B = 128_000  # the smallest limit of the public cloud brokers
MAX_PIECE_B = 96_000  # of a photo in one chunk, so that the frame stays below MAX_PAYLOAD_B


@dataclass(frozen=True, slots=True)
class Row:
    """One message of the catalog."""

    name: str
    struct: Any
    topic: str
    """Below `fleet/v1/<org>/<vehicle>/`."""
    direction: Literal["up", "down"]
    lane: Literal["live", "fact", "track", "proof", "status", "ack", "command", "help"]
    qos: Literal[0, 1]
    encoding: Literal["json", "cloudevents-batch+json", "msgpack"]
    retained: bool = False
    rate_hz: float | None = None
    """Usual rate; None: on change."""
    stale_after_s: float | None = None
    recorded: bool = False
    """Kept until the far side has committed it."""
    version: str = "1.0"
    summary: str = ""


CATALOG: tuple[Row, ...] = (
    Row("live", Live, "up/live", "up", "live", 0, "json", rate_hz=1.0, stale_after_s=5.0,
        summary="Newest position and state; newest wins, never behind the backlog."),
    Row("fact", FactEvent, "up/fact", "up", "fact", 1, "cloudevents-batch+json", recorded=True,
        summary="Facts in order, signed and chained: a JSON array of CloudEvents."),
    Row("track", TrackItem, "up/track", "up", "track", 1, "msgpack", recorded=True,
        rate_hz=0.03, summary="Positions of a span of time: zstd of msgpack TrackBatch."),
    Row("proof", ProofChunk, "up/proof", "up", "proof", 1, "msgpack", recorded=True,
        summary="Photos and signatures in chunks, named by hash."),
    Row("status", Status, "up/status", "up", "status", 1, "json", retained=True,
        summary="Presence; the last will says offline."),
    Row("up_ack", Ack, "up/ack", "up", "ack", 1, "json",
        summary="The vehicle has committed the station's commands up to a number."),
    Row("down_ack", Ack, "down/ack", "down", "ack", 1, "json",
        summary="The ledger has committed the vehicle's items up to a number."),
    Row("route", Command, "down/route", "down", "command", 1, "json", recorded=True,
        summary="A route or a later revision of it; numbered together with down/command."),
    Row("command", Command, "down/command", "down", "command", 1, "json", recorded=True,
        summary="Any other order; numbered together with down/route."),
    Row("help", HelpWord, "down/help", "down", "help", 0, "json", rate_hz=2.5,
        stale_after_s=2.0,
        summary="A person helps a robot from afar: signed, numbered, worth 2 s; sent once."),
    Row("helped", HelpAnswer, "up/help", "up", "help", 0, "json", rate_hz=2.5,
        stale_after_s=2.0,
        summary="The robot's side of it: a pulse to answer, who helps, why not; sent once."),
)  # fmt: skip

BY_NAME: dict[str, Row] = {row.name: row for row in CATALOG}
TRACK_BATCH = TrackBatch  # travels inside a TrackItem


def topic(org: str, vehicle: str, name: str) -> str:
    """Return the full topic of a message by its name in the catalog."""
    return f"{ROOT}/{org}/{vehicle}/{BY_NAME[name].topic}"


def filters(
    org: str, direction: Literal["up", "down"], vehicle: str = "+", *, recorded: bool = True
) -> tuple[str, ...]:
    """Return the subscription filters for everything that goes in one direction.

    Without `recorded`: but for what is kept until the far side has committed it.
    """
    return tuple(
        f"{ROOT}/{org}/{vehicle}/{row.topic}"
        for row in CATALOG
        if row.direction == direction and (recorded or not row.recorded)
    )


def parse_topic(full: str) -> tuple[str, str, Row] | None:
    """Split a full topic into (org, vehicle, row); None if it is not one of ours."""
    parts = full.split("/")
    if len(parts) != 6 or "/".join(parts[:2]) != ROOT:
        return None
    tail = "/".join(parts[4:])
    for row in CATALOG:
        if row.topic == tail:
            return parts[2], parts[3], row
    return None
