"""The stamp of the link's signatures, kept ahead of itself: no restart lets it go back."""

import asyncio
import logging

from edge.clock import VOUCHED, Clock, TimeSource
from edge.devices import Lent
from edge.errors import StoreError
from firmware_bridge.mavlink.wire.signing import LARGEST_STAMP, PER_S, Signing, stamp_of

log = logging.getLogger(__name__)

BLOB = "mavlink_stamp"
BLOB_B = 6
AHEAD = 30 * PER_S  # half of what a peer tolerates; one commit in some twenty seconds
LEAST = 10 * PER_S  # of it left: keep a later one
LOOK_S = 1.0
LINK_ID = 0


def signing_of(key: bytes, lent: Lent, clock: Clock) -> Signing:
    """Return the signing of a link, with the later of the kept stamp and the clock's."""
    kept = int.from_bytes(lent.recall(BLOB) or b"", "little")
    known = clock.source in VOUCHED
    # A clock that nobody vouches for may be years ahead, and a stamp never comes back.
    told = stamp_of(clock.utc()) if known else 0
    return Signing(
        key,
        link_id=LINK_ID,
        stamp=max(kept, told),
        now_s=clock.now_s(),
        clock_is_known=known,
    )


class StampKeeper:
    """Keeps a stamp that is not reached yet.

    A disk that takes nothing does not silence the link of a vehicle in the air: the stamps go
    on, and it is told.
    """

    def __init__(self, signing: Signing, lent: Lent, clock: Clock) -> None:
        self._signing = signing
        self._lent = lent
        self._clock = clock
        self._source: TimeSource = clock.source
        self._kept = 0

    async def keep(self, stamp: int) -> None:
        """Make a stamp some way ahead of this one durable."""
        ahead = min(LARGEST_STAMP, stamp + AHEAD)
        try:
            await self._lent.keep(BLOB, ahead.to_bytes(BLOB_B, "little"))
        except StoreError:
            log.exception("signing stamp not kept")
            return
        self._kept = ahead

    async def begin(self) -> None:
        """Keep the first, before anything is signed."""
        await self.keep(self._signing.stamp(self._clock.now_s()))

    async def run(self) -> None:
        """Stay ahead, and follow the clock once somebody vouches for it, for ever."""
        while True:
            await asyncio.sleep(LOOK_S)
            now_s, source = self._clock.now_s(), self._clock.source
            if source != self._source and source in VOUCHED:
                told = stamp_of(self._clock.utc())
                await self.keep(max(told, self._signing.stamp(now_s)))
                self._signing.set_clock(self._clock.utc(), self._clock.now_s())
                self._source = source
            stamp = self._signing.stamp(self._clock.now_s())
            if stamp + LEAST > self._kept:
                await self.keep(stamp)
