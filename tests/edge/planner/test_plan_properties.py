"""Whatever the day looks like, a plan is whole, in order of time, and can be sent."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.messages.broker.wire import from_json, to_json
from edge.messages.conditions import Circle, TrafficFactor
from edge.messages.geo import Place
from edge.messages.plan import Plan
from edge.messages.routes import Route, Stop, TimeWindow
from edge.planner.plan import plan_rest
from edge.planner.problem import Budget
from edge.planner.travel.table import TableTravel
from tests.edge.conditions.some import layers_of

NOW_UTC = datetime(2026, 11, 3, 8, tzinfo=UTC)
instants = st.integers(-2000, 2000).map(lambda minutes: NOW_UTC + timedelta(minutes=minutes))
anywhere = st.builds(
    Place,
    lat_deg=st.floats(47.9, 48.1) | st.sampled_from([-90.0, 90.0]),
    lon_deg=st.floats(10.9, 11.1) | st.sampled_from([-180.0, 180.0]),
)
windows = st.builds(TimeWindow, opens_utc=instants, closes_utc=instants)
traffic = st.builds(
    TrafficFactor,
    from_utc=instants,
    until_utc=instants,
    factor=st.floats(0.2, 20),
    area=st.none() | st.builds(Circle, centre=anywhere, radius_m=st.floats(1, 100_000)),
)
conditions = st.builds(
    lambda factors, expires_utc: layers_of(*factors, expires_utc=expires_utc),
    st.lists(traffic, max_size=3),
    instants,
)


@st.composite
def stops(draw):
    names = draw(st.lists(st.sampled_from("ABCDEFG"), unique=True, max_size=6))
    return tuple(
        Stop(
            stop_id=name,
            place=draw(anywhere),
            windows=tuple(draw(st.lists(windows, max_size=3))),
            service_s=draw(st.floats(0, 14400)),
            priority=draw(st.integers(0, 9)),
        )
        for name in names
    )


@settings(deadline=None)
@given(stops(), conditions, instants, st.data())
def test_two_plans_in_a_row_hold_together(day, known, until_utc, data):
    route = Route(
        route_id="R",
        revision=1,
        vehicle="van-1",
        station=data.draw(anywhere),
        departs_utc=NOW_UTC,
        returns_by_utc=until_utc,
        stops=day,
        parcels=(),
    )
    previous = None
    ids = [stop.stop_id for stop in day]
    for trigger in ("route", "conditions"):
        remaining = data.draw(st.lists(st.sampled_from(ids), unique=True)) if ids else []
        locked = data.draw(st.sampled_from([None, *remaining]))
        plan = plan_rest(
            route,
            remaining,
            start=data.draw(anywhere),
            start_utc=NOW_UTC,
            travel=TableTravel(),
            layers=known,
            previous=previous,
            locked=locked,
            trigger=trigger,
            budget=Budget(3),
        ).plan
        assert from_json(to_json(plan), Plan) == plan
        served = [stop.stop_id for stop in plan.stops]
        assert sorted([*served, *(s.stop_id for s in plan.dropped)]) == sorted(remaining)
        assert locked is None or served[0] == locked
        times = [NOW_UTC]
        for stop in plan.stops:
            times += [stop.arrives_utc, stop.departs_utc]
        assert [*times, plan.back_utc] == sorted([*times, plan.back_utc])
        assert set(plan.why.moved) <= set(served)
        assert set(plan.why.promises_at_risk) <= set(remaining)
        assert plan.why.gained_s >= 0
        assert plan.why.text.endswith(".")
        assert plan.number == (1 if previous is None else 2)
        previous = plan
