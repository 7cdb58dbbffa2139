from datetime import UTC, datetime, timedelta

import msgspec

from edge.messages.facts import Arrived, AttemptFailed, DayClosed, FactEvent
from edge.messages.geo import Place
from edge.messages.parcels import FailureCode
from edge.messages.routes import Route, Stop, TimeWindow
from sim.depot.figures import figures_of

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
HERE = Place(lat_deg=52.0, lon_deg=5.0)
ENVELOPE = FactEvent(
    specversion="1.0", id="van-1/e/1", source="/fleet/v1/o/van-1", type="doorstep.x.v1",
    time=NINE, datacontenttype="application/json", vehicle="van-1", epoch="e", seq=1, boot=1,
    monotonic=0.0, timesource="gnss", prevhash="0" * 64, keyid="k", signature="s",
    data=Arrived(stop_id="?", by="driver"),
)  # fmt: skip


def at(minutes, data):
    return msgspec.structs.replace(ENVELOPE, time=NINE + timedelta(minutes=minutes), data=data)


def stop(name, *closes_min, lasts_min=60):
    windows = tuple(
        TimeWindow(
            opens_utc=NINE + timedelta(minutes=closes - lasts_min),
            closes_utc=NINE + timedelta(minutes=closes),
        )
        for closes in closes_min
    )
    return Stop(stop_id=name, place=HERE, parcels=(), windows=windows, service_s=60.0)


def route(*stops):
    return Route(
        route_id="r", revision=1, vehicle="van-1", station=HERE, departs_utc=NINE,
        returns_by_utc=NINE + timedelta(hours=9), stops=stops, parcels=(),
    )  # fmt: skip


def test_a_promise_is_kept_by_arriving_before_its_last_window_closes():
    stops = (
        stop("early", 60), stop("late", 60, lasts_min=120), stop("second", 60, 180),
        stop("never", 60), stop("no promise"),
    )  # fmt: skip
    events = [
        at(60, Arrived(stop_id="early", by="position")),
        at(90, Arrived(stop_id="late", by="position")),
        at(100, Arrived(stop_id="second", by="position")),
        at(110, Arrived(stop_id="no promise", by="driver")),
        at(111, AttemptFailed(stop_id="late", parcel_ids=("p",), code=FailureCode.REFUSED)),
        at(200, Arrived(stop_id="early", by="driver")),
        at(
            300,
            DayClosed(
                route_id="r",
                expected=1,
                loaded=1,
                outcomes={},
                balanced=True,
                driven_m=12_345.0,
            ),
        ),
    ]
    found = figures_of([route(*stops)], {"van-1": events})
    assert (found.promises, found.kept, found.never) == (4, 2, 1)
    assert (found.promises_1h, found.kept_1h) == (3, 2)
    assert found.kept_pct == 50.0
    assert (found.late_p50_min, found.late_p95_min) == (0.0, 30.0)
    assert found.failed_stops == 1
    assert found.km == 12.3


def test_a_day_without_promises_keeps_them_all():
    found = figures_of([route(stop("a"))], {})
    assert (found.promises, found.kept_pct, found.late_p95_min) == (0, 100.0, 0.0)
