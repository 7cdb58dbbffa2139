"""An offer goes out, is answered, and changes the route: within one transaction each."""

import hashlib
import sqlite3
from datetime import date, datetime, timedelta

from edge.errors import RefusedError
from edge.messages.commands import OfferStops
from edge.messages.facts import OfferAnswered
from edge.messages.routes import Offer, with_offer
from station.offers.words import OfferDraft, OffersAnswer, OfferStanding, OfferState
from station.routes.dispatch import Sender
from station.store import day as days
from station.store import offers


def send_offer(
    db: sqlite3.Connection,
    day: date,
    vehicle: str,
    draft: OfferDraft,
    answer_within: timedelta,
    sender: Sender,
) -> OfferStanding:
    """Put an offer into a vehicle's outbox; the same id again sends nothing.

    Raises RefusedError if the vehicle has no route, or the offer does not hold together.
    """
    kept = [one for one in days.dispatched_routes_of(db, day) if one.route.vehicle == vehicle]
    route = kept[-1].route if kept else None
    if route is None or not route.stops:
        raise RefusedError(f"{vehicle} has no route on {day} that an order could be added to")
    offer = Offer(
        offer_id=draft.offer_id or _name(draft, sender.now_utc),
        route_id=route.route_id,
        stops=draft.stops,
        parcels=draft.parcels,
        answer_by_utc=sender.now_utc + answer_within,
    )
    known = offers.offer_of(db, offer.offer_id)
    if known is not None:
        return _standing(known, sender.now_utc)
    fault = _fault(offer)
    if fault:
        raise RefusedError(f"offer {offer.offer_id}: {fault}")
    twice = {s.stop_id for s in route.stops} & {s.stop_id for s in offer.stops}
    if twice:
        raise RefusedError(
            f"offer {offer.offer_id}: {sorted(twice)[0]} is on the route already"
        )
    epoch, seq, _ = sender.send(
        db, vehicle, "command", OfferStops(offer=offer), offer.answer_by_utc
    )
    offers.keep_offer(db, day, vehicle, offer, sender.now_utc, (epoch, seq))
    sent = offers.offer_of(db, offer.offer_id)
    assert sent is not None, "an offer that was just stored"
    return _standing(sent, sender.now_utc)


def take_answer(
    db: sqlite3.Connection, vehicle: str, answer: OfferAnswered, utc: datetime
) -> str:
    """Take a vehicle's answer over; an accepted offer makes the route's next revision.

    Returns what a dispatcher must be told of; empty if all is well.
    """
    kept = offers.offer_of(db, answer.offer_id)
    if kept is None or kept.vehicle != vehicle:
        return f"It answered an offer that it was never sent: {answer.offer_id}"
    offers.keep_answer(db, answer)
    if not answer.accepted:
        return ""
    route_id, revision = kept.offer.route_id, answer.revision
    sent = [d for d in days.dispatched_routes_of(db, kept.day) if d.route.route_id == route_id]
    drawn = [d for d in days.routes_of(db, kept.day) if d.route.route_id == route_id]
    if not sent or sent[-1].route.revision + 1 != revision or drawn != sent:
        return f"Offer {answer.offer_id} and a new revision of its route crossed each other"
    base = sent[-1]
    route = with_offer(base.route, kept.offer)
    days.keep_route(db, base.day, route, utc)
    days.mark_dispatched(db, route, kept.sent_utc, kept.epoch, kept.seq)
    return ""


def standing(db: sqlite3.Connection, day: date, now_utc: datetime) -> OffersAnswer:
    """Return the offers of a day and what became of them."""
    found = tuple(_standing(kept, now_utc) for kept in offers.offers_of(db, day))
    return OffersAnswer(day=day, offers=found)


def _standing(kept: offers.KeptOffer, now_utc: datetime) -> OfferStanding:
    answer, offer = kept.answer, kept.offer
    state: OfferState
    if answer is not None:
        state = "accepted" if answer.accepted else "declined"
    else:
        state = "waiting" if now_utc <= offer.answer_by_utc else "unanswered"
    return OfferStanding(
        offer_id=offer.offer_id,
        vehicle=kept.vehicle,
        route_id=offer.route_id,
        stops=len(offer.stops),
        parcels=len(offer.parcels),
        state=state,
        sent_utc=kept.sent_utc,
        answer_by_utc=offer.answer_by_utc,
        reason=answer.reason if answer is not None else "",
        slack_s=answer.slack_s if answer is not None else None,
        added_s=answer.added_s if answer is not None else None,
    )


def _fault(offer: Offer) -> str:
    """Say why an offer cannot be sent; empty if it can."""
    parcels = [parcel.parcel_id for parcel in offer.parcels]
    fetched = [p for stop in offer.stops if stop.kind == "pickup" for p in stop.parcels]
    brought = [p for stop in offer.stops if stop.kind == "delivery" for p in stop.parcels]
    for stop in offer.stops:
        if stop.kind not in ("pickup", "delivery") or not stop.parcels:
            return f"stop {stop.stop_id} is no pickup or delivery with parcels"
    for listed, what in ((parcels, "parcels"), (fetched, "pickups"), (brought, "deliveries")):
        if len(set(listed)) != len(listed):
            return f"a parcel is named twice among the {what}"
    if set(fetched) != set(parcels):
        odd = sorted(set(fetched) ^ set(parcels))
        return f"{odd[0]} is not picked up at one of its stops, or not among its parcels"
    if not set(brought) <= set(parcels):
        return f"{sorted(set(brought) - set(parcels))[0]} is not among its parcels"
    return ""


def _name(draft: OfferDraft, utc: datetime) -> str:
    first = draft.parcels[0].parcel_id
    return "offer-" + hashlib.sha256(f"{utc.isoformat()} {first}".encode()).hexdigest()[:12]
