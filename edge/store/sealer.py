"""Turns facts into the signed links of the vehicle's chain."""

from collections.abc import Mapping
from typing import Any

from edge.clock import Clock
from edge.handover.proof import SigningKey
from edge.messages.broker.catalog import ROOT
from edge.messages.facts import Fact, FactEvent
from edge.store.rows import Head


class Sealer:
    """Knows whose facts they are and what time it is said to be."""

    def __init__(
        self, *, vehicle: str, org: str, epoch: str, boot: int, key: SigningKey, clock: Clock
    ) -> None:
        self._vehicle = vehicle
        self._source = f"/{ROOT}/{org}/{vehicle}"
        self._epoch = epoch
        self._boot = boot
        self._key = key
        self._clock = clock

    def envelope(
        self, *, driver: str = "", route: str = "", subject: str = ""
    ) -> dict[str, Any]:
        """Return what is true of every fact that is told now."""
        return {
            "time": self._clock.utc(),
            "monotonic": round(self._clock.now_s(), 3),
            "timesource": self._clock.source,
            "driver": driver,
            "route": route,
            "subject": subject,
        }

    def signed(self, sealed: bytes) -> bool:
        """Tell whether these are exact bytes that this vehicle has sealed."""
        return self._key.public.signed(sealed)

    def seal(self, fact: Fact, head: Head, envelope: Mapping[str, Any]) -> bytes:
        """Return the bytes of the fact that follows `head`."""
        seq = head.seq + 1
        event = FactEvent(
            specversion="1.0",
            id=f"{self._vehicle}/{self._epoch}/{seq}",
            source=self._source,
            type=f"doorstep.{fact.__struct_config__.tag}.v1",
            datacontenttype="application/json",
            vehicle=self._vehicle,
            epoch=self._epoch,
            seq=seq,
            boot=self._boot,
            data=fact,
            prevhash=head.hash,
            keyid=self._key.key_id,
            **envelope,
        )
        return self._key.seal(event)
