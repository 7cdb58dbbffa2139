import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.messages.geo import Place, east_north_m, metres_per_degree
from edge.position.frames import LocalFrame

LATITUDES = st.floats(-89.9, 89.9)
LONGITUDES = st.floats(-180, 180)


@pytest.mark.parametrize(
    ("lat_deg", "north_m", "east_m"),
    [  # NIMA TR8350.2 tables of WGS 84
        (0.0, 110_574.28, 111_319.49),
        (45.0, 111_131.78, 78_846.81),
        (60.0, 111_412.24, 55_800.00),
        (90.0, 111_693.91, 0.0),
    ],
)
def test_a_degree_is_as_long_as_on_the_ellipsoid(lat_deg, north_m, east_m):
    assert metres_per_degree(lat_deg) == pytest.approx((north_m, east_m), abs=0.1)


@given(LATITUDES, LONGITUDES, st.floats(-30_000, 30_000), st.floats(-30_000, 30_000))
def test_there_and_back_again_is_the_same_place(lat_deg, lon_deg, east_m, north_m):
    frame = LocalFrame(Place(lat_deg=lat_deg, lon_deg=lon_deg))
    place = frame.to_place(east_m, north_m)
    if abs(place.lat_deg) < 89.95:
        back = frame.to_enu_m(place.lat_deg, place.lon_deg)
        if abs(east_m) < 1000 or abs(lat_deg) < 80:
            assert back == pytest.approx((east_m, north_m), abs=1e-5)


def test_the_shorter_way_is_taken_over_the_date_line():
    west, east = Place(lat_deg=-17.0, lon_deg=179.999), Place(lat_deg=-17.0, lon_deg=-179.999)
    assert math.hypot(*east_north_m(west, east)) == pytest.approx(213, abs=1)
    assert LocalFrame(west).to_place(300.0, 0.0).lon_deg < -179


@given(LATITUDES, LONGITUDES)
def test_a_place_is_nowhere_from_itself(lat_deg, lon_deg):
    place = Place(lat_deg=lat_deg, lon_deg=lon_deg)
    assert east_north_m(place, place) == (0.0, 0.0)
