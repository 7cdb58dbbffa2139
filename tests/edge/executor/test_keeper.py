"""What the mission is taken up from after a start."""

from datetime import UTC, datetime

import pytest

from edge.clock import LoopClock
from edge.executor.keeper import Keeper
from edge.executor.mission.progress import Phase
from edge.messages.broker.wire import to_json, to_msgpack
from edge.streams import Latest
from sim.virtual_time import VirtualTimeLoop
from tests.edge.executor.day import loaded, route, stop


class Kept:
    """A store that only remembers."""

    def __init__(self, blobs):
        self._blobs = blobs

    def state(self, name):
        return self._blobs.get(name)


@pytest.mark.parametrize("lost", [None, "progress", "route"])
def test_a_mission_of_which_a_half_has_rotted_is_begun_anew_and_does_not_crash(lost):
    mission, _ = loaded(route(stop("S1", "P1"), stop("S2", "P2")))
    blobs = {"route": to_json(mission.route), "progress": to_msgpack(mission.progress)}
    kept = {name: blob for name, blob in blobs.items() if name != lost}
    loop = VirtualTimeLoop()
    clock = LoopClock(loop, datetime(2026, 11, 23, 8, tzinfo=UTC), "simulated")
    keeper = Keeper(Kept(kept), clock, Latest())
    keeper.load()
    loop.close()
    if lost is None:
        assert keeper.mission == mission
    else:
        assert keeper.mission.route is None
        assert keeper.mission.phase is Phase.IDLE
