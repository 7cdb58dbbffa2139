"""One hand-written file of each format, by what its specification says."""

import json

CSV = "from,to,kmh,weight\n100,101,35.4,9\n101,100,0,9\n102,103,0.3,9\n"

CIFS_XML = """<?xml version="1.0" encoding="UTF-8"?>
<incidents xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <incident id="a1">
    <type>ROAD_CLOSED</type>
    <subtype>ROAD_CLOSED_CONSTRUCTION</subtype>
    <polyline>48.137100 11.575400 48.138200 11.576500 48.139300 11.577600</polyline>
    <street>Dienerstraße</street>
    <description>Kran</description>
    <direction>ONE_DIRECTION</direction>
    <starttime>2026-11-23T07:00:00+01:00</starttime>
    <endtime>2026-11-23T19:00:00+01:00</endtime>
  </incident>
  <incident id="a2"><type>HAZARD</type><polyline>48.1 11.5</polyline></incident>
</incidents>
"""

CIFS_JSON = json.dumps(
    {
        "incidents": [
            {
                "incident": {
                    "id": "b1",
                    "type": "ROAD_CLOSED",
                    "polyline": "48.137100 11.575400 48.138200 11.576500",
                    "street": "Burgstraße",
                    "direction": "BOTH_DIRECTIONS",
                    "starttime": "2026-11-23T07:00:00Z",
                    "endtime": "2026-11-24T07:00:00Z",
                }
            },
            {"id": "b2", "type": "JAM", "polyline": "48.1 11.5 48.2 11.6"},
        ]
    }
)

SQUARE = [[11.5, 48.1], [11.6, 48.1], [11.6, 48.2], [11.5, 48.2], [11.5, 48.1]]
HOLE = [[11.54, 48.14], [11.54, 48.16], [11.56, 48.16], [11.56, 48.14], [11.54, 48.14]]


def feature(geometry, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features, **members):
    return json.dumps({"type": "FeatureCollection", "features": features, **members})


GEOJSON = collection(
    feature({"type": "Polygon", "coordinates": [SQUARE, HOLE]}, factor=1.5,
            road_classes=["primary"], vehicle_kinds="van, contractor"),
    feature({"type": "LineString", "coordinates": SQUARE[:3]}, closed=True, both_ways=False,
            reason="fair", until="2026-11-23T20:00:00Z"),
    feature({"type": "LineString", "coordinates": SQUARE[:3]}, factor=2),
    feature(None, factor=1.1),
    feature({"type": "Point", "coordinates": [11.5, 48.1]}, kind="hard", radius_m=200,
            zone_id="market", name="Market", days="SAT", opens="07:00", closes="14:00",
            time_zone="Europe/Berlin", vehicle_kinds=["van"]),
    feature({"type": "MultiPolygon", "coordinates": [[SQUARE], [HOLE]]}, kind="avoid",
            id="two", lower_m=30, upper_m=120, upper_reference="amsl"),
)  # fmt: skip

METAR = """2026/11/23 05:50
EDDM 230550Z 24012G25KT 0300 R26/0400 +SN FG VV002 M01/M02 Q1009 NOSIG
METAR LEBL 230530Z VRB02KT 9999 -RA FEW020 12/10 Q1015
KJFK 230551Z 18010KT 10SM FZRA BKN030 M01/M03 A2990 RMK AO2 P0010
"""

HOURS = ["2026-11-23T05:00", "2026-11-23T06:00", "2026-11-23T07:00", "2026-11-23T08:00"]
OPEN_METEO = json.dumps(
    {
        "latitude": 48.14,
        "longitude": 11.58,
        "utc_offset_seconds": 3600,
        "timezone": "Europe/Berlin",
        "current_units": {"time": "iso8601", "interval": "seconds", "wind_speed_10m": "km/h",
                          "rain": "mm", "temperature_2m": "°C"},
        "current": {"time": "2026-11-23T06:15", "interval": 900, "wind_speed_10m": 18.0,
                    "rain": 0.5, "temperature_2m": 4.0},
        "hourly_units": {"time": "iso8601", "wind_speed_10m": "km/h", "wind_gusts_10m": "kn",
                         "rain": "mm", "showers": "mm", "snowfall": "cm", "visibility": "m",
                         "weather_code": "wmo code", "wind_direction_10m": "°"},
        "hourly": {
            "time": HOURS,
            "wind_speed_10m": [36.0, 36.0, 72.0, None],
            "wind_gusts_10m": [20.0, 20.0, 20.0, 20.0],
            "wind_direction_10m": [270, 270, 270, 270],
            "rain": [0.0, 1.0, 2.0, 3.0],
            "showers": [0.0, 0.0, 0.5, 0.0],
            "snowfall": [0.0, 0.0, 0.0, 0.7],
            "visibility": [9000, 9000, 300, 9000],
            "weather_code": [61, 61, 66, 71],
        },
    }
)  # fmt: skip

AUTHORITY = [{"name": "Authority", "service": "Desk", "purpose": "AUTHORIZATION"}]


def volume269(projection, **limits):
    known = {
        "uomDimensions": "M",
        "lowerLimit": 0,
        "lowerVerticalReference": "AGL",
        "upperLimit": 120,
        "upperVerticalReference": "AGL",
    }
    return {**known, "horizontalProjection": projection, **limits}


def zone269(identifier, restriction, volumes, applicability):
    return {
        "identifier": identifier,
        "country": "DEU",
        "name": f"Zone {identifier}",
        "type": "COMMON",
        "restriction": restriction,
        "reason": ["SENSITIVE"],
        "applicability": applicability,
        "zoneAuthority": AUTHORITY,
        "geometry": volumes,
    }


PERMANENT = [{"permanent": "YES"}]
CIRCLE269 = {"type": "Circle", "center": [11.7861, 48.3538], "radius": 1500.0}
POLYGON269 = {"type": "Polygon", "coordinates": [SQUARE, HOLE]}
ED269 = json.dumps(
    {
        "title": "Test zones",
        "description": "by hand",
        "features": [
            zone269("HARD1", "PROHIBITED", [volume269(POLYGON269)], PERMANENT),
            zone269(
                "REQ1",
                "REQ_AUTHORISATION",
                [
                    volume269(CIRCLE269, uomDimensions="FT", lowerLimit=100, upperLimit=400),
                    volume269(POLYGON269, upperLimit=500, upperVerticalReference="AMSL"),
                ],
                [
                    {
                        "permanent": "NO",
                        "startDateTime": "2026-11-01T00:00:00Z",
                        "endDateTime": "2027-11-01T00:00:00Z",
                        "schedule": [
                            {
                                "day": ["MON", "TUE"],
                                "startTime": "08:00:00.00Z",
                                "endTime": "16:30:00.00Z",
                            }
                        ],
                    }
                ],
            ),
            zone269("FREE1", "NO_RESTRICTION", [volume269(CIRCLE269)], PERMANENT),
        ],
    }
)

TEXT318 = [{"text": "Zone", "lang": "en-GB"}]
LAYER318 = {"upper": 120, "upperReference": "AGL", "lower": 0, "lowerReference": "AGL",
            "uom": "m"}  # fmt: skip


def zone318(identifier, kind, geometry, **more):
    properties = {
        "identifier": identifier,
        "country": "DEU",
        "name": TEXT318,
        "type": kind,
        "variant": "COMMON",
        "reason": ["NATURE"],
        "zoneAuthority": [{"name": TEXT318, "purpose": "AUTHORIZATION"}],
        **more,
    }
    return {"type": "Feature", "id": 7, "properties": properties, "geometry": geometry}


ED318 = collection(
    zone318(
        "POLY001",
        "PROHIBITED",
        {"type": "Polygon", "coordinates": [SQUARE], "layer": LAYER318},
        limitedApplicability=[
            {
                "startDateTime": "2026-10-01T00:00:00+02:00",
                "endDateTime": "2027-01-01T00:00:00+01:00",
                "schedule": [
                    {"day": ["ANY"], "startTime": "22:00:00+01:00", "endTime": "06:00:00+01:00"}
                ],
            }
        ],
    ),
    zone318(
        "CIRC001",
        "REQ_AUTHORIZATION",
        {
            "type": "Point",
            "coordinates": [11.7861, 48.3538],
            "extent": {"subType": "Circle", "radius": 800.0},
            "layer": {**LAYER318, "lowerReference": "WGS84", "lower": 500, "upper": 700,
                      "upperReference": "WGS84"},
        },
        limitedApplicability=[
            {"schedule": [{"day": ["MON"], "startEvent": "SR", "endEvent": "SS"}]}
        ],
    ),
    metadata={"provider": [{"text": "Test office", "lang": "en-GB"}]},
)  # fmt: skip

SAMPLES = {
    "traffic-csv": ("speeds.csv", CSV),
    "cifs": ("feed.xml", CIFS_XML),
    "geojson": ("own.geojson", GEOJSON),
    "metar": ("now.txt", METAR),
    "open-meteo": ("forecast.json", OPEN_METEO),
    "ed318": ("zones.json", ED318),
    "ed269": ("old-zones.json", ED269),
}

BOW_TIE = [[11.5, 48.1], [11.6, 48.2], [11.6, 48.1], [11.5, 48.2], [11.5, 48.1]]
