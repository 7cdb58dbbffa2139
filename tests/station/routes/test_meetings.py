"""Which parcels a van brings to machines that stand elsewhere, and what their routes are."""

from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from edge.executor.mission.whole import check_route
from edge.handover.meeting import offer_code, receipt_code
from edge.messages.geo import Place
from edge.messages.parcels import HandoverRequirements, Parcel
from edge.messages.routes import TimeWindow
from station.routes.draft import Draft
from station.routes.fleet import WorkingVehicle
from station.routes.meeting.gathering import gather_meetings, machine_drafts
from station.routes.revise import with_partners
from station.stops.orders import Order
from station.store.day import KeptRoute

DAY = date(2026, 11, 23)
NINE, NOON = (datetime(2026, 11, 23, hour, tzinfo=UTC) for hour in (9, 12))
STATION = Place(lat_deg=52.0, lon_deg=5.0)
FAR = Place(lat_deg=52.018, lon_deg=5.0)  # 2 km to the north
SECRET = bytes(32)


def machine(kind: str, meets: Place | None = FAR) -> WorkingVehicle:
    return WorkingVehicle(
        f"{kind}-1", kind, 10.0, 50.0, NINE, NOON, meets=meets, reach_m=1000.0 if meets else 0.0
    )


def order(number: int, north_m: float, *, pin: bool = False, **changes) -> Order:
    needs = HandoverRequirements(pin_hash="0" * 64 if pin else None)
    place = Place(lat_deg=52.0 + north_m / 111_200, lon_deg=5.0)
    parcel = Parcel(parcel_id=f"P{number}", weight_kg=1.0, requirements=needs)
    made = Order(day=DAY, stop_id=f"S{number}", place=place, parcels=(parcel,))
    return replace(made, **changes)


ORDERS = [
    order(1, 500),  # near the station
    order(2, 2100),
    order(3, 2300, pin=True),
    order(4, 2600, pin=True),
    order(5, 2500, pin=True, windows=(TimeWindow(opens_utc=NINE, closes_utc=NOON),)),
    order(6, 5000),  # beyond its reach from where it stands
]


@pytest.mark.parametrize(("kind", "stops"), [("drone", ["S2"]), ("robot", ["S3", "S4"])])
def test_a_machine_gets_what_it_may_carry_within_its_reach_from_where_it_stands(kind, stops):
    van = WorkingVehicle("van-1", "van", 900.0, 8000.0, NINE, NOON)
    (met,), left = gather_meetings(ORDERS, [van, machine(kind)], STATION, DAY, SECRET)
    assert [one.stop_id for one in met.orders] == stops
    assert left == [one for one in ORDERS if one.stop_id not in stops]
    at_van = met.as_order()
    assert (at_van.kind, at_van.place) == ("rendezvous", FAR)
    assert len(at_van.parcels) == len(stops)
    ours = Draft(van, (at_van,), (NINE,), NINE, NOON, 0)
    (draft,), unmet = machine_drafts([met], [ours])
    assert unmet == []
    theirs = draft.to_route(f"{DAY}-{kind}-1", 1, STATION)
    assert theirs.station == FAR
    check_route(theirs)
    check_route(ours.to_route(f"{DAY}-van-1", 1, STATION))
    side = at_van.meeting
    assert side is not None
    for stop in theirs.stops[: len(stops)]:
        assert stop.meeting is not None
        assert (stop.meeting.vehicle, stop.meeting.gives) == ("van-1", False)
        assert (side.vehicle, side.gives) == (f"{kind}-1", True)
        (parcel,) = stop.parcels
        assert offer_code(side, parcel) == offer_code(stop.meeting, parcel)
        assert receipt_code(side, parcel) == receipt_code(stop.meeting, parcel)


def test_without_a_van_its_stops_are_left_and_it_is_said_why():
    met, _ = gather_meetings(ORDERS, [machine("robot")], STATION, DAY, SECRET)
    drafts, left = machine_drafts(met, [])
    assert drafts == []
    assert {(one.stop_id, one.why) for one in left} == {
        (stop, "no van has time to bring it to robot-1") for stop in ("S3", "S4")
    }


def test_a_machine_at_the_station_meets_nobody():
    found, left = gather_meetings(ORDERS, [machine("robot", None)], STATION, DAY, SECRET)
    assert (found, left) == ([], ORDERS)


def test_a_route_whose_partner_is_under_way_stays_as_it_is():
    met, _ = gather_meetings(ORDERS, [machine("robot")], STATION, DAY, SECRET)
    van = WorkingVehicle("van-1", "van", 900.0, 8000.0, NINE, NOON)
    ours = Draft(van, (met[0].as_order(),), (NINE,), NINE, NOON, 0)
    (draft,), _ = machine_drafts(met, [ours])
    second = WorkingVehicle("van-2", "van", 900.0, 8000.0, NINE, NOON)
    other = Draft(second, (ORDERS[0],), (NINE,), NINE, NOON, 0)
    before = {
        name: KeptRoute(one.to_route(name, 1, STATION), "h", DAY, NINE, None, None)
        for name, one in (("r-van", ours), ("r-robot", draft), ("r-other", other))
    }
    assert with_partners(frozenset({"r-van"}), before) == {"r-van", "r-robot"}
    assert with_partners(frozenset({"r-other"}), before) == {"r-other"}
