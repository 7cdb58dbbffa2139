"""Layers: the newest holds, what has expired is gone, and the order of arrival is nothing."""

from datetime import timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.conditions import keeping
from edge.conditions.checks import fault
from edge.conditions.layers import MAX_PARTS, NO_LAYERS, Layers
from edge.messages.broker.wire import from_json, from_msgpack, to_json, to_msgpack
from edge.messages.conditions import (
    Circle,
    Closure,
    Layer,
    Polygon,
    SegmentSpeed,
    TrafficFactor,
    Weather,
    Window,
    Zone,
)
from tests.edge.conditions.some import NOW_UTC, east, hours, layer

NAMES = ("traffic:city", "weather", "zones:north")
instants = st.integers(-600, 600).map(lambda minutes: NOW_UTC + timedelta(minutes=minutes))
OUTER = (east(-9), east(9), east(0, 9))
areas = st.sampled_from(
    [
        Circle(centre=east(0), radius_m=500),
        Polygon(outer=(east(-9), east(9), east(0, 9)), holes=()),
        Polygon(
            outer=(east(-9), east(9), east(0, 9)), holes=((east(-1), east(1), east(0, 1)),)
        ),
    ]
)
spans = st.tuples(instants, st.integers(1, 900)).map(
    lambda span: {"from_utc": span[0], "until_utc": span[0] + timedelta(minutes=span[1])}
)
segments = st.builds(SegmentSpeed, st.integers(1, 5), st.integers(1, 5), st.integers(0, 130))
factors = st.builds(
    lambda span, factor, area: TrafficFactor(**span, factor=factor, area=area),
    spans, st.floats(0.2, 20), st.none() | areas,
)  # fmt: skip
closures = st.builds(
    lambda span, both: Closure(**span, line=(east(0), east(9)), both_ways=both),
    spans, st.booleans(),
)  # fmt: skip
weather = st.builds(
    lambda span, area, wind, rain: Weather(**span, area=area, wind_mps=wind, rain_mm_h=rain),
    spans, st.none() | areas, st.none() | st.floats(0, 60), st.none() | st.floats(0, 90),
)  # fmt: skip
windows = st.builds(
    Window,
    from_utc=st.none() | instants,
    until_utc=st.none() | instants,
    days=st.lists(st.sampled_from(["MON", "TUE", "SUN"]), unique=True).map(tuple),
    opens=st.sampled_from(["00:00", "07:30", "22:00"]),
    closes=st.sampled_from(["24:00", "09:00", "06:00"]),
    time_zone=st.sampled_from(["UTC", "Europe/Berlin", "-03:30", "Atlantis/Nowhere"]),
)
zones = st.builds(
    lambda area, kind, when: Zone(zone_id="z", kind=kind, area=area, windows=tuple(when)),
    areas, st.sampled_from(["hard", "avoid", "permit"]), st.lists(windows, max_size=2),
)  # fmt: skip


@st.composite
def layers_of_one_source(draw, name):
    """Some versions of one layer, each in one part or more, newest last."""
    made = []
    for version in range(1, draw(st.integers(1, 3)) + 1):
        issued = draw(instants)
        parts = draw(st.integers(1, 3))
        expires = issued + timedelta(minutes=draw(st.integers(1, 900)))
        made += [
            Layer(
                name=name,
                version=version,
                part=part,
                parts=parts,
                issued_utc=issued,
                expires_utc=expires,
                segments=tuple(draw(st.lists(segments, max_size=3))),
                factors=tuple(draw(st.lists(factors, max_size=2))),
                closures=tuple(draw(st.lists(closures, max_size=2))),
                weather=tuple(draw(st.lists(weather, max_size=2))),
                zones=tuple(draw(st.lists(zones, max_size=2))),
            )
            for part in range(1, parts + 1)
        ]
    return made


mixes = st.tuples(*(layers_of_one_source(name) for name in NAMES)).map(
    lambda sources: [part for source in sources for part in source]
)


def all_of(parts, utc, start=NO_LAYERS):
    layers = start
    for part in parts:
        layers = layers.take(part, utc)
    return layers


def seen(layers, utc):
    place = east(1)
    return (
        set(layers.segments(utc)), layers.factors(utc), layers.closures(utc),
        layers.weather(utc, place), layers.zones(utc),
    )  # fmt: skip


def dawn(parts):
    return min(part.issued_utc for part in parts) - timedelta(days=1)


@settings(deadline=None, max_examples=60)
@given(mixes, st.data())
def test_the_order_of_arrival_does_not_matter(mix, data):
    utc = dawn(mix)
    one, other = all_of(mix, utc), all_of(data.draw(st.permutations(mix)), utc)
    assert one.parts == other.parts
    assert one.hash() == other.hash()
    assert one.heard == other.heard


@settings(deadline=None, max_examples=60)
@given(mixes, mixes)
def test_what_came_and_expired_leaves_exactly_what_was(mix, passing):
    utc = dawn([*mix, *passing])
    end = hours(1000)
    lasting = [msgspec.structs.replace(p, expires_utc=end) for p in mix]
    before = all_of(lasting, utc)
    guests = [msgspec.structs.replace(part, name=f"{part.name}:guest") for part in passing]
    with_guests = all_of(guests, utc, before)
    assert with_guests.number > before.number
    gone = max(part.expires_utc for part in guests)
    after = with_guests.without_expired(gone)
    assert after.parts == before.parts
    assert after.waiting == before.waiting
    assert after.hash() == before.hash()
    assert seen(after, gone) == seen(before, gone)
    assert seen(with_guests, gone) == seen(before, gone)  # even if nobody tidied up


@settings(deadline=None, max_examples=60)
@given(mixes, instants)
def test_nothing_changes_between_two_changes(mix, utc):
    layers = all_of(mix, dawn(mix))
    for _ in range(30):
        change = layers.next_change_utc(utc)
        if change is None:
            assert all(part.expires_utc <= utc for part in layers.parts)
            return
        assert change > utc
        assert seen(layers, utc) == seen(layers, change - timedelta(microseconds=1))
        utc = change


@settings(deadline=None, max_examples=60)
@given(mixes)
def test_layers_come_back_from_wire_and_store_as_they_went(mix):
    for part in mix:
        assert from_json(to_json(part), Layer) == part
        assert from_msgpack(to_msgpack(part), Layer) == part
        assert fault(part) == ""
    store = {}
    steps = [NO_LAYERS]
    for part in mix:
        steps.append(steps[-1].take(part, dawn(mix)))
    steps.append(steps[-1].without_expired(hours(0)))
    for before, after in pairwise(steps):
        for name, blob in keeping.blobs(before, after).items():
            if blob is None:
                del store[name]
            else:
                store[name] = blob
        assert keeping.read(store.get) == (after, ())
    assert len(store) == 1 + len(steps[-1].parts) + len(steps[-1].waiting)


def test_a_part_that_cannot_be_read_takes_its_layer_with_it_and_lets_it_come_again():
    big = [layer(part=n, parts=2, segments=(SegmentSpeed(n, n + 1, 9),)) for n in (1, 2)]
    whole = all_of([*big, layer("weather")], NOW_UTC)
    store = keeping.blobs(NO_LAYERS, whole)
    store["layer/traffic:city/1/2"] = b"rotten"
    found, faults = keeping.read(store.get)
    assert [part.name for part in found.parts] == ["weather"]
    assert "layer/traffic:city/1/2" in faults[0]
    assert all_of(big, NOW_UTC, found).parts == whole.parts
    assert keeping.read({keeping.INDEX: b"rotten"}.get)[0] == NO_LAYERS


def test_a_layer_in_parts_is_used_when_all_have_come_and_not_before():
    first = layer(version=1, segments=(SegmentSpeed(1, 2, 30),))
    halves = [
        layer(version=2, part=n, parts=2, segments=(SegmentSpeed(n, n + 1, 50),))
        for n in (1, 2)
    ]
    layers = NO_LAYERS.take(first, NOW_UTC)
    half = layers.take(halves[1], NOW_UTC)
    assert half.segments(NOW_UTC) == first.segments
    assert half.number == layers.number
    assert half.take(halves[1], NOW_UTC) is half
    whole = half.take(halves[0], NOW_UTC)
    assert {s.kmh for s in whole.segments(NOW_UTC)} == {50}
    assert whole.waiting == ()
    assert whole.number == layers.number + 1


def test_what_is_not_newer_changes_nothing_even_after_it_has_expired():
    layers = NO_LAYERS.take(layer(version=5, expires=2), NOW_UTC)
    assert layers.take(layer(version=5, expires=9), NOW_UTC) is layers
    later = layers.without_expired(hours(3))
    assert later.parts == ()
    assert later.number == layers.number + 1
    old = layer(version=4, expires=99)
    assert later.take(old, hours(3)) is later
    assert "not newer than 5" in later.refusal(old, hours(3))
    assert later.without_expired(hours(3)) is later


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (layer(expires=0), "expired"),
        (layer(part=3, parts=2), "part 3 of 2"),
        (layer(issued=1, expires=1), "before it is issued"),
        (
            layer(factors=(TrafficFactor(from_utc=hours(2), until_utc=hours(2), factor=2),)),
            "before it begins",
        ),
        (
            layer(
                zones=(
                    Zone(
                        zone_id="line",
                        kind="hard",
                        area=Polygon(outer=(east(0), east(5), east(9))),
                    ),
                )
            ),
            "zone line has no area",
        ),
    ],
)
def test_a_layer_that_makes_no_sense_is_refused(bad, said):
    assert said in NO_LAYERS.refusal(bad, NOW_UTC)
    assert NO_LAYERS.take(bad, NOW_UTC) is NO_LAYERS


def test_there_is_room_for_so_many_parts_and_no_more():
    layers = NO_LAYERS
    for number in range(MAX_PARTS):
        layers = layers.take(layer(f"n{number}"), NOW_UTC)
    assert len(layers.parts) == MAX_PARTS
    assert "64 parts" in layers.refusal(layer("one-more"), NOW_UTC)
    assert layers.take(layer("n3", 2), NOW_UTC) is not layers


def test_a_closed_segment_stays_closed_whatever_a_newer_source_says():
    closed = layer(
        "closures", issued=-3, segments=(SegmentSpeed(1, 2, 0), SegmentSpeed(2, 3, 9))
    )
    fast = layer(
        "traffic", issued=-1, segments=(SegmentSpeed(1, 2, 50), SegmentSpeed(2, 3, 50))
    )
    layers = all_of([fast, closed], NOW_UTC)
    assert set(layers.segments(NOW_UTC)) == {SegmentSpeed(1, 2, 0), SegmentSpeed(2, 3, 50)}


def test_weather_is_taken_from_the_nearest_source_measure_by_measure():
    def told(**measures):
        return Weather(from_utc=hours(-1), until_utc=hours(2), **measures)

    city = layer("a", issued=-1, weather=(told(rain_mm_h=1.0, wind_mps=9.0, temp_c=7.0),))
    circle = Circle(centre=east(0), radius_m=99)
    here = layer("b", issued=-9, weather=(told(area=circle, wind_mps=3.0),))
    layers = all_of([city, here], NOW_UTC)
    near, far = layers.weather(NOW_UTC, east(0)), layers.weather(NOW_UTC, east(900))
    assert (near.wind_mps, near.rain_mm_h, near.gust_mps) == (3.0, 1.0, None)
    assert (far.wind_mps, far.rain_mm_h) == (9.0, 1.0)
    assert layers.weather(hours(3), east(0)) is None


def test_a_factor_ends_with_its_layer():
    factor = TrafficFactor(from_utc=hours(-1), until_utc=hours(50), factor=2.0)
    layers = NO_LAYERS.take(layer(factors=(factor,), expires=4), NOW_UTC)
    assert layers.factors(NOW_UTC)[0].until_utc == hours(4)
    assert layers.next_change_utc(NOW_UTC) == hours(4)
    assert layers.factors(hours(4)) == ()
    assert isinstance(layers, Layers)
