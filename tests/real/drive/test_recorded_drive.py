"""The recorded drive as two vehicles' day: their facts arrive, their positions are the log's.

Everything is a process of its own but the driver: receiver bytes on a pseudo-terminal, gpsd,
two daemons, mosquitto, the station. Both ways in, gpsd and bare NMEA, are driven at once.
"""

import asyncio
import shutil
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from statistics import quantiles

import pytest

from edge.messages.geo import Place
from tests.real.drive.day import Driven, Told, play
from tests.real.drive.recorded import A_TURN_ROUND_AND_THREE_LIGHTS, THE_WHOLE_DRIVE, gap_m
from tests.real.drive.sites import BY_GPSD, BY_SERIAL
from tests.real.gpsd import need_gpsd

WITHIN_M = 3.0
A_MOMENT = timedelta(seconds=1)  # the live lane shows each second where it has last been
SHORT = pytest.param(A_TURN_ROUND_AND_THREE_LIGHTS, id="cut")
WHOLE = pytest.param(
    THE_WHOLE_DRIVE, id="whole", marks=[pytest.mark.soak, pytest.mark.timeout(2400)]
)

pytestmark = [
    pytest.mark.real,
    pytest.mark.timeout(180),
    pytest.mark.xdist_group("recorded drive"),
    pytest.mark.skipif(shutil.which("mosquitto") is None, reason="mosquitto is not installed"),
]


@pytest.fixture(scope="module", params=[SHORT, WHOLE])
def told(request, shared, tmp_path_factory) -> Told:
    need_gpsd()
    told = asyncio.run(play(tmp_path_factory.mktemp("drive"), shared, request.param))
    show(told)
    return told


@pytest.fixture(params=[BY_GPSD, BY_SERIAL])
def driven(request, told) -> Driven:
    return told.by_name[request.param]


def show(told: Told) -> None:
    """Print the figures."""
    cut, books = told.cut, told.books
    print(f"\nepochs {cut.first} to {cut.last}, {cut.faster:g} times as fast as the car")
    print(
        f"facts {books.facts}, lost {books.facts_lost}, counted twice "
        f"{books.facts_counted_twice}, resent {books.facts_resent}; {books.outcomes}"
    )
    against = {"log": told.recording.places.__getitem__, "SPAN": told.recording.true_place}
    for name, driven in told.by_name.items():
        by_position = driven.arrived.count("position")
        print(f"{name}: {by_position} of {len(driven.arrived)} arrivals by position")
        for lane, reported in (("live", driven.live), ("track", driven.track)):
            for whose, place_at in against.items():
                errors_m, ages_s = errors(driven, reported, place_at)
                far, old = spread(errors_m, "{:.2f}"), spread(ages_s, "{:.3f}")
                print(f"  {len(reported)} {lane} against {whose}: {far} m, age {old} s")


def spread(values: list[float], form: str) -> str:
    """Return p50, p95 and the largest, for people."""
    return "/".join(form.format(one) for one in (p(values, 50), p(values, 95), max(values)))


def errors(
    driven: Driven, reported: list, place_at: Callable[[int], Place]
) -> tuple[list[float], list[float]]:
    """Return how far reports are from the newest epoch [m], and how old that was [s]."""
    errors_m, ages_s = [], []
    for utc, place in reported:
        epoch, age = driven.receiver.epoch_at(utc)
        errors_m.append(gap_m(place, place_at(epoch)))
        ages_s.append(age / timedelta(seconds=1))
    return errors_m, ages_s


def p(values: list[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def test_the_ledger_holds_every_fact_and_the_books_balance(told):
    books = told.books
    assert books.balanced, books.problems
    assert (books.facts_lost, books.facts_counted_twice) == (0, 0)
    assert books.outcomes == {"DELIVERED": 2 * len(told.cut.stops)}
    assert told.verified["ok"], told.verified


def test_the_ledger_holds_the_very_bytes_that_were_sealed_on_board(driven):
    assert driven.sealed_in_ledger == driven.sealed_on_board
    assert driven.closed.data.balanced


def test_where_the_car_stood_the_position_alone_tells_the_arrival(told, driven):
    stood = [stop.stood for stop in (*told.cut.stops, told.cut.station)]
    assert driven.arrived == ["position" if one else "driver" for one in stood]


@pytest.mark.parametrize("lane", ["live", "track"])
def test_reported_positions_are_within_three_metres_of_the_log(told, driven, lane):
    errors_m, _ = errors(driven, getattr(driven, lane), told.recording.places.__getitem__)
    assert p(errors_m, 95) <= WITHIN_M, sorted(errors_m)[-10:]


@pytest.mark.parametrize("lane", ["live", "track"])
def test_no_four_seconds_of_fixes_go_unreported_until_the_day_is_closed(told, driven, lane):
    receiver, closed_utc = driven.receiver, driven.closed.time
    told_utc = [utc for utc, _ in getattr(driven, lane) if utc < closed_utc]
    said = [0, *(receiver.said_until(utc) for utc in (*told_utc, closed_utc))]
    silences = [
        (before, after)
        for before, after in pairwise(said)
        if after - before > 4 * told.cut.faster
    ]
    assert not silences, f"fixes after which nothing was told, and when it was: {silences}"


def test_a_contractor_is_not_seen_after_the_day(told):
    car = told.by_name[BY_SERIAL]
    seen = max(utc for utc, _ in (*car.live, *car.track))
    assert seen <= car.closed.time + A_MOMENT
