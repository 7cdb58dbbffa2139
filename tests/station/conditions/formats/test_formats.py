"""Traffic and closures: what a file says is taken, what is wrong in it is named."""

import json

import pytest

from edge.conditions.areas import contains
from edge.conditions.windows import applies
from edge.messages.conditions import Circle, SegmentSpeed
from edge.messages.geo import Place
from station.conditions.formats import reading
from station.conditions.formats.auto import read_conditions
from station.conditions.formats.reading import FaultyConditionsError
from station.conditions.splitting import counts_of, layer_parts
from tests.station.conditions.formats import samples
from tests.station.conditions.formats.ask import DAY, NOW_UTC, faults, read, utc
from tests.station.conditions.formats.samples import (
    BOW_TIE,
    CIFS_JSON,
    HOLE,
    SAMPLES,
    SQUARE,
    collection,
    feature,
)


@pytest.mark.parametrize("kind", SAMPLES)
@pytest.mark.parametrize("encode", [str.encode, lambda t: t.encode("utf-8-sig"),
                                    lambda t: t.encode("utf-16")])  # fmt: skip
def test_a_format_is_known_by_its_content_and_makes_a_layer(kind, encode):
    file, text = SAMPLES[kind]
    if kind == "cifs" and encode("") != b"":
        text = text.replace(' encoding="UTF-8"', "")
    found_kind, found = read_conditions(file, encode(text), "auto", NOW_UTC)
    assert found_kind == kind
    (part,) = layer_parts("some", 1, found)
    assert part.segments or part.factors or part.closures or part.weather or part.zones


def test_speeds_by_node_pair():
    found = read(samples.CSV, "traffic-csv")
    assert tuple(found.segments.values()) == (
        SegmentSpeed(100, 101, 35),
        SegmentSpeed(101, 100, 0),  # closed
        SegmentSpeed(102, 103, 1),  # nearly standing is not closed
    )
    assert read("1;2;50\n", file="a.csv").segments[1, 2].kmh == 50
    twice = read("1,2,50\n1,2,30\n", "traffic-csv")
    assert twice.segments[1, 2].kmh == 30
    assert "the last one counts" in twice.notes[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1,2,3\n1,x,3\n", "line 2: to 'x': write the number of an OSM node"),
        ("1,2,3\n1,2\n", "line 2"),
        ("1,2,fast\n3,4,5\n", "line 1: kmh 'fast': write a number from 0 to 300"),
        ("1,2,-5\n", "kmh"),
        ("1,2,nan\n", "kmh"),
        ("0,2,5\n", "from '0'"),
        ("1,99999999999999999,5\n", "to '99999999999999999'"),
    ],
)
def test_a_bad_line_is_named(text, said):
    assert said in faults(text, "traffic-csv", "speeds.csv")


def test_closures_of_a_feed_and_nothing_else_of_it():
    (closure,) = read(samples.CIFS_XML).closures
    assert (closure.from_utc, closure.until_utc) == (utc("23T06:00"), utc("23T18:00"))
    assert len(closure.line) == 3
    assert closure.line[0] == Place(lat_deg=48.1371, lon_deg=11.5754)
    assert not closure.both_ways
    assert closure.reason == "Dienerstraße: Kran"
    found = read(CIFS_JSON)
    assert found.ignored == 1
    assert "JAM" in found.notes[0]
    assert found.closures[0].both_ways


def cifs(**changes):
    known = {"type": "ROAD_CLOSED", "polyline": "48.1 11.5 48.2 11.6"}
    return json.dumps({"incidents": [{"id": "1", **known, **changes}]})


def test_a_feed_may_be_older_or_leave_things_out():
    (bare,) = read(cifs()).closures
    assert (bare.from_utc, bare.until_utc, bare.both_ways) == (NOW_UTC, NOW_UTC + DAY, True)
    nested = cifs(polyline=None, location={"polyline": "48.1,11.5 48.2,11.6", "street": "A"})
    assert read(nested).closures[0].reason == "A"
    over = read(cifs(endtime="2026-11-22T00:00:00Z"))
    assert (over.closures, over.ignored) == ([], 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (cifs(polyline="48.1 11.5"), "polyline '48.1 11.5'"),
        (cifs(polyline="48.1 11.5 48.1 11.5"), "no direction"),
        (cifs(polyline="48.1 11.5 98.2 11.6"), "latitude '98.2'"),
        (cifs(starttime="yesterday"), "starttime 'yesterday'"),
        (cifs(starttime="2026-11-23T08:00:00"), "with its offset"),
        (cifs(starttime="2026-11-25T00:00Z", endtime="2026-11-24T00:00Z"), "before starttime"),
        ('{"incidents": 5}', "incidents 5"),
        ("<incidents><incident>", "no well-formed XML"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><incidents/>', "declares no types"),
    ],
)
def test_a_bad_closure_is_named(text, said):
    assert said in faults(text, "cifs", "feed.xml")


def test_our_own_geojson():
    found = read(samples.GEOJSON, "geojson")
    district, street, everywhere = found.factors
    assert district.factor == 1.5
    assert district.road_classes == ("primary",)
    assert district.vehicle_kinds == ("van", "contractor")
    assert len(district.area.holes) == 1
    assert len(district.area.outer) == 4  # the last corner is the first again
    assert everywhere.area is None
    assert contains(street.area, Place(lat_deg=48.1001, lon_deg=11.55))
    assert not contains(street.area, Place(lat_deg=48.1003, lon_deg=11.55))
    (closure,) = found.closures
    assert closure.until_utc == utc("23T20:00")
    assert not closure.both_ways
    market, one, two = found.zones
    assert isinstance(market.area, Circle)
    assert market.applies_to == ("van",)
    assert [applies(market, utc(t)) for t in ("28T06:30", "28T13:30", "27T09:00")] == [
        True, False, False
    ]  # fmt: skip
    assert (one.zone_id, two.zone_id) == ("two/1", "two/2")
    assert (one.lower_m, one.lower_reference) == (30, "AGL")
    assert (one.upper_m, one.upper_reference) == (120, "AMSL")


@pytest.mark.parametrize(
    ("geometry", "properties", "said"),
    [
        ({"type": "Polygon", "coordinates": [BOW_TIE]}, {"factor": 2}, "edges cross"),
        ({"type": "Polygon", "coordinates": [SQUARE[:2]]}, {"kind": "hard"}, "three different"),
        (
            {"type": "Polygon", "coordinates": [[*SQUARE[:2], SQUARE[0]]]},
            {"factor": 2},
            "three",
        ),
        ({"type": "Polygon", "coordinates": [HOLE, SQUARE]}, {"factor": 2}, "edges cross"),
        ({"type": "Polygon", "coordinates": []}, {"kind": "hard"}, "list of rings"),
        ({"type": "Polygon"}, {"kind": "hard"}, "list of rings"),
        ({"type": "Point", "coordinates": [11.5, 48.1]}, {"kind": "hard"}, "needs a radius"),
        ({"type": "LineString", "coordinates": SQUARE}, {"kind": "hard"}, "write a Polygon"),
        ({"type": "Polygon", "coordinates": [SQUARE]}, {"closed": True}, "LineString"),
        (
            {"type": "Polygon", "coordinates": [SQUARE]},
            {"kind": "soft"},
            "hard, avoid or permit",
        ),
        ({"type": "Polygon", "coordinates": [SQUARE]}, {"factor": 90}, "factor 90"),
        ({"type": "Polygon", "coordinates": [SQUARE]}, {"name": "what?"}, "say what it is"),
        (
            {"type": "Polygon", "coordinates": [SQUARE]},
            {"kind": "hard", "opens": "7"},
            "time of day",
        ),
        (
            {"type": "Polygon", "coordinates": [SQUARE]},
            {"kind": "hard", "days": "MON", "time_zone": "Mars"},
            "time_zone 'Mars'",
        ),
        (None, {"closed": True}, "geometry None"),
        (
            {"type": "Polygon", "coordinates": [[[200, 48], [11, 48], [11, 49]]]},
            {"factor": 2},
            "longitude 200",
        ),
    ],
)
def test_a_doubtful_geometry_or_word_is_refused(geometry, properties, said):
    good = feature({"type": "Polygon", "coordinates": [SQUARE]}, factor=2)
    told = faults(collection(good, feature(geometry, **properties)), "geojson", "own.geojson")
    assert "own.geojson: feature 2: " in told
    assert said in told
    assert "nothing was taken" in told


@pytest.mark.parametrize("text", ["", "{", "[]", "5", "null", "{}", "\x00\x00", "[[[[", "<a/>"])
@pytest.mark.parametrize("kind", ["auto", *SAMPLES])
def test_what_is_no_file_of_a_kind_is_refused_or_empty(kind, text):
    told = "test.json: "
    try:
        found = read(text, kind)
    except FaultyConditionsError as error:
        told = str(error)
    else:
        assert counts_of(layer_parts("some", 1, found)) == {}
    assert "test.json: " in told


def test_files_have_bounds(monkeypatch):
    assert "is not utf-8" in faults(b"\xc3\x28", "metar")
    monkeypatch.setattr(reading, "MAX_FILE_B", 10)
    assert "cut it to your area" in faults(samples.CSV, "traffic-csv")
    monkeypatch.undo()
    monkeypatch.setattr(reading, "MAX_RECORDS", 2)
    assert "more than 2 records" in faults(samples.CSV, "traffic-csv")
    monkeypatch.undo()
    many = "\n".join("1,2,x" for _ in range(100))
    told = faults(many, "traffic-csv")
    assert "and 80 more faults" in told
    ring = [[11 + k * 1e-6, 48 + (k % 2) * 1e-3] for k in range(2500)]
    big = collection(feature({"type": "Polygon", "coordinates": [ring]}, factor=2))
    assert "simplify" in faults(big, "geojson")
