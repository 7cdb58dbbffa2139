"""One person's session with one robot: what to say next, and what the robot makes of it.

It waits for nothing: words and time come in, sealed words go out. While nobody holds the
button it says nothing, and the robot stands within two seconds: silence is the safe side.
"""

from collections.abc import Iterable
from datetime import datetime
from math import inf
from typing import Literal

from edge.errors import PeerError, RefusedError
from edge.handover.proof import SigningKey, VerifyingKey
from edge.messages.broker.wire import UndecodableError, from_json
from edge.messages.geo import Place, distance_m
from edge.messages.machines.assistance import (
    Beats,
    Begins,
    GivesBack,
    HelpAnswer,
    HelpWish,
    HelpWord,
    Knocks,
    Stands,
    Steers,
)

SAY_S = 0.4  # works.md S6 wants a beat each 2 s; so four in a row may be lost
HEARD_WITHIN_S = 10.0  # of knocking
SILENT_S = 5.0  # the robot stands by then, whatever it could still say
FARTHEST_M = 30.0  # of one steering: one looks where one goes
BACK_S = 2.0  # so long it is said that it is given back, unless the robot agrees sooner

State = Literal["knocking", "asking", "helping", "giving back", "over"]


class Helping:
    """From the first knock to the end, which is one: another try is another session."""

    def __init__(
        self,
        vehicle: str,
        operator: str,
        *,
        session: str,
        lasts_s: float,
        key: SigningKey,
        keys: Iterable[VerifyingKey],
        now_s: float,
    ) -> None:
        """`session` is drawn anew for each; `key` is the station's, `keys` the vehicle's."""
        self.vehicle = vehicle
        self.operator = operator
        self.session = session
        self.state: State = "knocking"
        self.why = ""
        """Why it is over."""
        self.newest: HelpAnswer | None = None
        """What the robot said last."""
        self._lasts_s = lasts_s
        self._key = key
        self._keys = tuple(keys)
        self._seq = 0
        self._since_s = now_s
        self._heard_s = now_s
        self._held_until_s = -inf
        self._wish: HelpWish | None = None
        self.wake_at_s = now_s
        """When the next word is due."""

    @property
    def refused(self) -> str:
        """Why the robot does not do what was asked last."""
        answer = self.newest
        if answer is None or answer.refused_session != self.session:
            return ""
        return answer.refused

    @property
    def here(self) -> Place | None:
        """Where the robot says that it is."""
        return self.newest.place if self.newest is not None else None

    def hold(self, until_s: float) -> None:
        """Take note that the person holds the button, and counts as holding it until then."""
        self._held_until_s = until_s

    def steer(self, place: Place, speed_mps: float, now_s: float) -> None:
        """Send the robot there, as long as the button is held."""
        self._wish, self.wake_at_s = Steers(place=place, speed_mps=speed_mps), now_s

    def stand(self, now_s: float) -> None:
        """Let it stand, and stay in charge."""
        self._wish, self.wake_at_s = Stands(), now_s

    def give_back(self, now_s: float) -> None:
        """Let the robot go on by itself."""
        if self.state in ("knocking", "asking"):
            self._end("given up before it began")
        elif self.state == "helping":
            self._enter("giving back", now_s)

    def hear(self, sealed: bytes, now_s: float) -> None:
        """Take what the robot says. Raises PeerError if it is not the robot's."""
        if not any(key.signed(sealed) for key in self._keys):
            raise PeerError(f"not signed by {self.vehicle}")
        try:
            answer = from_json(sealed, HelpAnswer)
        except UndecodableError as error:
            raise PeerError(f"not understood: {error}") from error
        if answer.vehicle != self.vehicle:
            raise PeerError(f"it is of {answer.vehicle}")
        if self.newest is not None and not _is_later(answer.pulse, self.newest.pulse):
            return  # overtaken, or replayed
        self.newest, self._heard_s = answer, now_s
        mine = answer.session == self.session
        if mine and answer.ended:
            self._end(answer.ended)
        elif self.state == "knocking":
            if answer.operator:
                self._end(f"{answer.operator} helps it already")
            else:
                self._enter("asking", now_s)
        elif self.state == "asking" and mine:
            self._enter("helping", now_s)
        elif self.state == "asking" and self.refused:
            self._end(self.refused)
        elif self.state in ("helping", "giving back") and not mine:
            self._end("the robot has begun anew")

    def due(self, now_s: float, utc: datetime) -> bytes | None:
        """Return the word that is due, if there is one."""
        if self.state == "over" or now_s < self.wake_at_s:
            return None
        self.wake_at_s = now_s + SAY_S
        if self.state == "giving back" and now_s - self._since_s > BACK_S:
            self._end("given back")
        elif self.state != "knocking" and now_s - self._heard_s > SILENT_S:
            self._end(f"{self.vehicle} is not heard any more")
        elif self.state == "knocking" and now_s - self._since_s > HEARD_WITHIN_S:
            self._end(f"{self.vehicle} does not answer: is it connected, and a robot?")
        wish = self._next(now_s)
        return None if wish is None else self._seal(wish, utc)

    def _next(self, now_s: float) -> HelpWish | None:
        match self.state:
            case "knocking":
                return Knocks()
            case "asking":
                return Begins(lasts_s=self._lasts_s)
            case "giving back":
                return GivesBack()
            case "helping" if now_s < self._held_until_s:
                return self._wish or Beats()
            case _:
                return None

    def _seal(self, wish: HelpWish, utc: datetime) -> bytes:
        self._seq += 1
        return self._key.seal(
            HelpWord(
                vehicle=self.vehicle,
                session=self.session,
                seq=self._seq,
                operator=self.operator,
                issued_utc=utc,
                wish=wish,
                echo=self.newest.pulse if self.newest is not None else "",
                key_id=self._key.key_id,
            )
        )

    def _enter(self, state: State, now_s: float) -> None:
        self.state, self._since_s, self.wake_at_s = state, now_s, now_s

    def _end(self, why: str) -> None:
        self.state, self.why, self.wake_at_s = "over", why, inf


def known(here: Place | None) -> Place:
    """Return where the robot is. Raises RefusedError if nobody knows."""
    if here is None:
        raise RefusedError("where the robot is, is not known: it cannot be steered")
    return here


def check_near(here: Place, there: Place) -> None:
    """Raise RefusedError if that is farther than one may steer at once."""
    if distance_m(here, there) > FARTHEST_M:
        raise RefusedError(f"more than {FARTHEST_M:.0f} m away: go there in parts")


def _is_later(pulse: str, before: str) -> bool:
    """Tell whether a pulse comes after another; one of another start of the daemon does."""
    start, _, number = pulse.rpartition(".")
    start_before, _, number_before = before.rpartition(".")
    if start != start_before or not (number.isdecimal() and number_before.isdecimal()):
        return pulse != before
    return int(number) > int(number_before)
