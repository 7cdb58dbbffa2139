import pytest

from edge.roads.classes import BICYCLE, EVERYONE, FOOT, MOTOR, TRUCK
from station.roads.marks import SIGNAL_DS, mark_of


@pytest.mark.parametrize(
    ("tags", "passes"),
    [
        ({"barrier": "bollard"}, BICYCLE | FOOT),
        ({"barrier": "block"}, BICYCLE | FOOT),
        ({"barrier": "nobody_knows"}, BICYCLE | FOOT),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, EVERYONE),
        ({"barrier": "bollard", "bollard": "rising"}, EVERYONE),
        ({"barrier": "bollard", "access": "yes"}, BICYCLE | FOOT),
        ({"barrier": "gate"}, EVERYONE),
        ({"barrier": "gate", "access": "private"}, 0),
        ({"barrier": "gate", "access": "private", "foot": "yes"}, FOOT),
        ({"barrier": "gate", "locked": "yes"}, 0),
        ({"barrier": "lift_gate"}, EVERYONE),
        ({"barrier": "lift_gate", "motor_vehicle": "no"}, BICYCLE | FOOT),
        ({"barrier": "height_restrictor", "maxheight": "3"}, EVERYONE & ~TRUCK),
        ({"barrier": "height_restrictor", "maxheight": "2"}, EVERYONE & ~MOTOR),
        ({"barrier": "kissing_gate"}, 0),
    ],
)
def test_a_barrier_stops_whom_it_must(tags, passes):
    mark = mark_of(tags)

    assert (EVERYONE if mark is None else mark.passes) == passes


def test_a_cattle_grid_is_nothing():
    assert mark_of({"barrier": "cattle_grid"}) is None
    assert mark_of({"highway": "street_lamp"}) is None


def test_signals_cost_time_and_tell_their_direction():
    mark = mark_of({"highway": "traffic_signals", "traffic_signals:direction": "backward"})

    assert (mark.delay_ds, mark.signal, mark.direction) == (SIGNAL_DS, True, "backward")


def test_a_crossing_with_lights_is_a_signal():
    lit = mark_of({"highway": "crossing", "crossing": "traffic_signals"})
    plain = mark_of({"highway": "crossing"})

    assert lit.signal
    assert plain.delay_ds < lit.delay_ds
