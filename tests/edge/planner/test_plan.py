"""The plan for the rest of the day, as the executor asks for it."""

import typing
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from edge.conditions.layers import NO_LAYERS
from edge.messages.broker.wire import to_json
from edge.messages.conditions import Circle, TrafficFactor
from edge.messages.geo import Place
from edge.messages.plan import Trigger
from edge.messages.routes import Route, Stop, TimeWindow
from edge.planner.plan import plan_rest
from edge.planner.problem import Budget, drop_price_ms, spans_ms
from edge.planner.telling.why import CAUSES, duration, named
from edge.planner.travel.table import TableTravel
from tests.edge.conditions.some import layers_of

DEPARTS_UTC = datetime(2026, 11, 3, 8, tzinfo=UTC)
STATION = Place(lat_deg=48.0, lon_deg=11.0)
TRAVEL = TableTravel(speed_mps=10.0, detour=1.0)
TRIGGERS = typing.get_args(Trigger)


def utc(minutes):
    return DEPARTS_UTC + timedelta(minutes=minutes)


def place(km):
    return Place(lat_deg=48.0 + km / 111.195, lon_deg=11.0)


def window(opens_min, closes_min):
    return TimeWindow(opens_utc=utc(opens_min), closes_utc=utc(closes_min))


def stop(name, km, **extra):
    return Stop(stop_id=name, place=place(km), service_s=60.0, **extra)


def street(*kms, **extra):
    """Stops along one street; 100 s of driving from one kilometre to the next."""
    return tuple(stop(f"S{km}", km) for km in kms)


def route(stops, *, shift_min=600, revision=1):
    return Route(
        route_id="R1",
        revision=revision,
        vehicle="van-1",
        station=STATION,
        departs_utc=DEPARTS_UTC,
        returns_by_utc=utc(shift_min),
        stops=stops,
        parcels=(),
    )


def plan(asked, remaining=None, **changes):
    arguments = {
        "start": STATION,
        "start_utc": DEPARTS_UTC,
        "travel": TRAVEL,
        "layers": NO_LAYERS,
        "previous": None,
        "locked": None,
        "trigger": "route",
        "budget": Budget(30),
    }
    wanted = [s.stop_id for s in asked.stops] if remaining is None else remaining
    return plan_rest(asked, wanted, **arguments | changes).plan


def ids(made):
    return [stop.stop_id for stop in made.stops]


def test_a_first_plan_tells_order_times_and_number():
    made = plan(route(street(1, 2, 3)))
    assert ids(made) == ["S1", "S2", "S3"]
    assert made.number == 1
    assert (made.route_id, made.route_revision) == ("R1", 1)
    assert (made.stops[0].arrives_utc - DEPARTS_UTC).total_seconds() == pytest.approx(
        100, abs=1
    )
    assert (made.stops[0].departs_utc - made.stops[0].arrives_utc).total_seconds() == 60
    assert (made.back_utc - DEPARTS_UTC).total_seconds() == pytest.approx(780, abs=2)
    assert made.cost_s == pytest.approx(600, abs=2)
    assert made.why.text == "New route: 3 stops."
    assert made.why.moved == ()


def test_the_loaded_order_is_kept_where_a_better_one_is_not_worth_it():
    almost = route((stop("a", 1.0), stop("b", 1.3), stop("c", 1.2), stop("d", 2.0)))
    assert ids(plan(almost)) == ["a", "b", "c", "d"]
    far = route((stop("a", 1.0), stop("b", 9.0), stop("c", 1.2), stop("d", 8.0)))
    made = plan(far)
    assert ids(made) != ["a", "b", "c", "d"]
    assert made.why.gained_s > 300
    assert made.why.moved
    assert "moved" in made.why.text


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("better", [False, True])
@pytest.mark.parametrize("event", ["none", "added", "cancelled"])
def test_every_trigger_gives_a_numbered_plan_that_says_why(trigger, better, event):
    stops = street(1, 9, 2, 8, 3, 7) if better else street(1, 2, 3, 7, 8, 9)
    names = [s.stop_id for s in stops]
    first = plan(route(stops), budget=Budget(0))
    assert ids(first) == names
    previous = first
    if event == "added":
        previous = msgspec.structs.replace(first, stops=first.stops[:2] + first.stops[3:])
    remaining = names[:2] + names[3:] if event == "cancelled" else names
    made = plan(route(stops), remaining, previous=previous, trigger=trigger)
    assert made.number == 2
    assert made.why.trigger == trigger
    assert made.why.text.startswith(CAUSES[trigger] + ": ")
    assert sorted(ids(made)) == sorted(remaining)
    assert ("1 stop put in" in made.why.text) == (event == "added")
    assert bool(made.why.moved) == better
    assert (made.why.gained_s > 0) == better
    if not better and event != "added":
        assert made.why.text.endswith(": the order stays.")


def test_plans_are_numbered_by_route():
    first = plan(route(street(1, 2)))
    second = plan(route(street(1, 2)), previous=first)
    other = msgspec.structs.replace(route(street(1, 2)), route_id="R2")
    assert (first.number, second.number, plan(other, previous=second).number) == (1, 2, 1)


def test_the_locked_stop_stays_first():
    there = route(street(1, 5, 9, 14))
    for locked in ids(plan(there)):
        assert ids(plan(there, locked=locked))[0] == locked
        assert ids(plan(there, locked=locked, previous=plan(there)))[0] == locked


def test_the_plan_starts_where_and_when_the_vehicle_is():
    made = plan(route(street(1, 2, 9)), ["S9", "S2"], start=place(8), start_utc=utc(60))
    assert ids(made)[0] == "S9"
    assert made.stops[0].arrives_utc > utc(60)
    assert made.stops[0].arrives_utc < utc(63)


def test_a_promise_is_kept_by_going_there_first():
    stops = (*street(1, 2), stop("P", 3, windows=(window(0, 5.5),)))
    made = plan(route(stops))
    assert ids(made)[0] == "P"
    assert made.stops[0].late_s == 0
    assert made.why.promises_at_risk == ("P",)  # it has 30 s to spare


def test_lateness_is_true_and_told():
    stops = (*street(1, 2), stop("P", 30, windows=(window(-60, -30), window(0, 10))))
    made = plan(route(stops))
    late = next(s for s in made.stops if s.stop_id == "P")
    assert late.late_s == pytest.approx((late.arrives_utc - utc(10)).total_seconds())
    assert late.late_s > 2000
    assert made.why.promises_at_risk == ("P",)
    assert "Late at P by up to" in made.why.text


def test_a_short_shift_leaves_out_what_matters_least_and_says_so():
    stops = (stop("low", 30, priority=1), *street(1, 2), stop("high", 20, priority=9))
    made = plan(route(stops, shift_min=75))
    assert sorted(ids(made)) == ["S1", "S2", "high"]
    (dropped,) = made.dropped
    assert (dropped.stop_id, dropped.reason) == (
        "low",
        "does not fit before the end of the shift",
    )
    assert made.back_utc <= utc(75)
    assert "Left out: low." in made.why.text


def test_a_promised_stop_left_out_is_a_promise_at_risk():
    stops = (stop("P", 30, priority=1, windows=(window(0, 600),)), *street(1))
    assert plan(route(stops, shift_min=30)).why.promises_at_risk == ("P",)


def test_what_was_left_out_comes_back_when_there_is_time():
    stops = (*street(1, 2), stop("low", 20, priority=0))
    short = plan(route(stops, shift_min=20))
    assert [d.stop_id for d in short.dropped] == ["low"]
    longer = plan(route(stops, shift_min=600), previous=short, trigger="route")
    assert longer.dropped == ()
    assert longer.why.text == "New route: 1 stop put in."


def jam(factor, *, since=0, until=600, km=5, radius_m=2000, expires=600):
    traffic = TrafficFactor(
        from_utc=utc(since),
        until_utc=utc(until),
        factor=factor,
        area=Circle(centre=place(km), radius_m=radius_m) if km is not None else None,
    )
    return layers_of(traffic, issued_utc=utc(-5), expires_utc=utc(expires))


def test_traffic_changes_times_and_order():
    stops = (stop("near", 1), stop("beyond", 9), stop("before", 2))
    free = plan(route(stops))
    slow = plan(route(stops), layers=jam(4.0), previous=free, trigger="conditions")
    assert slow.back_utc - free.back_utc == pytest.approx(
        timedelta(seconds=2 * 400 * 3), abs=timedelta(seconds=5)
    )
    everywhere = plan(route(stops), layers=jam(2.0, km=None))
    assert everywhere.back_utc > free.back_utc


def test_a_jam_that_ends_on_the_way_is_left_behind_there():
    stops = street(1, 2, 3, 4)
    free = plan(route(stops))
    short = plan(route(stops), layers=jam(3.0, until=1, km=None))
    # a minute at a third of the pace; then the rest of the first way is driven freely
    assert (short.back_utc - free.back_utc).total_seconds() == pytest.approx(40, abs=1)
    later = plan(route(stops), layers=jam(3.0, since=500, km=None))
    assert later.stops == free.stops


def test_expired_conditions_do_nothing():
    stops = street(1, 2, 3)
    expired = jam(5.0, km=None, expires=-1)
    assert plan(route(stops), layers=expired) == plan(route(stops))


def test_the_same_question_gives_the_same_bytes():
    stops = street(5, 3, 9, 1, 12, 7, 4, 10)
    asked = {"layers": jam(1.7, until=9), "locked": "S9"}
    assert to_json(plan(route(stops), **asked)) == to_json(plan(route(stops), **asked))


def test_a_day_without_stops_is_the_way_home():
    made = plan(route(street(1, 2)), [], start=place(3))
    assert made.stops == ()
    assert (made.back_utc - DEPARTS_UTC).total_seconds() == pytest.approx(300, abs=2)


def test_what_does_not_belong_to_the_route_is_refused():
    with pytest.raises(ValueError, match="not stops of route R1"):
        plan(route(street(1)), ["S1", "S7"])
    with pytest.raises(ValueError, match="not among the remaining"):
        plan(route(street(1, 2)), ["S1"], locked="S2")


def test_windows_are_put_in_order_and_joined():
    spans = spans_ms(
        [window(30, 60), window(0, 10), window(50, 70), window(90, 80)], DEPARTS_UTC
    )
    assert spans == ((0, 600_000), (1_800_000, 4_200_000))


def test_a_higher_priority_is_never_cheaper_to_leave_out():
    prices = [drop_price_ms(priority) for priority in range(10)]
    assert prices == sorted(set(prices))
    assert prices[-1] < 2**31


@pytest.mark.parametrize(
    ("span_ms", "said"),
    [(60_000, "1 min"), (3_600_000, "1 h"), (3_661_000, "1 h 1 min"), (7_199_000, "2 h")],
)
def test_durations_are_said_as_people_do(span_ms, said):
    assert duration(span_ms) == said


def test_many_stops_are_not_all_named():
    assert named(["a", "b", "c", "d"]) == "a, b, c, d"
    assert named(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
