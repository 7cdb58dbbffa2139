"""Weather: units, hours and months as they are meant; what is not said stays unknown."""

import json
from datetime import UTC, datetime

import pytest

from edge.conditions.areas import contains
from edge.messages.geo import Place
from tests.station.conditions.formats import samples
from tests.station.conditions.formats.ask import faults, read, utc


def test_weather_of_reports():
    munich, barcelona, kennedy = read(samples.METAR, "metar").weather
    assert (munich.from_utc, munich.until_utc) == (utc("23T05:50"), utc("23T07:20"))
    assert munich.wind_from_deg == 240
    assert munich.wind_mps == pytest.approx(12 * 0.5144, abs=0.02)
    assert munich.gust_mps == pytest.approx(25 * 0.5144, abs=0.02)
    assert (munich.visibility_m, munich.temp_c, munich.snow_cm_h) == (300, -1, 4.0)
    assert munich.rain_mm_h == 0
    assert munich.ice is False
    assert contains(munich.area, Place(lat_deg=48.35, lon_deg=11.78))
    assert (barcelona.wind_from_deg, barcelona.gust_mps) == (None, None)
    assert (barcelona.rain_mm_h, barcelona.snow_cm_h) == (1.0, 0.0)
    assert kennedy.ice is True
    assert kennedy.rain_mm_h == pytest.approx(2.54)  # a tenth of an inch was measured


@pytest.mark.parametrize(
    ("report", "measures"),
    [
        ("XXXX 230550Z /////KT //// // ///// Q////", {"wind_mps": None, "visibility_m": None}),
        ("XXXX 230550Z 00000KT CAVOK 10/05 Q1020", {"visibility_m": 10_000, "rain_mm_h": 0}),
        ("XXXX 230550Z 18005MPS 3000 UP 00/M01 Q1000", {"wind_mps": 5, "rain_mm_h": None}),
        ("XXXX 230550Z 18005KT 9999 VCSH 10/05 Q1000", {"rain_mm_h": 0}),
    ],
)
def test_what_a_report_does_not_say_stays_unknown(report, measures):
    found = read(report, "metar")
    for name, value in measures.items():
        assert getattr(found.weather[0], name) == value, name
    assert found.weather[0].area is None
    assert "everywhere" in found.notes[0]


def test_reports_that_are_old_or_none():
    assert read("EDDM 222350Z 24012KT 9999 10/05 Q1009", "metar").ignored == 1
    assert "there is no day and time 239950Z" in faults("EDDM 239950Z 24012KT", "metar")
    assert "there is no day" in faults("EDDM 990000Z 24012KT", "metar")
    assert "write METAR reports" in faults("good morning", "metar")


def test_weather_of_a_forecast():
    found = read(samples.OPEN_METEO)
    now, five, six, seven = found.weather
    assert now.from_utc == utc("23T05:15")  # 06:15 where it is an hour later
    assert now.rain_mm_h == 2.0  # 0.5 mm in a quarter of an hour
    assert now.wind_mps == pytest.approx(5.0)
    assert (five.from_utc, five.until_utc) == (utc("23T05:00"), utc("23T06:00"))
    assert five.rain_mm_h == 2.5  # rain and showers told at six fell since five
    assert five.gust_mps == pytest.approx(20 * 1852 / 3600, abs=0.01)
    assert (five.ice, six.ice, seven.ice) == (False, True, False)
    assert (six.visibility_m, six.snow_cm_h) == (300, 0.7)
    assert (seven.wind_mps, seven.rain_mm_h) == (None, None)
    assert "Open-Meteo" in found.attribution


def test_a_forecast_in_other_units_or_of_an_older_kind():
    old = {
        "latitude": 48, "longitude": 11, "utc_offset_seconds": 0,
        "current_weather": {"time": 1795413600, "temperature": 50.0, "windspeed": 10.0,
                            "winddirection": 90},
        "current_weather_units": {"temperature": "°F", "windspeed": "mp/h", "time": "unixtime"},
    }  # fmt: skip
    (now,) = read(json.dumps([old])).weather
    assert now.from_utc == datetime.fromtimestamp(1795413600, UTC)
    assert (now.temp_c, now.wind_from_deg) == (10, 90)
    assert now.wind_mps == pytest.approx(4.47)
    assert now.rain_mm_h is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"latitude": 98}, "latitude 98"),
        ({"hourly": {"time": ["soon"]}}, "time 'soon'"),
        ({"hourly": {"time": ["2026-11-23T06:00"], "rain": []}}, "hourly.rain"),
        ({"hourly": {"time": 5}}, "hourly.time"),
        ({"hourly": None}, "ask for current or hourly"),
        ({"error": True, "reason": "quota"}, "quota"),
        (
            {"hourly": {"time": ["2026-11-23T06:00"], "windspeed": [5]},
             "hourly_units": {"windspeed": "furlongs"}},
            "furlongs",
        ),
    ],
)  # fmt: skip
def test_a_bad_forecast_is_named(changes, said):
    known = {"latitude": 48, "longitude": 11, "hourly": {"time": ["2026-11-23T06:00"]}}
    assert said in faults(json.dumps({**known, **changes}), "open-meteo")
