"""Single figures of one drive: error, honesty, jumps, outages, cost."""

import copy
import math
import time
from random import Random

import numpy as np

from edge.messages.geo import Place, distance_m
from edge.messages.readings import GnssFix, WheelSpeed
from edge.position.estimator import Estimator
from tests.replay.recordings import jumped, place_of

LEAST_M, MOST_M = 30.0, 200.0  # of injected jumps
JUMP_SHARE, JUMP_SPACING_S = 0.05, 1.0
OFFSET_S, AFTER_S = 15.0, 12.0
SETTLED_S = 17.0  # of driving before an outage, for wheels and heading to be known


def replayed(readings, change=lambda reading: reading):
    """Return the fixes as they were and as they were given, and the states they led to."""
    estimator, told = Estimator(), []
    for reading in readings:
        given = change(reading)
        state = None if given is None else estimator.take(given)
        if isinstance(given, GnssFix):
            told.append((reading, given, state))
    return told


def errors_m(journey, told):
    """Raw and filtered distances from the truth, and published accuracies, where known."""
    known = [(fix, state) for fix, _, state in told if state.place is not None]
    lat_deg, lon_deg = journey.true_at([fix.received_s for fix, _ in known])
    true = [
        Place(lat_deg=lat, lon_deg=lon)
        for lat, lon in zip(lat_deg.tolist(), lon_deg.tolist(), strict=True)
    ]
    raw = [distance_m(at, place_of(fix)) for at, (fix, _) in zip(true, known, strict=True)]
    own = [distance_m(at, state.place) for at, (_, state) in zip(true, known, strict=True)]
    return np.array(raw), np.array(own), np.array([state.accuracy_m for _, state in known])


def jumps(journey, seed):
    """Throw single fixes far off; return how many, how many were followed, false refusals."""
    rng, last_s = Random(seed), -math.inf
    thrown = {}
    for fix in journey.fixes:
        if fix.received_s - last_s >= JUMP_SPACING_S and rng.random() < JUMP_SHARE:
            thrown[id(fix)] = jumped(
                fix, rng.uniform(LEAST_M, MOST_M), rng.uniform(0, math.tau)
            )
            last_s = fix.received_s
    told = replayed(journey.readings, lambda reading: thrown.get(id(reading), reading))
    followed = sum(
        state.place is not None and _is_nearer(state.place, given, fix)
        for fix, given, state in told
        if given is not fix
    )
    false = sum("refused" in state.doubtful for fix, given, state in told if given is fix)
    return len(thrown), followed, false, len(told) - len(thrown)


def _is_nearer(place, one, other):
    return distance_m(place, place_of(one)) < distance_m(place, place_of(other))


def offsets(journey, seed, tries):
    """Move all fixes of 15 s; return when it was flagged, and when first followed [s]."""
    rng, flagged, followed = Random(seed), [], []
    first_s, last_s = journey.readings[0].received_s, journey.readings[-1].received_s
    for _ in range(tries):
        from_s = rng.uniform(first_s + SETTLED_S, last_s - OFFSET_S - AFTER_S)
        away_m, bearing_rad = rng.uniform(LEAST_M, MOST_M), rng.uniform(0, math.tau)

        def change(reading, from_s=from_s, away_m=away_m, bearing_rad=bearing_rad):
            inside = from_s <= reading.received_s < from_s + OFFSET_S
            if isinstance(reading, GnssFix) and inside:
                return jumped(reading, away_m, bearing_rad)
            return reading

        near = [r for r in journey.readings if from_s - 40 <= r.received_s <= from_s + OFFSET_S]
        moved = [row for row in replayed(near, change) if row[1] is not row[0]]
        if len(moved) < OFFSET_S - 2 or moved[0][2].fix == "none":
            continue  # the recording itself has a gap here
        began_s = moved[0][0].received_s
        flags = [fix.received_s - began_s for fix, _, state in moved if state.doubtful]
        follows = [
            fix.received_s - began_s
            for fix, given, state in moved
            if state.place is not None and _is_nearer(state.place, given, fix)
        ]
        flagged.append(min(flags, default=math.inf))
        followed.append(min(follows, default=OFFSET_S))
    return flagged, followed


def bad_after_gap(journey, seed, tries):
    """Begin again on a fix thrown far off after a gap; return how often it was believed.

    Believed is a place that without this fix would have been elsewhere by half of its error.
    """
    rng, believed, tried = Random(seed), 0, 0
    first_s, last_s = journey.readings[0].received_s, journey.readings[-1].received_s
    for _ in range(tries):
        gap_s = rng.uniform(4.0, 20.0)
        if last_s - first_s < SETTLED_S + gap_s + 3:
            continue
        from_s = rng.uniform(first_s + SETTLED_S, last_s - gap_s - 3)
        away = rng.uniform(LEAST_M, MOST_M), rng.uniform(0, math.tau)
        near = [r for r in journey.readings if from_s - 30 <= r.received_s < from_s + gap_s + 3]
        estimator, twin = Estimator(), None
        for reading in near:
            if not isinstance(reading, GnssFix) or reading.received_s < from_s:
                estimator.take(reading)
                if twin is not None:
                    twin.take(reading)
                continue
            if reading.received_s < from_s + gap_s:
                continue
            if twin is None:
                tried, twin = tried + 1, copy.deepcopy(estimator)
                state = estimator.take(jumped(reading, *away))
                sound = twin.state(reading.received_s)
            else:
                state, sound = estimator.take(reading), twin.take(reading)
            if state.place is None or state.doubtful:
                continue
            honest = place_of(reading) if sound.place is None else sound.place
            believed += distance_m(state.place, honest) > away[0] / 2
    return tried, believed


def outages(journey, lasts_s, every_s):
    """Take the fixes away for a while, again and again.

    Rows: end error [m], way [m], published accuracy [m] (nan: no position any more), and the
    accuracy of the fix that stands for the truth where there is none [m].
    """
    rows, estimator = [], Estimator()
    first_s, last_s = journey.readings[0].received_s, journey.readings[-1].received_s
    next_s = first_s + SETTLED_S
    for number, reading in enumerate(journey.readings):
        if reading.received_s >= next_s:
            next_s += every_s
            if reading.received_s + lasts_s > last_s - 0.2:
                break
            blind = copy.deepcopy(estimator)
            rows.append(_outage(journey, blind, journey.readings[number:], lasts_s))
        estimator.take(reading)
    return np.array(rows).reshape(-1, 4)


def _outage(journey, estimator, readings, lasts_s):
    until_s, way_m, wheel = readings[0].received_s + lasts_s, 0.0, None
    for reading in readings:
        if isinstance(reading, GnssFix):
            if reading.received_s >= until_s:
                return _end(journey, estimator.state(reading.received_s), reading, way_m)
            continue
        if isinstance(reading, WheelSpeed):
            if wheel is not None:
                way_m += wheel.speed_mps * (reading.received_s - wheel.received_s)
            wheel = reading
        estimator.take(reading)
    raise AssertionError("an outage that no fix ends")


def _end(journey, state, fix, way_m):
    if journey.truth is None:
        true, unsure_m = place_of(fix), fix.accuracy_m or 0.0
    else:
        lat_deg, lon_deg = journey.true_at(fix.received_s)
        true, unsure_m = Place(lat_deg=float(lat_deg), lon_deg=float(lon_deg)), 0.0
    if state.place is None:
        return math.inf, way_m, math.nan, unsure_m
    return distance_m(true, state.place), way_m, state.accuracy_m, unsure_m


def cost_us(journey, repeats):
    """Return the processor time of an update: of a fix and of wheels or gyro, mean, at best."""
    best = {"fix": math.inf, "odometry": math.inf}
    for _ in range(repeats):
        estimator, spent, count = Estimator(), dict.fromkeys(best, 0), dict.fromkeys(best, 0)
        for reading in journey.readings:
            kind = "fix" if isinstance(reading, GnssFix) else "odometry"
            began_ns = time.thread_time_ns()
            estimator.take(reading)
            spent[kind] += time.thread_time_ns() - began_ns
            count[kind] += 1
        for kind, number in count.items():
            if number:
                best[kind] = min(best[kind], spent[kind] / number / 1000)
    return {kind: us for kind, us in best.items() if us < math.inf}
