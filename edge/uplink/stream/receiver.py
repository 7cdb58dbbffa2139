"""The end of the reliable stream that wants the items: each once, in order, then told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from edge.messages.broker.stream import Ack, StreamName
from edge.uplink.stream.sender import MOST_MISSING, WINDOW

P = TypeVar("P")

KEPT_EPOCHS = 16

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
