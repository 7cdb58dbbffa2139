"""What a pilot tells the mission of a meeting that nobody comes to."""

from datetime import timedelta

from edge.executor.mission.machine import advance
from edge.executor.mission.progress import Mission, Phase
from edge.messages.facts import ParcelEnded
from edge.messages.parcels import FailureCode
from edge.pilot.reporting import due_parcels, nobody_came
from tests.edge.executor.day import T0, arrive, cannot, loaded, play, route
from tests.edge.executor.test_meetings import SIDE, robot_there

OVER = SIDE.waits_until_utc


def test_a_meeting_is_waited_for_until_its_end_and_then_given_up():
    mission = robot_there()
    assert nobody_came(mission, OVER - timedelta(seconds=1)) == ()
    ended = []
    for take in ("take-a", "take-b"):
        (report,) = nobody_came(mission, OVER)
        assert (report.stop_id, report.code) == (take, FailureCode.OUT_OF_TIME)
        parcels = due_parcels(mission, take)
        assert parcels == (take[-1],)
        step = advance(mission, cannot(take, *parcels, code=report.code))
        mission, ended = step.mission, [*ended, *step.facts]
        if mission.phase is Phase.UNDERWAY:
            mission = play(mission, arrive("take-b"))[0]
    assert mission.phase is Phase.RETURNING
    assert {f.parcel_id: f.custody for f in ended if isinstance(f, ParcelEnded)} == {
        "a": "vehicle",
        "b": "vehicle",
    }


def test_no_other_stop_is_given_up_by_the_clock():
    mission, _ = loaded(route())
    assert nobody_came(mission, OVER) == ()
    assert nobody_came(play(mission, arrive("s1", T0))[0], OVER) == ()
    assert nobody_came(Mission(), OVER) == ()
