"""Travel by air: layers in, times, energies and flights out."""

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.air.airframe import Airframe
from edge.air.airspace import Ground, Keeping
from edge.air.flights import Flight, Refusal
from edge.conditions.layers import Layers
from edge.messages.conditions import Circle, Layer, Polygon, Weather, Window, Zone
from edge.messages.geo import Place, distance_m
from edge.messages.routes import Stop
from edge.native.air.ways import CLOSED
from edge.native.greatcircle import EARTH_RADIUS_M
from edge.planner.problem import LONGEST_LEG_MS
from edge.planner.travel.air import AirTravel, zones_within

UTC_NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = UTC_NOW + timedelta(hours=8)
STATION = Place(lat_deg=41.15, lon_deg=-8.61)
EAST = Place(lat_deg=41.15, lon_deg=-8.56)
WEST = Place(lat_deg=41.15, lon_deg=-8.66)
FAR = Place(lat_deg=42.15, lon_deg=-8.61)
BETWEEN = Circle(centre=Place(lat_deg=41.15, lon_deg=-8.585), radius_m=500)
FRAME = Airframe(
    mass_kg=6.0, rotor_area_m2=0.8, drag_area_m2=0.06, battery_j=2.4e6, reserve_j=4e5
)
HILLS = Ground(station_m=100, lowest_m=95, highest_m=110)
CALM = Weather(from_utc=UTC_NOW, until_utc=LATER, wind_mps=0.0, wind_from_deg=0.0)


def travel(**settings_):
    return AirTravel(STATION, FRAME, ground=HILLS, **settings_)


def layers(*zones, weather=CALM, version=1, before=None):
    layer = Layer(
        name="air",
        version=version,
        issued_utc=UTC_NOW,
        expires_utc=LATER,
        zones=zones,
        weather=(weather,) if weather else (),
    )
    taken = (before or Layers()).take(layer, UTC_NOW)
    assert taken.zones(UTC_NOW) is not None
    assert len(taken.parts) == 1
    return taken


def zone(name="z", area=BETWEEN, **change):
    return Zone(**{"zone_id": name, "kind": "hard", "area": area, **change})


def fly(known, start=STATION, end=EAST, air=None, **more):
    return (air or travel()).flight(start, end, layers=known, utc=UTC_NOW, **more)


def asked_times(air, known, *stops, start=STATION):
    stops = [Stop(stop_id=f"s{number}", place=place) for number, place in enumerate(stops)]
    return air.times(
        start, None, stops, STATION, layers=known, from_utc=UTC_NOW, until_utc=LATER
    )


def test_times_are_the_kernels_from_start_over_stops_to_the_station():
    found = asked_times(travel(), layers(), EAST, WEST).base_ms
    assert found.dtype == np.int32
    assert found.flags.c_contiguous
    assert found.shape == (4, 4)
    assert found[0, 1] == found[1, 0] == found[0, 2] == found[3, 1]
    assert found[1, 2] == pytest.approx(2 * found[0, 1], rel=0.2)
    assert found[0, 3] == 0


def test_a_zone_makes_it_longer_and_its_end_undoes_that():
    clear, closed = fly(layers()), fly(layers(zone()))
    assert closed.time_ms > clear.time_ms
    assert len(closed.track_m) > len(clear.track_m) == 2
    late = Window(from_utc=UTC_NOW + timedelta(hours=2))
    assert fly(layers(zone(windows=(late,)))).time_ms == clear.time_ms
    soon = Window(from_utc=UTC_NOW + timedelta(minutes=30))
    assert fly(layers(zone(windows=(soon,)))).time_ms == closed.time_ms


def test_a_refused_stop_is_no_silent_number():
    air = travel()
    known = layers(zone(area=Circle(centre=EAST, radius_m=50)))
    assert asked_times(air, known, EAST, WEST).base_ms[0, 1] == LONGEST_LEG_MS
    found = air.flights((STATION, EAST, FAR), layers=known, from_utc=UTC_NOW, until_utc=LATER)
    assert found.why(0, 1) == Refusal("zone", ("z",))
    assert found.why(0, 2) == Refusal("far")
    energy = air.energy(found, 1_000_000)
    assert energy.use[0, 1] == energy.use[0, 2] == energy.capacity + 1 == 2_400_001
    assert (energy.at_start, energy.reserve) == (1_000_000, 400_000)


def test_wind_from_the_weather_makes_the_matrix_lean():
    west = Weather(from_utc=UTC_NOW, until_utc=LATER, wind_mps=6.0, wind_from_deg=270.0)
    found = asked_times(travel(), layers(weather=west), EAST).base_ms
    assert found[0, 1] < asked_times(travel(), layers(), EAST).base_ms[0, 1] < found[1, 0]


@pytest.mark.parametrize(
    "weather",
    [
        None,
        Weather(from_utc=UTC_NOW, until_utc=LATER, rain_mm_h=1.0),
        Weather(from_utc=UTC_NOW, until_utc=LATER, wind_mps=8.0),  # from anywhere
    ],
)
def test_wind_that_is_not_known_is_against_every_flight(weather):
    found = asked_times(travel(assumed_wind_mps=8.0), layers(weather=weather), EAST).base_ms
    head = Weather(from_utc=UTC_NOW, until_utc=LATER, wind_mps=8.0, wind_from_deg=90.0)
    against = asked_times(travel(), layers(weather=head), EAST).base_ms
    assert found[0, 1] == found[1, 0] == pytest.approx(against[0, 1], abs=2)


def test_gusts_widen_the_way_round():
    gusty = Weather(
        from_utc=UTC_NOW, until_utc=LATER, wind_mps=0.0, wind_from_deg=0.0, gust_mps=20.0
    )
    narrow, wide = fly(layers(zone())), fly(layers(zone(), weather=gusty))
    assert wide.length_m > narrow.length_m + 1


def test_payload_costs_energy_and_no_time():
    empty, loaded = fly(layers()), fly(layers(), payload_kg=2.0)
    assert loaded.energy_j > empty.energy_j
    assert loaded.time_ms == empty.time_ms


def test_from_the_air_there_is_less_to_climb():
    grounded, aloft = fly(layers()), fly(layers(), start_height_m=50.0)
    assert aloft.time_ms < grounded.time_ms
    assert aloft.start_m == 50


def test_a_leg_is_the_flight_on_the_map():
    known = layers(zone())
    flight = fly(known)
    leg = travel().leg(STATION, 90.0, EAST, layers=known, utc=UTC_NOW)
    assert len(leg.points) == len(flight.track_m)
    assert distance_m(leg.points[0], STATION) < 0.01
    assert distance_m(leg.points[-1], EAST) < 0.01
    assert (leg.length_m, leg.lasts_s) == (flight.length_m, flight.time_ms / 1000)
    assert [step.manoeuvre for step in leg.steps] == ["depart", "arrive"]
    shut = layers(zone(area=Circle(centre=EAST, radius_m=50)))
    assert travel().leg(STATION, None, EAST, layers=shut, utc=UTC_NOW) is None


def test_waypoints_go_up_along_and_down():
    air = travel()
    flight = fly(layers(zone()), air=air, start_height_m=12.0)
    points = air.waypoints(flight)
    heights = [point.height_m for point in points]
    assert heights == [12.0, *[flight.cruise_m] * len(flight.track_m), 0.0]
    assert points[0].place == points[1].place
    assert points[-1].place == points[-2].place


def test_permits_open_their_zone_only():
    known = layers(zone("a", kind="permit"), zone("b", kind="permit"))
    both = travel(permits=frozenset({"a", "b"}))
    assert len(fly(known, air=both).track_m) == 2
    one = travel(permits=frozenset({"a"}))
    assert len(fly(known, air=one).track_m) > 2


def test_a_new_zone_gives_what_a_new_start_gives():
    rng = np.random.default_rng(7)
    air, known, zones = travel(), layers(), ()
    for version in range(2, 8):
        east, north = rng.uniform(-4e3, 4e3, 2)
        spot = Circle(centre=air.chart.place(east, north), radius_m=300)
        zones += (zone(f"z{version}", spot, upper_m=float(rng.choice([50, 200]))),)
        known = layers(*zones, version=version, before=known)
        grown = asked_times(air, known, EAST, WEST).base_ms
        assert grown.tolist() == asked_times(travel(), known, EAST, WEST).base_ms.tolist()


def test_zones_of_a_span_are_those_of_any_of_its_instants():
    windows = [
        Window(
            from_utc=UTC_NOW + timedelta(minutes=m),
            until_utc=UTC_NOW + timedelta(minutes=m + 1),
        )
        for m in (5, 40, 90)
    ]
    zones = [zone(f"z{number}", windows=(window,)) for number, window in enumerate(windows)]
    known = layers(*zones)
    names = [
        {
            found.zone_id
            for found in zones_within(known, UTC_NOW, UTC_NOW + timedelta(minutes=m))
        }
        for m in (5, 6, 60, 120)
    ]
    assert names == [set(), {"z0"}, {"z0", "z1"}, {"z0", "z1", "z2"}]


def test_more_changes_than_are_looked_at_close_every_zone():
    windows = [
        Window(
            from_utc=UTC_NOW + timedelta(seconds=30 * k),
            until_utc=UTC_NOW + timedelta(seconds=30 * k + 15),
        )
        for k in range(1, 64)
    ]
    last = zone("last", windows=(Window(from_utc=UTC_NOW + timedelta(minutes=50)),))
    known = layers(zone(windows=tuple(windows)), last)
    found = zones_within(known, UTC_NOW, UTC_NOW + timedelta(minutes=45))
    assert {zone.zone_id for zone in found} == {"z", "last"}


lats = st.one_of(st.floats(41.1, 41.2), st.floats(-90, 90))
lons = st.one_of(st.floats(-8.7, -8.5), st.floats(-180, 180))
places = st.builds(Place, lat_deg=lats, lon_deg=lons)
rings = st.lists(places, min_size=3, max_size=7).map(tuple)
areas = st.one_of(
    st.builds(Circle, centre=places, radius_m=st.floats(0.001, 100_000)),
    st.builds(Polygon, outer=rings, holes=st.lists(rings, max_size=2).map(tuple)),
)
heights = st.floats(-1000, 100_000)
zones = st.builds(
    Zone,
    zone_id=st.just("z"),
    kind=st.sampled_from(["hard", "avoid", "permit"]),
    area=areas,
    lower_m=heights,
    lower_reference=st.sampled_from(["ground", "AGL", "AMSL"]),
    upper_m=st.none() | heights,
    upper_reference=st.sampled_from(["AGL", "AMSL"]),
)


def check_any_zones(station, drawn, ends, ground, wind):
    """Whatever the zones and places are: a flight that adds up, or a reason."""
    air = AirTravel(station, FRAME, ground=ground, keeping=Keeping())
    weather = Weather(from_utc=UTC_NOW, until_utc=LATER, wind_mps=wind, wind_from_deg=200.0)
    layer = Layer(
        name="air",
        version=1,
        issued_utc=UTC_NOW,
        expires_utc=LATER,
        zones=tuple(drawn),
        weather=(weather,),
    )
    known = Layers(parts=(layer,))
    found = air.flights(ends, layers=known, from_utc=UTC_NOW, until_utc=LATER)
    for start in range(len(ends)):
        for end in range(len(ends)):
            flight = found.flight(start, end)
            if isinstance(flight, Refusal):
                assert str(flight).startswith("not flown: ")
                assert found.time_ms[start, end] == found.energy_j[start, end] == CLOSED
                continue
            assert isinstance(flight, Flight)
            assert np.isfinite(flight.track_m).all()
            assert 0 <= flight.time_ms < CLOSED
            assert 0 <= flight.energy_j <= FRAME.usable_j
            assert flight.track_m[0].tolist() == list(air.chart.point_m(ends[start]))
            assert flight.track_m[-1].tolist() == list(air.chart.point_m(ends[end]))


any_question = (
    places,
    st.lists(zones, max_size=5),
    st.lists(places, min_size=2, max_size=4),
    st.sampled_from([None, HILLS, Ground(station_m=0, lowest_m=-50, highest_m=500)]),
    st.floats(0, 150),
)


@given(*any_question)
@settings(max_examples=150, deadline=None)
def test_any_zones_give_flights_or_reasons(station, drawn, ends, ground, wind):
    check_any_zones(station, drawn, ends, ground, wind)


@pytest.mark.fuzz
@given(*any_question)
@settings(max_examples=20_000, deadline=None)
def test_very_many_zones_give_flights_or_reasons(station, drawn, ends, ground, wind):
    check_any_zones(station, drawn, ends, ground, wind)


def along(points, step_m=5.0):
    """Return (n, 2) latitudes and longitudes [rad] every few metres along a line."""
    found = []
    for a, b in pairwise(points):
        count = math.ceil(distance_m(a, b) / step_m) + 1
        found.append(np.linspace((a.lat_deg, a.lon_deg), (b.lat_deg, b.lon_deg), count))
    return np.radians(np.concatenate(found))


def nearest_m(one, other):
    """Return the least great-circle distance between the points of two lines."""
    lat, lon = one[:, None, 0], one[:, None, 1]
    half = np.sin((other[None, :, 0] - lat) / 2) ** 2 + np.cos(lat) * np.cos(
        other[None, :, 0]
    ) * (np.sin((other[None, :, 1] - lon) / 2) ** 2)
    return float(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(half.min())))


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg"), [(0.0, 0.0), (41.15, -8.61), (-33.9, 180.0), (69.6, 18.9)]
)
def test_on_the_globe_a_flight_keeps_its_distance(lat_deg, lon_deg):
    """Judged on the sphere, without the chart, some kilometres from its origin."""
    air = AirTravel(Place(lat_deg=lat_deg, lon_deg=lon_deg), FRAME)
    corners = [(-150.0, 4_000.0), (100.0, 3_900.0), (180.0, 4_400.0), (-60.0, 4_300.0)]
    ring = tuple(air.chart.place(*corner) for corner in corners)
    start, end = air.chart.place(-1_000.0, 4_200.0), air.chart.place(1_000.0, 4_150.0)
    flight = fly(layers(zone(area=Polygon(outer=ring))), start, end, air)
    track = [point.place for point in air.waypoints(flight)[1:-1]]
    away_m = nearest_m(along(track), along((*ring, ring[0])))
    kept_m = 5 + FRAME.size_m / 2 + 15  # accuracy, half the drone, the extra
    assert kept_m < away_m < kept_m + 2
