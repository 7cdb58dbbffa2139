"""The office's desk for orders offered while the vehicles drive."""

from collections.abc import Callable
from datetime import date, timedelta

from edge.clock import Clock
from edge.errors import RefusedError
from station.offers import books
from station.offers.words import OfferDraft, OffersAnswer, OfferStanding
from station.routes.dispatch import Sender
from station.store.database import Database

LONGEST_S = 3600.0


class OfferDesk:
    """What commands and console ask about offers."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        today: Callable[[], date],
        sender: Callable[[], Sender],
        wake: Callable[[int], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._today = today
        self._sender = sender
        self._wake = wake

    async def make(
        self,
        vehicle: str,
        draft: OfferDraft,
        *,
        answer_within_s: float,
        day: date | None = None,
    ) -> OfferStanding:
        """Offer an order to one vehicle. Raises RefusedError, and then nothing goes out."""
        if not 1.0 <= answer_within_s <= LONGEST_S:
            raise RefusedError(f"--answer-within: from 1 to {LONGEST_S:.0f} s")
        within, sender = timedelta(seconds=answer_within_s), self._sender()
        on_day = day or self._today()
        sent = await self._database.transaction(
            lambda db: books.send_offer(db, on_day, vehicle, draft, within, sender)
        )
        self._wake(1)
        return sent

    async def show(self, *, day: date | None = None) -> OffersAnswer:
        """Return the offers of a day and what became of them."""
        on_day = day or self._today()
        return await self._database.read(
            lambda db: books.standing(db, on_day, self._clock.utc())
        )
