"""Every fact there is, and its CloudEvents 1.0 envelope."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.messages.facts.daemon import DaemonFact
from edge.messages.facts.day import DayFact
from edge.messages.facts.machines import MachineFact
from edge.messages.facts.parcels import ParcelFact
from edge.messages.facts.sidewalk import SidewalkFact
from edge.messages.instants import Utc

Fact = DaemonFact | DayFact | ParcelFact | MachineFact | SidewalkFact


class FactEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A fact on the wire and in the store: CloudEvents 1.0, structured JSON (`up/fact`).

    Attribute names are lower-case letters and digits only (CloudEvents §3.1). `signature`
    is always the last member and covers the bytes before it as they are
    (`edge.handover.proof`); `prevhash` chains each fact to the one before it.
    """

    specversion: Literal["1.0"]
    id: str
    """`<vehicle>/<epoch>/<seq>`: the key that counts a fact once."""
    source: str
    """`/fleet/v1/<org>/<vehicle>`."""
    type: str
    """`doorstep.<fact>.v1`."""
    time: Utc
    datacontenttype: Literal["application/json"]
    subject: str = ""
    vehicle: str
    epoch: str
    seq: Annotated[int, Meta(ge=1)]
    boot: int
    monotonic: float
    """Seconds since the daemon started."""
    timesource: str
    driver: str = ""
    route: str = ""
    data: Fact
    prevhash: str
    """SHA-256, hex, of the previous fact's bytes; 64 zeros for the first of an epoch."""
    keyid: str
    signature: str = ""
