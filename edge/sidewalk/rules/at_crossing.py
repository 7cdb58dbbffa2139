"""Rules of a robot's leg before a road: a bounded wait, room for others, another way (S3)."""

from edge.sidewalk import events as e
from edge.sidewalk.change import Change, call_for_help, changed, enter, lasts_s, seek
from edge.sidewalk.progress import DriveProgress, Phase
from edge.sidewalk.rules.in_motion import (
    ON_ROAD_S,
    go_over,
    leaves_for,
    locate,
    next_crossing,
)

WAIT_S = 90.0
MOST_WAITS = 3


def look_at_crossing(progress: DriveProgress, event: e.Looked) -> Change:
    """Go over with permissions that last; else wait, make room, take another way."""
    seen = event.seen
    here, _ = locate(progress, seen)
    if here is None:
        return Change(progress)
    road = next_crossing(here)
    if road is None:
        return enter(here, Phase.DRIVING, seen)
    leaves = leaves_for(here, road, seen)
    if leaves:
        return go_over(here, leaves, seen)
    assert here.along_m is not None, "it was located"
    if here.along_m > road.road_m and lasts_s(here, seen) > ON_ROAD_S:
        return call_for_help(here, seen, "it stands on a road without a permission")
    if lasts_s(here, seen) < WAIT_S:
        return Change(here)
    waited = changed(here, waited=here.waited + 1)
    if waited.waited < MOST_WAITS:
        return enter(waited, Phase.BACKING_OFF, seen, "nobody let it go over")
    why = f"nobody let it go over in {MOST_WAITS} waits"
    return seek(changed(waited, waited=0), seen, why, avoid=road.crossing_ids)
