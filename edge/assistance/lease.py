"""Who may help a robot through the broker, and whether a word of his still counts (S6).

How old a word is, the vehicle knows by its own clock: each must name a pulse that the vehicle
said itself, and it counts as from that instant. So what lay about on the way, was recorded or
comes from before a restart is worth nothing, whatever any clock says. Under a clock that is
vouched for, a word that says of itself that it is old is refused besides.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from edge.errors import PeerError
from edge.handover.proof import VerifyingKey
from edge.messages.broker.wire import UndecodableError, from_json
from edge.messages.machines.assistance import (
    Begins,
    GivesBack,
    HelpWord,
    Knocks,
    Stands,
    Steers,
)
from edge.messages.machines.pavement import HelperBeat, HelperSteers

BEAT_S = 2.0  # works.md S6; from the pulse to now, the way to the station and back included
OLD_S = 10.0  # by the station's clock, which may be some seconds off
MOST_PULSES = 16
MOST_PER_S = 20  # words that are looked at: a signature costs some tenths of a millisecond
MOST_ENDED = 64

HelperWord = HelperBeat | HelperSteers


@dataclass(frozen=True, slots=True)
class Helped:
    """How it stands with the robot itself."""

    operator: str = ""
    """Who moves it from afar now, by whichever way."""
    why_not: str = ""
    """Why nobody may begin to help now."""


@dataclass(slots=True)
class Held:
    """One person's session."""

    session: str
    operator: str
    until_s: float
    heard_s: float
    """When the newest pulse that came back was said."""
    seq: int
    began_s: float
    taken: bool = False
    """The robot has been seen to listen to this person."""


class RefusedError(PeerError):
    """A genuine word that is not followed: a person is to hear why."""


class Lease:
    """One robot's: at most one person at a time."""

    def __init__(self, vehicle: str, keys: Iterable[VerifyingKey], start: str) -> None:
        """`start` names this start of the daemon; `keys` are the station's."""
        self._vehicle = vehicle
        self._keys = tuple(keys)
        self._start = start
        self._pulses: dict[str, float] = {}
        self._number = 0
        self._looked_s: deque[float] = deque(maxlen=MOST_PER_S)
        self._over: deque[str] = deque(maxlen=MOST_ENDED)
        self.held: Held | None = None
        """Whose session is open."""
        self.last: Held | None = None
        """The session that was open last, if none is."""
        self.ended = ""
        """Why that is over."""

    def pulse(self, now_s: float) -> str:
        """Return a new name for this instant, which a word may echo."""
        self._number += 1
        name = f"{self._start}.{self._number}"
        self._pulses[name] = now_s
        while len(self._pulses) > MOST_PULSES:
            del self._pulses[next(iter(self._pulses))]
        return name

    def look(self, helped: Helped, now_s: float) -> None:
        """Close the session if its time is over, its beats stopped, or the robot ended it."""
        held = self.held
        if held is None:
            return
        if now_s >= held.until_s:
            self._close("the time to help is over")
        elif now_s - held.heard_s > BEAT_S:
            self._close(f"not heard for {now_s - held.heard_s:.1f} s")
        elif helped.operator == held.operator:
            held.taken = True
        elif held.taken or helped.operator or now_s - held.began_s > BEAT_S:
            self._close(helped.why_not or "the robot has ended it, or did not take it")

    def take(
        self, sealed: bytes, helped: Helped, now_s: float, utc: datetime, *, vouched: bool
    ) -> tuple[HelperWord, ...]:
        """Return what a word means for the robot; nothing, if it only asks for a pulse.

        `vouched`: something may be held to be old by `utc`.
        Raises RefusedError if a person is to be told why not, PeerError for all else that
        does not count.
        """
        if len(self._looked_s) == MOST_PER_S and now_s - self._looked_s[0] < 1.0:
            raise PeerError("too many words at a time")
        self._looked_s.append(now_s)
        word = self._read(sealed)
        if vouched and abs(utc - word.issued_utc) > timedelta(seconds=OLD_S):
            off_s = (utc - word.issued_utc).total_seconds()
            raise RefusedError(f"issued {off_s:.0f} s ago by the vehicle's clock")
        self.look(helped, now_s)
        if isinstance(word.wish, Knocks):
            return ()
        said_s = self._pulses.get(word.echo)
        if said_s is None or now_s - said_s > BEAT_S:
            raise PeerError("it came too late, or answers nothing that was said")
        if self.held is None or self.held.session != word.session:
            self._begin(word, helped, said_s, now_s)
        return self._heard(word, said_s, now_s)

    def _read(self, sealed: bytes) -> HelpWord:
        if not any(key.signed(sealed) for key in self._keys):
            raise PeerError("not signed by the station")
        try:
            word = from_json(sealed, HelpWord)
        except UndecodableError as error:
            raise PeerError(f"not understood: {error}") from error
        if word.vehicle != self._vehicle:
            raise PeerError(f"addressed to {word.vehicle}")
        return word

    def _begin(self, word: HelpWord, helped: Helped, said_s: float, now_s: float) -> None:
        if word.session in self._over:
            raise PeerError("of a session that is over")
        if not isinstance(word.wish, Begins):
            raise PeerError("of no session that was begun")
        busy = self.held.operator if self.held is not None else helped.operator
        if busy:
            raise RefusedError(f"{busy} helps it already")
        if helped.why_not:
            raise RefusedError(helped.why_not)
        self.held = Held(
            session=word.session,
            operator=word.operator,
            until_s=now_s + word.wish.lasts_s,
            heard_s=said_s,
            seq=word.seq - 1,
            began_s=now_s,
        )
        self.last, self.ended = None, ""

    def _heard(self, word: HelpWord, said_s: float, now_s: float) -> tuple[HelperWord, ...]:
        held = self.held
        assert held is not None, "a session is open"
        if word.operator != held.operator:
            raise PeerError(f"in the name of {word.operator}, in {held.operator}'s session")
        if word.seq <= held.seq:
            raise PeerError(f"number {word.seq} after {held.seq}")
        held.seq, held.heard_s = word.seq, max(held.heard_s, said_s)
        if isinstance(word.wish, GivesBack):
            self._close("given back")
            return (HelperBeat(received_s=now_s, operator=held.operator, left_s=0.0),)
        left_s = held.until_s - held.heard_s
        beat = HelperBeat(received_s=held.heard_s, operator=held.operator, left_s=left_s)
        match word.wish:
            case Steers(place=place, speed_mps=speed_mps):
                steers = HelperSteers(
                    received_s=now_s, operator=held.operator, place=place, speed_mps=speed_mps
                )
                return (beat, steers)
            case Stands():
                return (beat, HelperSteers(received_s=now_s, operator=held.operator))
            case _:
                return (beat,)

    def _close(self, why: str) -> None:
        assert self.held is not None, "a session is open"
        self._over.append(self.held.session)
        self.last, self.held, self.ended = self.held, None, why
