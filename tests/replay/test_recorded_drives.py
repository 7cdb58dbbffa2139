"""What the estimator promises, on drives that were really driven."""

import math
from random import Random

import numpy as np
import pytest

from edge.messages.geo import east_north_m
from edge.position.estimator import Estimator
from tests.replay.recordings import RECEIVERS, drive, jumped, place_of, rms


@pytest.fixture(params=RECEIVERS)
def recorded(request, shared):
    return drive(shared, request.param)


def estimated(fixes):
    estimator = Estimator()
    return [estimator.take(fix) for fix in fixes]


def gap_m(one, other):
    return math.hypot(*east_north_m(one, other))


def known(fixes, states):
    """The fixes after which the place was known, and those states."""
    pairs = [(fix, state) for fix, state in zip(fixes, states, strict=True) if state.place]
    return [fix for fix, _ in pairs], [state for _, state in pairs]


def test_on_clean_fixes_it_does_no_harm(recorded):
    fixes, states = known(recorded.fixes, estimated(recorded.fixes))
    raw_m = recorded.errors_m(fixes, [place_of(fix) for fix in fixes])
    filtered_m = recorded.errors_m(fixes, [state.place for state in states])
    assert len(fixes) >= 0.99 * len(recorded.fixes)
    assert rms(filtered_m) <= 1.05 * rms(raw_m)
    assert np.quantile(filtered_m, 0.95) <= 1.05 * np.quantile(raw_m, 0.95)


@pytest.mark.parametrize("seed", range(5))
def test_single_jumps_are_refused_and_sound_fixes_are_not(recorded, seed):
    rng = Random(seed)
    jumps = [rng.random() < 0.05 for _ in recorded.fixes]
    fixes = [
        jumped(fix, rng.uniform(30, 200), rng.uniform(0, 2 * math.pi)) if jump else fix
        for fix, jump in zip(recorded.fixes, jumps, strict=True)
    ]
    states = estimated(fixes)
    followed = [
        state.place is not None
        and gap_m(state.place, place_of(fix)) < gap_m(state.place, place_of(true))
        for fix, true, state, jump in zip(fixes, recorded.fixes, states, jumps, strict=True)
        if jump
    ]
    wrong = [
        "refused" in state.doubtful
        for state, jump in zip(states, jumps, strict=True)
        if not jump
    ]
    assert np.mean(followed) <= 0.005
    assert np.mean(wrong) <= 0.005
    clean = known(recorded.fixes, estimated(recorded.fixes))
    clean_m = recorded.errors_m(clean[0], [state.place for state in clean[1]])
    kept, after = known(recorded.fixes, states)
    assert rms(recorded.errors_m(kept, [state.place for state in after])) <= 1.1 * rms(clean_m)


def test_a_sustained_jump_is_flagged_and_not_followed_for_eight_seconds(recorded):
    rng = Random(7)
    tried = 0
    while tried < 40:
        start = rng.randrange(60, len(recorded.fixes) - 60)
        fixes = recorded.fixes[start - 30 : start + 45]
        if fixes[-1].received_s - fixes[0].received_s > len(fixes):
            continue  # the recording itself has a gap here
        tried += 1
        distance_m, bearing_rad = rng.uniform(30, 200), rng.uniform(0, 2 * math.pi)
        estimator, away_s, flagged_s = Estimator(), [], []
        for fix in fixes:
            since_s = fix.received_s - recorded.fixes[start].received_s
            moved = 0 <= since_s < 15
            state = estimator.take(jumped(fix, distance_m, bearing_rad) if moved else fix)
            if state.place is None:
                continue
            off_m = gap_m(place_of(fix), state.place)
            if off_m > distance_m / 2:
                away_s.append(since_s)
            if moved and state.doubtful:
                flagged_s.append(since_s)
        assert min(away_s, default=99) >= 8
        assert min(flagged_s) <= 2
        assert max(away_s, default=0) <= 25


def test_the_published_accuracy_is_honest(recorded):
    fixes, states = known(recorded.fixes, estimated(recorded.fixes))
    errors_m = recorded.errors_m(fixes, [state.place for state in states])
    published_m = np.array([state.accuracy_m for state in states])
    assert np.mean(errors_m <= published_m) >= 0.9
    assert published_m.max() <= 50
    assert np.median(published_m) <= 8  # and not by saying nothing


def test_a_standing_vehicle_stays_where_it_is(recorded):
    """By the truth; the first seconds of a stand are those in which it is recognised."""
    states = estimated(recorded.fixes)
    stands = list(standing(recorded))
    assert stands
    for first, last in stands:
        held = [state.place for state in states[first + 6 : last] if state.place]
        assert max(gap_m(held[0], place) for place in held) < 1.0


def standing(recorded):
    """Yield spans of half a minute to a minute in which the truth does not move."""
    seconds = np.array([fix.utc.timestamp() % 86_400 for fix in recorded.fixes])
    north_m = np.interp(seconds, recorded.truth[:, 0], recorded.truth[:, 1]) * 111_000
    east_m = np.interp(seconds, recorded.truth[:, 0], recorded.truth[:, 2]) * 88_000
    still = np.hypot(np.gradient(north_m, seconds), np.gradient(east_m, seconds)) < 0.05
    first = 0
    for number in range(len(seconds)):
        if not still[number] or number - first >= 60:
            if number - first >= 30 and seconds[number] - seconds[first] < 70:
                yield first, number
            first = number + 1


def test_between_fixes_the_state_runs_ahead_rightly(recorded):
    """Half a second after each fix, against the truth of that instant."""
    estimator, places, later = Estimator(), [], []
    for fix in recorded.fixes:
        estimator.take(fix)
        state = estimator.state(fix.received_s + 0.5)
        if state.place is not None and not state.doubtful:
            places.append(state.place)
            later.append(fix)
    shifted = type(recorded)(later, recorded.truth - np.array([0.5, 0, 0]))
    raw_m = recorded.errors_m(later, [place_of(fix) for fix in later])
    ahead_m = shifted.errors_m(later, places)
    assert rms(ahead_m) <= rms(raw_m) + 0.5
