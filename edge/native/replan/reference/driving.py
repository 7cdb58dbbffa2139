"""From one node to the next on the problem's clock: breaks, the pace of traffic, windows."""

from bisect import bisect_right
from collections.abc import Sequence

from edge.native.replan.problem import PACE_ONE, Problem


def arrival_ms(problem: Problem, here: int, there: int, depart_ms: int) -> int:
    """Return when one is there who leaves now, at the pace of each slice on the way."""
    travel = int(problem.travel_ms[here, there])
    slices = problem.slices
    if slices is None:
        return depart_ms + travel
    paces: list[int] = slices.permille[slices.class_of[here, there]].tolist()
    now, clock, units = bisect_right(slices.starts_ms, depart_ms), depart_ms, travel * PACE_ONE
    for pace, end in zip(paces[now:], slices.starts_ms[now:], strict=False):
        speed = PACE_ONE * 1000 // pace
        if units <= (end - clock) * speed:
            return clock - -units // speed
        units -= (end - clock) * speed
        clock = end
    return clock - -units // (PACE_ONE * 1000 // paces[-1])


def departure(
    problem: Problem, here: int, there: int, clock_ms: int, taken: int
) -> tuple[int, int]:
    """Return when one leaves for there, and how many breaks are taken by then.

    See `Break` for the rule. What lies behind one break decides on the next.
    """
    for pause in problem.breaks[taken:]:
        if clock_ms < pause.opens_ms:
            done = arrival_ms(problem, here, there, clock_ms)
            if there != problem.end:
                stop = problem.stops[there - 1]
                done = service_begin(done, stop.windows)[0] + stop.service_ms
            if done <= pause.closes_ms:
                break
        clock_ms += pause.lasts_ms
        taken += 1
    return clock_ms, taken


def service_begin(arrival_ms: int, windows: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Return when service begins after an arrival, and how late that is."""
    for opens, closes in windows:
        if arrival_ms <= closes:
            return max(arrival_ms, opens), 0
    return arrival_ms, (arrival_ms - windows[-1][1] if windows else 0)
