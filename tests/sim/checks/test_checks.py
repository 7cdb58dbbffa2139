"""Each checker finds what it is there for, in facts that say something impossible."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from edge.handover.proof import FIRST_PREVHASH, SigningKey, fact_hash
from edge.messages import facts as f
from edge.messages.broker.wire import read_fact
from edge.messages.facts import FactEvent
from edge.messages.parcels import FailureCode, Outcome
from sim.checks.custody import check_between, check_custody
from sim.checks.guard import check_guard
from sim.checks.kept import Kept
from sim.checks.numbers import check_numbers
from sim.checks.promises import check_promises
from tests.edge.executor.day import route, stop

KEY = SigningKey.from_seed(bytes(32))
T0 = datetime(2026, 11, 23, 8, tzinfo=UTC)


def told(*facts, vehicle="van-1", first=1):
    """Return facts as a vehicle's store would hold them, a minute after another."""
    kept, previous = [], FIRST_PREVHASH
    for number, fact in enumerate(facts, first):
        event = FactEvent(
            specversion="1.0",
            id=f"{vehicle}/e/{number}",
            source="/x",
            type="t",
            time=T0 + timedelta(minutes=number),
            datacontenttype="application/json",
            vehicle=vehicle,
            epoch="e",
            seq=number,
            boot=1,
            monotonic=0.0,
            timesource="gnss",
            data=fact,
            prevhash=previous,
            keyid=KEY.key_id,
        )
        sealed = KEY.seal(event)
        kept.append(Kept(sealed, read_fact(sealed)))
        previous = fact_hash(sealed)
    return kept


def events(*facts):
    return [each.event for each in told(*facts)]


def at_station(kept):
    return {("van-1", "e", each.event.seq): each.sealed for each in kept}


LOADED = f.ParcelLoaded(parcel_id="P1")
GIVEN = f.ParcelEnded(parcel_id="P1", outcome=Outcome.DELIVERED, custody="customer")
FAILED = f.AttemptFailed(stop_id="S1", parcel_ids=("P1",), code=FailureCode.NOBODY_HOME)


def test_a_whole_chain_that_is_at_the_station_has_nothing_wrong():
    kept = told(f.LoadingStarted(), LOADED, GIVEN)
    assert check_numbers("van-1", kept, at_station(kept)) == []
    assert check_custody("van-1", events(f.LoadingStarted(), LOADED, FAILED, GIVEN)) == []


def test_c1_names_what_is_lost_changed_skipped_or_cut_off():
    kept = told(f.LoadingStarted(), LOADED, GIVEN)
    held = at_station(kept)
    lost = {key: sealed for key, sealed in held.items() if key[2] != 2}
    assert "not at the station" in check_numbers("van-1", kept, lost)[0].what
    other = held | {("van-1", "e", 3): b"other"}
    assert "another one at the station" in check_numbers("van-1", kept, other)[0].what
    skipped = [kept[0], kept[2]]
    assert "follows" in check_numbers("van-1", skipped, held)[0].what
    begun_anew = told(f.LoadingStarted()) + told(LOADED, first=2)
    whats = [each.what for each in check_numbers("van-1", begun_anew, at_station(begun_anew))]
    assert any("does not hang on" in what for what in whats)
    foreign = held | {("van-1", "other", 1): b"x"}
    assert "never had" in check_numbers("van-1", kept, foreign)[0].what


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        ((LOADED, LOADED), "taken twice"),
        ((LOADED, GIVEN, GIVEN), "second outcome"),
        ((LOADED, GIVEN, LOADED), "after its end"),
        ((LOADED, GIVEN, FAILED), "tried after"),
        (
            (LOADED, f.ParcelEnded(parcel_id="P1", outcome=Outcome.RETURNED, custody="lost")),
            "and with lost",
        ),
    ],
)
def test_custody_that_cannot_be_is_found(facts, what):
    (finding,) = check_custody("van-1", events(*facts))
    assert what in finding.what


def test_a_parcel_handed_over_by_two_vehicles_is_found():
    both = {"van-1": events(LOADED, GIVEN), "van-2": events(LOADED, GIVEN)}
    found = {(each.vehicle, each.what) for each in check_between(both)}
    assert ("van-2", "P1 was handed over by van-1, too") in found


def test_being_late_in_silence_is_found_and_being_late_with_notice_is_not():
    day = route(stop("S1", "P1", hours=(6, 7)))
    late = f.Arrived(stop_id="S1", by="driver", distance_m=3.0)
    closes = day.stops[0].windows[-1].closes_utc
    foreseen = f.LatenessForeseen(
        stop_id="S1",
        closes_utc=closes,
        expected_utc=T0,
        earliest_utc=T0,
        latest_utc=T0,
        chance=0.9,
    )
    after = closes + timedelta(hours=1)
    shifted = [_at(event, after) for event in events(late)]
    (finding,) = check_promises([day], {day.vehicle: shifted})
    assert "in silence" in finding.what
    assert check_promises([day], {day.vehicle: [*events(foreseen), *shifted]}) == []


def _at(event, utc):
    return msgspec.structs.replace(event, time=utc)


def drive(phase):
    return f.DrivePhaseEntered(plan_id="p", phase=phase)


def fly(phase):
    return f.FlightPhaseEntered(plan_id="p", stop_id="S1", phase=phase)


WINCH = f.DropIntended(
    stop_id="S1", manner="winch", distance_m=1.0, accuracy_m=1.0, height_m=10.0
)


def test_motion_with_a_lid_open_or_a_line_out_is_found():
    assert check_guard("r", events(drive("opening"), drive("closing"), drive("driving"))) == []
    (finding,) = check_guard("r", events(drive("open"), drive("driving")))
    assert "lid" in finding.what
    assert (
        check_guard("d", events(WINCH, fly("lowering"), fly("raising"), fly("cruising"))) == []
    )
    (finding,) = check_guard("d", events(WINCH, fly("lowering"), fly("cruising")))
    assert "line" in finding.what


def test_a_drop_without_its_intent_is_found():
    (finding,) = check_guard("d", events(f.DropMade(stop_id="S1", seen=True)))
    assert "without an intent" in finding.what
