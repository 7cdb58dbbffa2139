"""Accept or decline: what an offer does to a day, judged with it and without it."""

import msgspec
import pytest

from edge.conditions.layers import NO_LAYERS
from edge.messages.parcels import Parcel
from edge.messages.routes import Offer, Route, Stop, with_offer
from edge.planner.loads import Loads
from edge.planner.offers import judge
from edge.planner.plan import plan_rest
from edge.planner.problem import Budget
from edge.planner.travel.table import TableTravel
from tests.edge.planner.test_plan import DEPARTS_UTC, STATION, place, utc, window


def stop(name, km, **extra):
    extra = {"parcels": (f"P{name}",), "service_s": 60.0, **extra}
    return Stop(stop_id=name, place=place(km), **extra)


STOPS = tuple(stop(f"S{km}", km) for km in range(1, 9))


def route(stops=STOPS, *, shift_min=120):
    return Route(
        route_id="R1",
        revision=1,
        vehicle="van-1",
        station=STATION,
        departs_utc=DEPARTS_UTC,
        returns_by_utc=utc(shift_min),
        stops=stops,
        parcels=tuple(Parcel(parcel_id=p, weight_kg=10.0) for s in stops for p in s.parcels),
    )


def offer(shop_km, door_km, *, weight_kg=5.0, windows=()):
    return Offer(
        offer_id="o1",
        route_id="R1",
        stops=(
            stop("shop", shop_km, kind="pickup", parcels=("X",)),
            stop("door", door_km, parcels=("X",), windows=windows),
        ),
        parcels=(Parcel(parcel_id="X", weight_kg=weight_kg),),
        answer_by_utc=utc(1),
    )


def asked(made_of, on_board, capacity_kg, previous=None):
    return plan_rest(
        made_of,
        [s.stop_id for s in made_of.stops],
        start=STATION,
        start_utc=DEPARTS_UTC,
        travel=TableTravel(speed_mps=10.0, detour=1.0),
        layers=NO_LAYERS,
        previous=previous,
        locked=None,
        trigger="offer",
        budget=Budget(60),
        loads=Loads(on_board, capacity_kg),
    )


def judged(day, wanted, *, capacity_kg=None):
    on_board = frozenset(p.parcel_id for p in day.parcels)
    keeping = asked(day, on_board, capacity_kg)
    both = with_offer(day, wanted)
    return judge(wanted, both, keeping, asked(both, on_board, capacity_kg, keeping.plan))


def test_p2_what_lies_on_the_way_is_taken_on():
    verdict = judged(route(), offer(2.5, 5.5))
    assert verdict.accepted, verdict.reason
    assert verdict.slack_s is None  # nothing was promised
    assert -60 < verdict.added_s < 120


def test_p2_the_slack_is_that_of_the_tightest_promise():
    day = route((*STOPS[:-1], stop("S8", 8, windows=(window(0, 40),))))
    verdict = judged(day, offer(2.5, 5.5, windows=(window(0, 100),)))
    assert verdict.accepted, verdict.reason
    assert 0 < verdict.slack_s < 40 * 60


@pytest.mark.parametrize(
    ("day", "wanted", "capacity_kg", "why"),
    [
        (route((*STOPS[:-1], stop("S8", 8, windows=(window(0, 23),)))), offer(60, 2), None, ""),
        (route(shift_min=40), offer(20, 21), None, "shift"),
        (route(), offer(3, 5, windows=(window(-60, 1),)), None, "late"),
        (route(), offer(0.4, 8.5, weight_kg=101.0), 100.0, ""),
    ],
)
def test_p2_what_breaks_a_promise_or_does_not_fit_is_declined(day, wanted, capacity_kg, why):
    verdict = judged(day, wanted, capacity_kg=capacity_kg)
    assert not verdict.accepted
    assert why in verdict.reason


def test_room_made_on_the_way_counts():
    """Eighty of a hundred kilos are on board; fifty fit after three deliveries."""
    verdict = judged(route(), offer(4.5, 8.5, weight_kg=50.0), capacity_kg=100.0)
    assert verdict.accepted, verdict.reason


def test_the_plan_serves_the_pickup_before_the_door_wherever_they_lie():
    day, wanted = route(), offer(7.5, 1.5)
    both = with_offer(day, wanted)
    on_board = frozenset(p.parcel_id for p in day.parcels)
    names = [s.stop_id for s in asked(both, on_board, None).plan.stops]
    assert names.index("shop") < names.index("door")


def test_a_revision_by_an_offer_is_the_same_on_both_sides():
    both = with_offer(route(), offer(2, 3))
    assert both.revision == 2
    assert both == with_offer(route(), offer(2, 3))
    assert msgspec.structs.replace(both, revision=1, stops=STOPS, parcels=route().parcels) == (
        route()
    )
