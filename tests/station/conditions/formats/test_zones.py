"""Zones as states publish them: never smaller than they are, and never half of a file."""

import json

import pytest
from implicitdict import ImplicitDict
from uas_standards import eurocae_ed318
from uas_standards.eurocae_ed269 import ED269Schema

from edge.conditions.areas import contains
from edge.conditions.windows import applies
from edge.messages.conditions import Circle, Polygon, Window
from edge.messages.geo import Place
from tests.station.conditions.formats import samples
from tests.station.conditions.formats.ask import faults, read, utc
from tests.station.conditions.formats.samples import (
    BOW_TIE,
    CIRCLE269,
    ED269,
    ED318,
    PERMANENT,
    SQUARE,
    collection,
    volume269,
    zone269,
    zone318,
)


def test_the_samples_of_zones_are_what_an_independent_reader_takes_them_for():
    old = ED269Schema.from_dict(json.loads(ED269))
    assert [one.identifier for one in old.features] == ["HARD1", "REQ1", "FREE1"]
    assert old.features[1].applicability[0].schedule[0].startTime.time.hour == 8
    shapes = {"Polygon": eurocae_ed318.Polygon, "Point": eurocae_ed318.Point}
    kinds = []
    for one in json.loads(ED318)["features"]:
        kinds.append(ImplicitDict.parse(one["properties"], eurocae_ed318.UASZone).type.value)
        geometry = one["geometry"]
        assert ImplicitDict.parse(geometry, shapes[geometry["type"]]).layer.uom.value == "m"
    assert kinds == ["PROHIBITED", "REQ_AUTHORIZATION"]
    ours = {zone.zone_id.split("/")[1] for zone in read(ED269).zones}
    assert ours == {"HARD1", "REQ1"}
    assert [zone.zone_id for zone in read(ED318).zones] == ["DEU/POLY001", "DEU/CIRC001"]


def test_zones_of_ed269():
    found = read(ED269)
    hard, circle, polygon = found.zones
    assert found.ignored == 1
    assert hard.kind == "hard"
    assert hard.applies_to == ("drone",)
    assert (hard.lower_reference, hard.upper_m, hard.upper_reference) == ("ground", 120, "AGL")
    assert hard.windows == ()
    assert len(hard.area.holes) == 1
    assert hard.area.outer[0] == Place(lat_deg=48.1, lon_deg=11.5)
    assert circle.kind == polygon.kind == "permit"
    assert circle.lower_m == pytest.approx(30.48)
    assert circle.upper_m == pytest.approx(121.92)
    assert (circle.zone_id, polygon.zone_id) == ("DEU/REQ1/1", "DEU/REQ1/2")
    assert (polygon.upper_m, polygon.upper_reference) == (500, "AMSL")
    assert [applies(circle, utc(t)) for t in ("23T08:00", "23T16:30", "25T09:00")] == [
        True, False, False
    ]  # fmt: skip


def test_zones_of_ed318():
    found = read(ED318)
    night, circle = found.zones
    assert found.attribution == "Test office"
    assert night.name == "Zone"
    assert [applies(night, utc(t)) for t in ("23T21:00", "24T04:59", "23T20:59")] == [
        True, True, False
    ]  # fmt: skip
    assert isinstance(circle.area, Circle)
    assert circle.area.radius_m == 800
    assert circle.lower_m < 500 - 85  # the geoid is unknown: wider, never smaller
    assert circle.upper_m > 700 + 106
    assert circle.windows == (Window(days=("MON",)),)
    assert any("sunrise" in note for note in found.notes)


def zones269(*zones):
    return read(json.dumps({"features": zones})).zones


def test_zones_as_seen_in_the_wild():
    volume = volume269(CIRCLE269)
    bare = {"zoneId": "x", "restriction": "PROHIBITED", "geometry": [
        {"lowerLimit": 0, "upperLimit": 100, "horizontalProjection": CIRCLE269}]}  # fmt: skip
    found = read(json.dumps([bare]))
    assert found.zones[0].upper_m is None  # above what, nobody says
    assert found.zones[0].windows == ()
    (odd,) = zones269(zone269("A", "FORBIDDEN?", [volume], PERMANENT))
    assert odd.kind == "hard"
    (nameless,) = zones269({**zone269("A", "CONDITIONAL", [volume], []), "country": None})
    assert nameless.zone_id == "A"
    eight = {"day": ["ANY"], "startTime": "08:00", "endTime": "09:00"}
    local = [{"startDateTime": "2026-11-01T00:00:00Z", "schedule": [eight]}]
    (always,) = zones269(zone269("A", "PROHIBITED", [volume], local))
    assert applies(always, utc("23T03:00"))  # eight o'clock where?
    over = [{"permanent": "NO", "startDateTime": "2026-10-01T00:00:00Z",
             "endDateTime": "2026-10-02T00:00:00Z"}]  # fmt: skip
    assert zones269(zone269("A", "PROHIBITED", [volume], over)) == []


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        (zone269("BAD", "PROHIBITED", [], PERMANENT), "geometry"),
        (zone269("BAD", "PROHIBITED", [volume269({"type": "Circle"})], PERMANENT), "radius"),
        (zone269("BAD", "PROHIBITED", [volume269(CIRCLE269, uomDimensions="FL")], []), "'FL'"),
        (zone269("BAD", "PROHIBITED", [volume269(CIRCLE269, upperLimit="high")], []), "'high'"),
        (zone269("BAD", "PROHIBITED", [volume269(CIRCLE269, lowerLimit=200)], []), "below"),
        (
            zone269("BAD", "PROHIBITED", [volume269(CIRCLE269)], [{"startDateTime": "x"}]),
            "startDateTime 'x'",
        ),
        (
            zone269(
                "BAD",
                "PROHIBITED",
                [volume269(CIRCLE269)],
                [{"schedule": [{"day": ["DOM"], "startTime": "1Z", "endTime": "2Z"}]}],
            ),
            "write a time of day",
        ),
        (
            zone269(
                "BAD",
                "PROHIBITED",
                [volume269({"type": "Polygon", "coordinates": [[*SQUARE[:2], *SQUARE[:1]]]})],
                PERMANENT,
            ),
            "three different corners",
        ),
    ],
)
def test_a_bad_zone_is_named_and_nothing_of_its_file_is_taken(zone, said):
    good = zone269("GOOD", "PROHIBITED", [volume269(CIRCLE269)], PERMANENT)
    told = faults(json.dumps({"features": [good, zone]}), "ed269", "zones.json")
    assert "zone 2 (BAD)" in told
    assert said in told


def test_a_zone_of_ed318_without_limits_reaches_from_the_ground_up():
    geometry = {"type": "Polygon", "coordinates": [SQUARE]}
    (zone,) = read(collection(zone318("A", "PROHIBITED", geometry))).zones
    assert (zone.lower_reference, zone.upper_m) == ("ground", None)
    part = {**geometry, "layer": samples.LAYER318}
    both = {"type": "GeometryCollection", "geometries": [part, part]}
    assert len(read(collection(zone318("A", "PROHIBITED", both))).zones) == 2
    assert isinstance(zone.area, Polygon)


def test_a_zone_whose_edges_cross_is_closed_by_any_reading():
    bow_tie = volume269({"type": "Polygon", "coordinates": [BOW_TIE]})
    found = read(json.dumps({"features": [zone269("A", "PROHIBITED", [bow_tie], PERMANENT)]}))
    assert "edges cross" in found.notes[0]
    for lat_deg, lon_deg, inside in ((48.15, 11.51, True), (48.15, 11.59, True),
                                     (48.18, 11.55, False)):  # fmt: skip
        place = Place(lat_deg=lat_deg, lon_deg=lon_deg)
        assert contains(found.zones[0].area, place) is inside
