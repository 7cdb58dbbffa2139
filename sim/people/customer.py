"""Customers: at home or not, quick or slow, with or without the right PIN."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from sim.chance import chance
from sim.people.manners import CustomerManners

# How much more often nobody is home than on average, by hour: mornings at work, evenings in.
AWAY_BY_HOUR = (
    0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.4, 0.7, 1.1, 1.3, 1.4, 1.3,
    1.0, 1.1, 1.3, 1.2, 1.0, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1, 0.1,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Encounter:
    """What happens when the driver rings."""

    opens_after_s: float
    """inf: nobody opens."""
    name: str
    refuses: bool
    of_age: bool
    has_safe_place: bool
    pin_answers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What the customer reads out for each parcel, try after try."""


class Customers:
    """Everybody who waits for a parcel today."""

    def __init__(
        self,
        seed: int,
        manners: CustomerManners,
        pins: Mapping[str, str],
        out_frac: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """`out_frac` is how large a part is out now, beyond those who always are."""
        self._seed = seed
        self._manners = manners
        self._pins = pins
        self._out_frac = out_frac

    def ring(
        self, stop_id: str, name: str, parcel_ids: Sequence[str], local: datetime
    ) -> Encounter:
        """Ring at a stop's door; the same stop at the same hour answers the same."""
        rng = chance(self._seed, "customer", stop_id)
        manners = self._manners
        away = rng.random() < manners.away_frac * AWAY_BY_HOUR[local.hour]
        if not away and (out_frac := self._out_frac()) > 0:
            away = chance(self._seed, "out", stop_id).random() < out_frac
        slow = rng.random() < manners.slow_frac
        answers_s = rng.expovariate(1 / manners.answers_s) if manners.answers_s else 0.0
        if slow:
            answers_s += rng.uniform(60, 180)
        return Encounter(
            opens_after_s=float("inf") if away else answers_s,
            name=name,
            refuses=rng.random() < manners.refuses_frac,
            of_age=rng.random() >= manners.under_age_frac,
            has_safe_place=rng.random() < manners.has_safe_place_frac,
            pin_answers={p: self._answers(p, rng) for p in parcel_ids if p in self._pins},
        )

    def _answers(self, parcel_id: str, rng: Random) -> list[str]:
        pin = self._pins[parcel_id]
        wrong = f"{(int(pin) + rng.randrange(1, 10 ** len(pin))) % 10 ** len(pin):0{len(pin)}d}"
        if rng.random() < self._manners.forgot_pin_frac:
            return [wrong] * 2
        return [wrong, pin] if rng.random() < self._manners.wrong_pin_frac else [pin]
