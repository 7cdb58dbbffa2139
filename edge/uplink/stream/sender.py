"""The end of the reliable stream that has the items; says which to send now.

It believes acknowledgements only as long as the far side keeps to them. What is acknowledged
may be wrong, because the far side was restored from a copy or because somebody else spoke for
it, so while nothing is under way the last item is sent again from time to time: what the far
side answers then is what it has, and what it does not have is sent again.
"""

from math import inf

from edge.errors import PeerError
from edge.messages.broker.stream import Ack, StreamName

WINDOW = 64
FIRST_RESEND_S = 5.0  # a round trip over a bad cell is below 3 s
LONGEST_RESEND_S = 60.0  # what an hour of a dead ledger may cost: 60 probes
MISSING_AGAIN_S = 0.5  # one gap is listed in many acknowledgements: answer it once
SILENT_AFTER_S = 45.0  # so that a peer that never acknowledges is named within a minute
REWIND_AFTER_S = 30.0  # behind ours for so long: no late one, the far side has less
MOST_MISSING = 64
FIRST_ASK_S = 60.0
LONGEST_ASK_S = 3600.0  # 24 facts or 24 pieces of 32 kB a day


class Sender:
    """It holds numbers only. A far side that does not answer is probed, one item at a time."""

    def __init__(
        self,
        stream: StreamName,
        epoch: str,
        *,
        acked: int,
        last: int,
        window: int = WINDOW,
        asks: bool = True,
    ) -> None:
        """`asks`: while nothing is under way, ask whether what was acknowledged is there."""
        self.stream: StreamName = stream
        self.epoch = epoch
        self.acked = acked
        """Committed by the far side up to here, as far as it says."""
        self.last = last
        """Number of the last item there is."""
        self.resent = 0
        """Items that were sent more than once; not those that only ask."""
        self._most = window
        self._window = window
        self._asks = asks
        self._connected = False
        self._next = acked + 1
        self._again: set[int] = set()
        self._sent_s: dict[int, float] = {}
        self._ever_sent = acked
        self._pause_s = FIRST_RESEND_S
        self._fresh_s: dict[int, float] = {}
        self._round_trip_s = 0.0
        self._resend_at_s = inf
        self._probing = False
        self._asking = False
        """The item of number `acked` is under way, for its answer."""
        self._ask_at_s = inf
        self._ask_pause_s = FIRST_ASK_S
        self._waiting_since_s = inf
        self._waited_s = 0.0
        self._behind_since_s = inf

    @property
    def backlog(self) -> int:
        """How many items the far side has not committed."""
        return self.last - self.acked

    @property
    def wake_at_s(self) -> float:
        """When `due` may have something by itself; inf for never."""
        return min(self._resend_at_s, self._ask_at_s)

    def appended(self, last: int) -> None:
        """Take note of new items."""
        self.last = max(self.last, last)
        if self.backlog:
            self._ask_at_s = inf

    def connected(self, now_s: float) -> None:
        """Start behind the last acknowledgement: whatever was sent before may be lost."""
        self._connected = True
        self._pause_s = min(max(FIRST_RESEND_S, 3 * self._round_trip_s), LONGEST_RESEND_S)
        self._restart()
        self._ask_pause_s = FIRST_ASK_S
        self._ask_later(now_s)
        if self._waited_s:
            self._waiting_since_s = now_s
            if self._ask_at_s < inf:
                self._ask_at_s = now_s

    def disconnected(self, now_s: float) -> None:
        """Stop; the silence of a far side is counted only while it could be heard."""
        self._connected = False
        self._waited_s = self.silent_s(now_s)
        self._waiting_since_s = inf
        self._resend_at_s = self._ask_at_s = inf

    def on_ack(self, ack: Ack, now_s: float) -> int | None:
        """Take an acknowledgement; return `acked` if it changed, forward or back.

        It goes back once all that is heard has stayed behind it for REWIND_AFTER_S. Raises
        PeerError if items are confirmed that do not exist: this store went back in time.
        """
        if ack.stream != self.stream or ack.epoch != self.epoch:
            return None
        if ack.upto > self.last:
            raise PeerError(
                f"the far side has {self.stream} {ack.upto} of epoch {self.epoch},"
                f" but there are only {self.last} here"
            )
        self._window = min(self._most, ack.window)
        before = self.acked
        if ack.upto >= before:
            self._behind_since_s = inf
        if ack.upto > before:
            self._advance(ack.upto, now_s)
        elif ack.upto < before:
            self._fall_behind(ack.upto, now_s)
        elif self._asking:
            self._asking = self._probing = False
            self._settle(now_s)
        for seq in ack.missing:
            sent_s = self._sent_s.get(seq)
            if sent_s is not None and now_s - sent_s >= MISSING_AGAIN_S:
                self._again.add(seq)
        return self.acked if self.acked != before else None

    def due(self, now_s: float, limit: int = MOST_MISSING) -> list[int]:
        """Return the numbers to send now, in order, at most `limit`; they count as sent."""
        if not self._connected:
            return []
        if now_s >= self._resend_at_s:
            self._restart()
            self._probe()
            self._pause_s = min(2 * self._pause_s, LONGEST_RESEND_S)
        elif now_s >= self._ask_at_s:
            self._ask_pause_s = min(4 * self._ask_pause_s, LONGEST_ASK_S)
            self._probe()
        chosen = sorted(self._again)[:limit]
        self._again.difference_update(chosen)
        window = 1 if self._probing else self._window
        until = min(self.last, self.acked + window, self._next + limit - len(chosen) - 1)
        chosen += range(self._next, until + 1)
        self._next = max(self._next, until + 1)
        for seq in chosen:
            self._sent_s[seq] = now_s
            if seq > self._ever_sent:
                self._ever_sent = seq
                self._fresh_s[seq] = now_s
            elif seq > self.acked:
                self.resent += 1
                self._fresh_s.pop(seq, None)
        if chosen:
            self._waiting_since_s = min(self._waiting_since_s, now_s)
            self._resend_at_s = now_s + self._pause_s
            self._ask_at_s = inf
        return chosen

    def published(self, now_s: float) -> None:
        """Take note that what was due has left: a slow link is not a silent far side."""
        if self._resend_at_s < inf:
            self._resend_at_s = now_s + self._pause_s

    def silent_s(self, now_s: float) -> float:
        """Return how long items have waited without any progress [s]."""
        if self._waiting_since_s == inf:
            return self._waited_s
        return self._waited_s + now_s - self._waiting_since_s

    def _advance(self, upto: int, now_s: float) -> None:
        self.acked = upto
        self._next = upto + 1 if self._probing else max(self._next, upto + 1)
        self._probing = self._asking = False
        self._learn_round_trip(upto, now_s)
        self._again = {seq for seq in self._again if seq > upto}
        self._settle(now_s)

    def _settle(self, now_s: float) -> None:
        """Begin to wait anew for what is still under way, if anything is."""
        self._sent_s = {seq: at_s for seq, at_s in self._sent_s.items() if seq > self.acked}
        self._waited_s = 0.0
        waiting = bool(self._sent_s) and self._connected
        self._waiting_since_s = now_s if waiting else inf
        self._resend_at_s = now_s + self._pause_s if waiting else inf
        self._ask_later(now_s)

    def _ask_later(self, now_s: float) -> None:
        idle = self._asks and self._connected and self.acked == self.last > 0
        self._ask_at_s = now_s + self._ask_pause_s if idle else inf

    def _probe(self) -> None:
        """Send one item only; the last one once more, if all are acknowledged."""
        self._probing = True
        self._ask_at_s = inf
        if self._asks and self.acked == self.last > 0:
            self._asking = True
            self._next = self.acked

    def _learn_round_trip(self, upto: int, now_s: float) -> None:
        """Fit the pause to what answers take; for an item sent twice they tell nothing."""
        sent_s = self._fresh_s.get(upto)
        if sent_s is not None:
            self._round_trip_s += (now_s - sent_s - self._round_trip_s) / 2
            self._pause_s = min(max(FIRST_RESEND_S, 3 * self._round_trip_s), LONGEST_RESEND_S)
        self._fresh_s = {seq: at_s for seq, at_s in self._fresh_s.items() if seq > upto}

    def _fall_behind(self, upto: int, now_s: float) -> None:
        """Go back to what the far side has, unless this may be an answer that comes late."""
        if self._behind_since_s == inf:
            self._behind_since_s = now_s
        if now_s - self._behind_since_s < REWIND_AFTER_S:
            return
        self.acked = upto
        self._behind_since_s = inf
        self._restart()
        self._probe()

    def _restart(self) -> None:
        self._next = self.acked + 1
        self._again.clear()
        self._sent_s.clear()
        self._probing = self._asking = False
        self._resend_at_s = inf
