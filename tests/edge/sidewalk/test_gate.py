"""Why a robot does not set out: every reason at once, and unknown is one."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace as changed

from edge.messages.conditions import Weather
from edge.sidewalk.gate import Pavement, Readiness, WeatherHold, look
from edge.sidewalk.progress import Seen
from edge.vehicles import MACHINES
from edge.vehicles.jurisdictions import JURISDICTIONS

MORNING = datetime(2026, 11, 2, 8, tzinfo=UTC)
FIGURES = MACHINES["robot"].machine.weather
SHUT = Seen(
    now_s=10.0,
    speed_mps=0.0,
    lid="closed",
    locks=(("1", "locked"),),
    doors=(("1", False),),
)
READY = Pavement(
    seen=SHUT,
    jurisdiction=JURISDICTIONS["by_daylight"],
    dark=False,
    people_seen=True,
    feels=True,
)
FINE = Weather(
    from_utc=MORNING,
    until_utc=MORNING,
    wind_mps=2.0,
    gust_mps=3.0,
    rain_mm_h=0.0,
    visibility_m=5000.0,
    temp_c=10.0,
    ice=False,
)
WELL = Readiness(
    now_s=10.0,
    weather=FINE,
    needed_j=4e5,
    left_j=3e6,
    needs_remote_id=False,
    station=True,
    autopilot=True,
    can_arm=True,
    parameters_read=True,
    satellites=12,
    accuracy_m=2.0,
    landed=True,
)


def reasons(ready=WELL, pavement=READY):
    found, _ = look(ready, pavement, FIGURES, WeatherHold())
    return list(found)


def test_s8_with_everything_well_it_sets_out():
    assert reasons() == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"dark": True}, "it is dark, and by_daylight allows daylight only"),
        ({"dark": None}, "whether it is dark is not known"),
        ({"people_seen": False}, "it does not see whether people are near"),
        ({"feels": False}, "it does not feel whether somebody lifts it"),
        (
            {"seen": replace(SHUT, lid="open")},
            "the lid is open, or a compartment is not locked",
        ),
        (
            {"seen": replace(SHUT, locks=())},
            "the controller does not say how lid and bolts are",
        ),
        ({"seen": replace(SHUT, harmed="it was lifted")}, "it was lifted"),
        ({"seen": replace(SHUT, speed_mps=0.4)}, "it is not known to stand"),
        ({"seen": replace(SHUT, speed_mps=None)}, "it is not known to stand"),
    ],
)
def test_s8_each_thing_that_lacks_is_named(change, says):
    assert reasons(pavement=replace(READY, **change)) == [says]


@pytest.mark.parametrize(
    ("weather", "says"),
    [
        ({"ice": True}, "there is ice in the air"),
        ({"ice": None}, "whether there is ice is not known"),
        ({"temp_c": -16.0}, "temperature -16 °C, at least -15 allowed"),
    ],
)
def test_s8_ice_and_frost_hold_it(weather, says):
    ready = replace(WELL, weather=changed(FINE, **weather))
    assert reasons(ready) == [says]


def test_s8_a_battery_that_does_not_do_for_leg_and_reserve_holds_it():
    assert reasons(replace(WELL, left_j=3.5e5)) == [
        "the battery lacks 50 kJ for the flight and its reserve"
    ]


def test_where_darkness_is_no_matter_it_is_not_asked_for():
    anywhere = replace(READY, jurisdiction=JURISDICTIONS["6_mph"], dark=None)
    assert reasons(pavement=anywhere) == []
