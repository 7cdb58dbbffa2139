"""Travel times: the table where places are known, an estimate everywhere else."""

import json

import numpy as np
import pytest

from edge.errors import ConfigError
from edge.messages.geo import Place
from edge.messages.routes import Stop
from edge.planner.travel.table import KnownPlace, TableTravel, TravelError, TravelTable

STATION = Place(lat_deg=48.0, lon_deg=11.0)
A, B, C = (Place(lat_deg=48.0 + north, lon_deg=11.0) for north in (0.01, 0.02, 0.03))
IDS = ("station", "a", "b")
SECONDS = ((0.0, 150.5, 310.0), (140.0, 0.0, 160.0), (300.0, 170.0, 0.0))
TABLE = TravelTable(
    places=tuple(
        KnownPlace(id=name, lat_deg=place.lat_deg, lon_deg=place.lon_deg)
        for name, place in zip(IDS, (STATION, A, B), strict=True)
    ),
    seconds=SECONDS,
)
KM_MS = 1112 * 1000 * 1.35 / 8.0  # 0.01° of latitude by default detour and speed


def stop(stop_id, place):
    return Stop(stop_id=stop_id, place=place)


def test_known_places_are_read_from_the_table_in_both_directions():
    matrix = TableTravel(TABLE).matrix_ms(STATION, [stop("a", A), stop("b", B)], STATION)
    assert matrix.dtype == np.int32
    assert matrix.tolist() == [
        [0, 150_500, 310_000, 0],
        [140_000, 0, 160_000, 140_000],
        [300_000, 170_000, 0, 300_000],
        [0, 150_500, 310_000, 0],
    ]


def test_without_a_table_the_way_is_great_circle_by_detour_and_speed():
    matrix = TableTravel(speed_mps=8.0, detour=1.35).matrix_ms(A, [stop("b", B)], STATION)
    assert matrix[0, 1] == pytest.approx(KM_MS, rel=0.002)
    assert matrix[1, 2] == pytest.approx(2 * KM_MS, rel=0.002)
    assert (np.diagonal(matrix) == 0).all()


def test_a_vehicle_that_stands_at_a_known_place_uses_its_row():
    beside_a = Place(lat_deg=A.lat_deg + 0.0002, lon_deg=A.lon_deg)  # 22 m
    matrix = TableTravel(TABLE).matrix_ms(beside_a, [stop("b", B)], STATION)
    assert matrix[0, 1] == 160_000
    far = Place(lat_deg=A.lat_deg + 0.0004, lon_deg=A.lon_deg)  # 44 m
    assert TableTravel(TABLE).matrix_ms(far, [stop("b", B)], STATION)[0, 1] != 160_000


def test_unknown_ways_are_as_slow_as_known_ones():
    paces = sorted(s / m for s, m in ((150.5, 1112), (310, 2224), (140, 1112),
                                      (160, 1112), (300, 2224), (170, 1112)))  # fmt: skip
    pace = (paces[2] + paces[3]) / 2
    matrix = TableTravel(TABLE).matrix_ms(STATION, [stop("c", C)], STATION)
    assert matrix[0, 1] == pytest.approx(3 * 1112 * pace * 1000, rel=0.002)


@pytest.mark.parametrize("far", [Place(lat_deg=-48.0, lon_deg=-169.0)])
def test_the_other_side_of_the_earth_fits_the_kernel(far):
    matrix = TableTravel(speed_mps=0.01).matrix_ms(STATION, [stop("x", far)], STATION)
    assert matrix.max() == 399_999_999  # 400,000,000 says that no way leads there


def test_no_stop_at_all_leaves_the_way_home():
    assert TableTravel(TABLE).matrix_ms(A, [], STATION).tolist() == [[0, 140_000], [150_500, 0]]


def test_a_file_is_read(tmp_path):
    path = tmp_path / "travel.json"
    places = [
        {"id": place.id, "lat_deg": place.lat_deg, "lon_deg": place.lon_deg}
        for place in TABLE.places
    ]
    path.write_text(json.dumps({"places": places, "seconds": SECONDS}))
    travel = TableTravel.load(path, speed_mps=8.0, detour=1.35)
    assert travel.matrix_ms(STATION, [stop("a", A)], STATION)[0, 1] == 150_500
    estimated = TableTravel.load(None, speed_mps=8.0, detour=1.35)
    assert estimated.matrix_ms(STATION, [stop("a", A)], STATION)[0, 1] != 150_500


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file"),
        (b"\xff{", "malformed"),
        (b'{"places": []}', "seconds"),
        (b'{"places": [], "seconds": [], "speed": 3}', "speed"),
        (
            b'{"places": [{"id": "a", "lat_deg": 91, "lon_deg": 0}], "seconds": [[0]]}',
            "lat_deg",
        ),
        (b'{"places": [{"id": "a", "lat_deg": 9, "lon_deg": 0}], "seconds": []}', "1 places"),
        (
            b'{"places": [{"id": "a", "lat_deg": 9, "lon_deg": 0}], "seconds": [[-1]]}',
            "negative",
        ),
        (
            b'{"places": [{"id": "a", "lat_deg": 9, "lon_deg": 0}], "seconds": [[9e9]]}',
            "exceeds",
        ),
    ],
)
def test_a_file_that_is_no_table_is_named_to_the_operator(tmp_path, content, said):
    path = tmp_path / "travel.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=f"travel.json.*{said}"):
        TableTravel.load(path, speed_mps=8.0, detour=1.35)


def test_a_place_that_stands_twice_is_refused():
    with pytest.raises(TravelError, match="twice"):
        TableTravel(
            TravelTable(places=(TABLE.places[0],) * 2, seconds=((0.0, 1.0), (1.0, 0.0)))
        )


def test_an_empty_table_estimates_everything():
    travel = TableTravel(TravelTable(places=(), seconds=()))
    assert travel.matrix_ms(A, [stop("b", B)], STATION)[0, 1] > 0
