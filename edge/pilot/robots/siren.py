"""How often a robot's siren sounds: once an alarm, again only while somebody goes on (S7)."""

from edge.messages.machines.controller import SIREN_S

MOST_TIMES = 10  # of an alarm: five minutes at most, whoever carries it about


class Siren:
    """Of one start of the daemon; the controller ends each sounding by itself."""

    def __init__(self) -> None:
        self._times = 0
        self._until_s = 0.0

    def sounds(self, now_s: float) -> None:
        """Take note that it is told to sound."""
        self._times += 1
        self._until_s = now_s + SIREN_S

    def may_sound(self, now_s: float, *, harmed: bool) -> bool:
        """Tell whether the guard's wish is passed on: the first of an alarm always is."""
        if self._times == 0:
            return True
        return harmed and now_s >= self._until_s and self._times < MOST_TIMES

    def ended(self) -> None:
        """Forget the alarm: a person has looked."""
        self._times, self._until_s = 0, 0.0
