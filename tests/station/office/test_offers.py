"""Offers at the station: what goes out, what comes back, and books that still balance."""

import json
from datetime import timedelta

import msgspec
import pytest

from edge.errors import RefusedError
from edge.messages import facts as f
from edge.messages.broker.wire import from_json
from edge.messages.commands import Command, OfferStops
from edge.messages.geo import Place
from edge.messages.parcels import Outcome, Parcel
from edge.messages.routes import Stop, with_offer
from station.books.audit import read_books
from station.offers.words import OfferDraft
from station.store import day as days
from tests.station.office.days import reported
from tests.station.office.test_dispatch import DAY, accepted, assigned, outbox

AT = Place(lat_deg=48.13, lon_deg=11.57)
DRAFT = OfferDraft(
    offer_id="o1",
    stops=(
        Stop(stop_id="shop", kind="pickup", place=AT, parcels=("X",)),
        Stop(stop_id="door", place=AT, parcels=("X",)),
    ),
    parcels=(Parcel(parcel_id="X"),),
)


async def on_the_road(office, station):
    """Dispatch, and hear that van-1 has its route; return it."""
    await assigned(office)
    await office.dispatch()
    (kept, *_) = await station.database.read(lambda db: days.dispatched_routes_of(db, DAY))
    return kept.route


async def made(office, vehicle="van-1", draft=DRAFT):
    return await office.offers.make(vehicle, draft, answer_within_s=60.0)


def yes(revision):
    return f.OfferAnswered(
        offer_id="o1", accepted=True, reason="", slack_s=600.0, added_s=120.0, revision=revision
    )


async def test_an_offer_goes_out_sealed_once_and_ends_with_its_answer_time(office, station):
    route = await on_the_road(office, station)
    sent = await made(office)
    assert (sent.state, sent.route_id) == ("waiting", route.route_id)
    assert await made(office) == sent  # the same id again
    _, orders = await outbox(station.database, "van-1")
    assert [name for _, name, _ in orders] == ["route", "command"]
    command = from_json(orders[-1][2], Command)
    assert isinstance(command.order, OfferStops)
    assert command.expires_utc == command.order.offer.answer_by_utc == sent.answer_by_utc


async def test_p2_an_accepted_offer_is_the_next_revision_on_both_sides(office, station):
    route = await on_the_road(office, station)
    await made(office)
    kept_offer = (await outbox(station.database, "van-1"))[1][-1][2]
    both = with_offer(route, from_json(kept_offer, Command).order.offer)
    await reported(
        station,
        "van-1",
        (accepted(route), route.route_id),
        (yes(2), route.route_id),
        (accepted(both), route.route_id),
        *((f.ParcelLoaded(parcel_id=p.parcel_id), route.route_id) for p in both.parcels),
        *(
            (
                f.ParcelEnded(
                    parcel_id=p.parcel_id, outcome=Outcome.DELIVERED, custody="customer"
                ),
                route.route_id,
            )
            for p in both.parcels
        ),
        (
            f.DayClosed(
                route_id=route.route_id,
                expected=len(both.parcels),
                loaded=len(both.parcels),
                outcomes={"DELIVERED": len(both.parcels)},
                balanced=True,
                driven_m=1.0,
            ),
            route.route_id,
        ),
    )
    (shown,) = (await office.offers.show()).offers
    assert (shown.state, shown.slack_s, shown.added_s) == ("accepted", 600.0, 120.0)
    standing = (await office.standing()).standing[0]
    assert (standing.state, standing.revision) == ("accepted", 2)
    dispatched = {route.route_id: frozenset(p.parcel_id for p in both.parcels)}
    books = await station.database.read(lambda db: read_books(db, {}, dispatched))
    assert [p for p in books.problems if route.route_id in p] == []


async def test_a_declined_offer_changes_no_route_and_says_why(office, station):
    route = await on_the_road(office, station)
    await made(office)
    no = f.OfferAnswered(offer_id="o1", accepted=False, reason="A3 would be 7 min late")
    await reported(station, "van-1", (accepted(route), route.route_id), (no, route.route_id))
    (shown,) = (await office.offers.show()).offers
    assert (shown.state, shown.reason) == ("declined", "A3 would be 7 min late")
    assert (await office.standing()).standing[0].revision == 1


async def test_an_answer_that_crosses_a_new_revision_is_told_to_people(office, station):
    route = await on_the_road(office, station)
    await made(office)
    newer = msgspec.structs.replace(route, revision=2)
    await station.database.transaction(
        lambda db: days.keep_route(db, DAY, newer, station.clock.utc())
    )
    await reported(station, "van-1", (yes(2), route.route_id))
    kinds = await station.database.read(
        lambda db: db.execute("SELECT kind FROM alarm").fetchall()
    )
    assert kinds == [("conflict",)]


async def test_what_is_not_answered_in_time_is_unanswered(office, station):
    await on_the_road(office, station)
    sent = await made(office)
    station.clock.now = sent.answer_by_utc + timedelta(seconds=1)
    assert (await office.offers.show()).offers[0].state == "unanswered"


@pytest.mark.parametrize(
    ("draft", "why"),
    [
        (msgspec.structs.replace(DRAFT, stops=DRAFT.stops[1:]), "not picked up"),
        (msgspec.structs.replace(DRAFT, parcels=(*DRAFT.parcels, *DRAFT.parcels)), "twice"),
        (
            msgspec.structs.replace(
                DRAFT, stops=(*DRAFT.stops, Stop(stop_id="s", place=AT, parcels=("Y",)))
            ),
            "not among its parcels",
        ),
    ],
)
async def test_an_offer_that_does_not_hold_together_is_not_sent(office, station, draft, why):
    await on_the_road(office, station)
    with pytest.raises(RefusedError, match=why):
        await made(office, draft=draft)
    assert (await office.offers.show()).offers == ()


async def test_who_has_no_route_is_offered_nothing(office):
    with pytest.raises(RefusedError, match="no route"):
        await made(office)


def test_a_file_as_people_write_it_is_an_offer():
    text = json.dumps(
        {
            "stops": [
                {
                    "stop_id": "shop",
                    "kind": "pickup",
                    "place": {"lat_deg": 48.1, "lon_deg": 11.5},
                    "parcels": ["X"],
                }
            ],
            "parcels": [{"parcel_id": "X", "weight_kg": 2}],
        }
    )
    draft = msgspec.json.decode(text, type=OfferDraft)
    assert (draft.offer_id, draft.stops[0].kind) == ("", "pickup")
