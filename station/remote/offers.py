"""Offers over HTTP, the commands' half."""

from datetime import date

import msgspec

from edge.messages.broker.wire import to_json
from station.offers.words import OfferDraft, OffersAnswer, OfferStanding
from station.remote.conditions import Ask


class OfferRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to offer to whom."""

    vehicle: str
    draft: OfferDraft
    answer_within_s: float
    day: date | None = None


class RemoteOffers:
    """What `station.offers.desk.OfferDesk` offers to the commands."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def make(
        self,
        vehicle: str,
        draft: OfferDraft,
        *,
        answer_within_s: float,
        day: date | None = None,
    ) -> OfferStanding:
        """Offer an order to one vehicle."""
        wanted = OfferRequest(
            vehicle=vehicle, draft=draft, answer_within_s=answer_within_s, day=day
        )
        return await self._ask("POST", "offers", OfferStanding, {}, to_json(wanted))

    async def show(self, *, day: date | None = None) -> OffersAnswer:
        """Return the offers of a day and what became of them."""
        query = {} if day is None else {"day": str(day)}
        return await self._ask("GET", "offers", OffersAnswer, query)
