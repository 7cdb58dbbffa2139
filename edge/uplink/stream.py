"""The reliable stream, both ends, without input or output: numbered, acknowledged, re-sent.

A broker's acknowledgement proves nothing (one that is killed loses what it acknowledged), so
an item counts as delivered only when the far side says that it has *committed* it. Items carry
(epoch, seq); an epoch is one life of the sender's store and its numbers start at 1.
Used by the vehicle and the station, in both directions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Generic, Literal, TypeVar

from edge.errors import PeerError
from edge.messages.broker.stream import Ack, StreamName

P = TypeVar("P")

WINDOW = 64
FIRST_RESEND_S = 5.0  # a round trip over a bad cell is below 3 s
LONGEST_RESEND_S = 60.0  # what an hour of a dead ledger may cost: 60 probes
MISSING_AGAIN_S = 0.5  # one gap is listed in many acknowledgements: answer it once
SILENT_AFTER_S = 45.0  # so that a peer that never acknowledges is named within a minute
REWIND_AFTER_S = 30.0  # acknowledgements this long behind ours: the far side was restored
MOST_MISSING = 64
KEPT_EPOCHS = 16


class Sender:
    """The end that has the items; says which to send now.

    It holds numbers only. A far side that does not answer is probed with one item at a time.
    """

    def __init__(
        self, stream: StreamName, epoch: str, *, acked: int, last: int, window: int = WINDOW
    ) -> None:
        self.stream: StreamName = stream
        self.epoch = epoch
        self.acked = acked
        """Committed by the far side up to here."""
        self.last = last
        """Number of the last item there is."""
        self.resent = 0
        """Items that were sent more than once."""
        self._most = window
        self._window = window
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
        return self._resend_at_s

    def appended(self, last: int) -> None:
        """Take note of new items."""
        self.last = max(self.last, last)

    def connected(self, now_s: float) -> None:
        """Start behind the last acknowledgement: whatever was sent before may be lost."""
        self._connected = True
        self._pause_s = min(max(FIRST_RESEND_S, 3 * self._round_trip_s), LONGEST_RESEND_S)
        self._restart()
        if self._waited_s:
            self._waiting_since_s = now_s

    def disconnected(self, now_s: float) -> None:
        """Stop; the silence of a far side is counted only while it could be heard."""
        self._connected = False
        self._waited_s = self.silent_s(now_s)
        self._waiting_since_s = inf
        self._resend_at_s = inf

    def on_ack(self, ack: Ack, now_s: float) -> int | None:
        """Take an acknowledgement; return the new `acked` if it advanced.

        Raises PeerError if it confirms items that do not exist: this store went back in time.
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
        if ack.upto > before:
            self._advance(ack.upto, now_s)
        elif ack.upto < before and self._far_side_went_back(now_s):
            self.acked = ack.upto
            self._restart()
        else:
            self._behind_since_s = inf if ack.upto == before else self._behind_since_s
        for seq in ack.missing:
            sent_s = self._sent_s.get(seq)
            if sent_s is not None and now_s - sent_s >= MISSING_AGAIN_S:
                self._again.add(seq)
        return self.acked if self.acked > before else None

    def due(self, now_s: float, limit: int = MOST_MISSING) -> list[int]:
        """Return the numbers to send now, in order, at most `limit`; they count as sent."""
        if not self._connected:
            return []
        if now_s >= self._resend_at_s:
            self._restart()
            self._probing = True
            self._pause_s = min(2 * self._pause_s, LONGEST_RESEND_S)
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
            else:
                self.resent += 1
                self._fresh_s.pop(seq, None)
        if chosen:
            self._waiting_since_s = min(self._waiting_since_s, now_s)
            self._resend_at_s = now_s + self._pause_s
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
        self._behind_since_s = inf
        self._next = upto + 1 if self._probing else max(self._next, upto + 1)
        self._probing = False
        self._learn_round_trip(upto, now_s)
        self._again = {seq for seq in self._again if seq > upto}
        self._sent_s = {seq: at_s for seq, at_s in self._sent_s.items() if seq > upto}
        self._waited_s = 0.0
        waiting = bool(self._sent_s) and self._connected
        self._waiting_since_s = now_s if waiting else inf
        self._resend_at_s = now_s + self._pause_s if waiting else inf

    def _learn_round_trip(self, upto: int, now_s: float) -> None:
        """Fit the pause to what answers take; for an item sent twice they tell nothing."""
        sent_s = self._fresh_s.get(upto)
        if sent_s is not None:
            self._round_trip_s += (now_s - sent_s - self._round_trip_s) / 2
            self._pause_s = min(max(FIRST_RESEND_S, 3 * self._round_trip_s), LONGEST_RESEND_S)
        self._fresh_s = {seq: at_s for seq, at_s in self._fresh_s.items() if seq > upto}

    def _far_side_went_back(self, now_s: float) -> bool:
        if self._behind_since_s == inf:
            self._behind_since_s = now_s
        return now_s - self._behind_since_s >= REWIND_AFTER_S

    def _restart(self) -> None:
        self._next = self.acked + 1
        self._again.clear()
        self._sent_s.clear()
        self._probing = False
        self._resend_at_s = inf
        self._behind_since_s = inf


Fate = Literal["next", "held", "duplicate", "beyond"]


@dataclass(frozen=True, slots=True)
class Offer(Generic[P]):
    """What became of an item that arrived."""

    fate: Fate
    """next: delivered, with what was held behind it · held: a gap before it · duplicate ·
    beyond: over the window, it will be sent again."""
    deliver: tuple[tuple[int, P], ...] = ()
    """To be committed now, in order."""
    new_epoch: bool = False
    """The first of an epoch not known here: the sender's store began anew."""

    @property
    def duplicate(self) -> bool:
        """It was here before: acknowledge again, the last one may have been lost."""
        return self.fate == "duplicate"


class _Life(Generic[P]):
    """One epoch as far as it has come."""

    def __init__(self, upto: int) -> None:
        self.upto = upto
        self.delivered = upto
        self.held: dict[int, P] = {}


class Receiver(Generic[P]):
    """The end that wants the items: each once, in order, acknowledged only when committed.

    Every epoch is a stream of its own, so an item of an earlier life that comes late is
    neither lost nor taken for a new one.
    """

    def __init__(
        self,
        stream: StreamName,
        committed: Mapping[str, int] | None = None,
        *,
        window: int = WINDOW,
    ) -> None:
        """Start from what is durable here: up to which number of each epoch, newest last."""
        self.stream: StreamName = stream
        self._window = window
        self._lives: dict[str, _Life[P]] = {
            epoch: _Life(upto) for epoch, upto in (committed or {}).items()
        }

    @property
    def epoch(self) -> str:
        """The newest epoch known; empty before the first item ever."""
        return next(reversed(self._lives), "")

    def offer(self, epoch: str, seq: int, payload: P) -> Offer[P]:
        """Take an item that arrived; what it delivers is to be committed, then told."""
        life = self._lives.get(epoch)
        new_epoch = life is None
        if life is None:
            life = self._lives[epoch] = _Life(0)
            if len(self._lives) > KEPT_EPOCHS:
                del self._lives[next(iter(self._lives))]
        if seq <= life.delivered or seq in life.held:
            return Offer("duplicate", new_epoch=new_epoch)
        if seq > life.upto + self._window:
            return Offer("beyond", new_epoch=new_epoch)
        life.held[seq] = payload
        deliver = []
        while life.delivered + 1 in life.held:
            life.delivered += 1
            deliver.append((life.delivered, life.held.pop(life.delivered)))
        return Offer("next" if deliver else "held", tuple(deliver), new_epoch)

    def upto(self, epoch: str) -> int:
        """Return up to which number everything of an epoch is committed here."""
        return self._lives[epoch].upto if epoch in self._lives else 0

    def committed(self, epoch: str, upto: int) -> None:
        """Everything delivered of an epoch up to this number is durable."""
        life = self._lives.get(epoch)
        if life is not None:
            assert upto <= life.delivered, f"{upto} of {epoch} was never delivered"
            life.upto = max(life.upto, upto)

    def rewind(self) -> None:
        """Forget what was delivered and could not be committed: it will be sent again."""
        for life in self._lives.values():
            life.delivered = life.upto
            life.held.clear()

    def missing(self, epoch: str) -> tuple[int, ...]:
        """Return the gaps of an epoch below the highest number seen."""
        life = self._lives.get(epoch)
        if life is None or not life.held:
            return ()
        wanted = range(life.delivered + 1, max(life.held))
        return tuple(seq for seq in wanted if seq not in life.held)[:MOST_MISSING]

    def ack(self, epoch: str) -> Ack:
        """Return what to tell the sender of an epoch now."""
        return Ack(
            stream=self.stream,
            epoch=epoch,
            upto=self.upto(epoch),
            window=self._window,
            missing=self.missing(epoch),
        )
