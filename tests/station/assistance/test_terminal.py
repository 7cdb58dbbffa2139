"""What a person types to steer a robot (S6)."""

import pytest

from edge.errors import RefusedError
from edge.messages.geo import Place, distance_m
from station.assistance.terminal import Go, read_line

HERE = Place(lat_deg=48.1, lon_deg=11.5)


def test_words_and_ways():
    assert read_line("\n", HERE) == read_line("hold", None) == "hold"
    assert read_line(" stop \n", None) == "stop"
    assert read_line("back", HERE) == "back"
    move = read_line("move 3 -4 0.8\n", HERE)
    assert isinstance(move, Go)
    assert move.speed_mps == 0.8
    assert distance_m(HERE, move.place) == pytest.approx(5.0, abs=0.01)
    assert move.place.lat_deg < HERE.lat_deg
    assert move.place.lon_deg > HERE.lon_deg
    assert read_line("go 48.10001 11.5", HERE) == Go(Place(lat_deg=48.10001, lon_deg=11.5), 0.5)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("fly 3 4", "no order here"),
        ("move 3", "no order here"),
        ("move 3 four", "no order here"),
        ("stop 3", "no order here"),
        ("move 3 4 1.5", "up to 1"),
        ("move 3 4 0", "up to 1"),
        ("move 3 4 nan", "up to 1"),
        ("move nan 4", "no place"),
        ("go 148 11", "no place"),
        ("go 48.2 11.5", "go there in parts"),
    ],
)
def test_what_is_wrong_is_said(line, why):
    with pytest.raises(RefusedError, match=why):
        read_line(line, HERE)


def test_a_robot_that_is_nowhere_is_not_steered():
    with pytest.raises(RefusedError, match="not known"):
        read_line("move 1 1", None)
