"""What a drone makes of trouble in the air: an occupied pad, a lost Remote ID, a way on."""

from dataclasses import replace

import pytest
from msgspec.structs import replace as with_fields

from edge.config import FlightSection, LandingSite
from edge.flight import events as e
from edge.flight.progress import FlightProgress, Phase
from edge.guard.bounds import Barred
from edge.guard.guard import Guard
from edge.guard.shapes import Round
from edge.guard.truth import WeatherNow
from edge.messages.facts import RemoteIdBack, RemoteIdLost, RemoteIdMeasured
from edge.messages.machines.autopilot import RemoteIdHeard
from edge.pilot.drones.drone import DroneCraft
from edge.pilot.drones.landings import Landings
from edge.pilot.drones.remote_id import RemoteIdWatch
from edge.vehicles import MACHINES
from tests.edge.flight.legs import DOOR, leg
from tests.edge.pilot.test_drone import at, mission, words

DIVERTING = FlightProgress(plan=leg(), phase=Phase.DIVERTING, proven=True, landing=DOOR)
FLYING = with_fields(DIVERTING, phase=Phase.CRUISING, landing=None)


def pad(height_m=0.0):
    site = LandingSite(
        site_id="pad", lat_deg=DOOR.lat_deg, lon_deg=DOOR.lon_deg, height_m=height_m
    )
    return FlightSection(site=(site,))


@pytest.mark.parametrize(
    ("ranges", "height_m", "blocked"),
    [
        ((6.0, 6.0, 6.0, 6.0), 0.0, False),
        ((4.2, 4.2, 4.3, 4.2), 0.0, True),
        ((4.2, 6.0, 4.2, 4.2), 0.0, False),  # it flew over something
        ((4.2, 4.2), 0.0, False),  # it has not looked for long enough
        ((4.2, 4.2, 4.3, 4.2), 1.8, False),  # a roof of that height
    ],
)
def test_a6_a_pad_is_occupied_if_something_is_seen_on_it(ranges, height_m, blocked):
    landings = Landings(pad(height_m))
    now = at(words(ranges=ranges))
    assert landings.blocked(DIVERTING, now) == (frozenset({"pad"}) if blocked else frozenset())
    assert landings.blocked(DIVERTING, at(words(now_s=500.0), now_s=500.0)) == frozenset()


def test_a6_what_stands_below_on_the_way_blocks_nothing():
    low = words(ranges=(4.2, 4.2, 4.2, 4.2))
    assert Landings(pad()).blocked(FLYING, at(low)) == frozenset()


def heard(now_s, said_s):
    said = words(now_s)
    if said_s is not None:
        said.remote_id = RemoteIdHeard(received_s=said_s)
    return at(said, now_s=now_s)


def test_a9_what_is_lost_in_the_air_is_told_once_and_so_is_that_it_is_back():
    watch, told = RemoteIdWatch(needed=True), []
    for tick in range(240):
        now_s = 100.0 + tick / 2
        said_s = min(now_s, 130.0) if now_s < 170.0 else now_s
        told += watch.look(FLYING, heard(now_s, said_s))
    assert [type(one) for one in told] == [RemoteIdLost, RemoteIdBack]
    assert told[0].place == DOOR
    assert told[1].silent_s == 40.0
    landed = with_fields(FLYING, phase=Phase.LANDED)
    assert watch.look(landed, heard(220.0, 220.0)) == (
        RemoteIdMeasured(plan_id=FLYING.plan.plan_id, seconds=120, late=38),
    )
    assert watch.look(landed, heard(221.0, 221.0)) == ()


def test_a9_one_that_comes_and_goes_is_told_once_a_minute():
    watch, lost = RemoteIdWatch(needed=True), 0
    for tick in range(1200):
        now_s = 100.0 + tick / 2
        said_s = now_s - now_s % 10.0 if now_s % 10.0 < 8.0 else now_s
        news = watch.look(FLYING, heard(now_s, said_s))
        lost += sum(isinstance(one, RemoteIdLost) for one in news)
    assert 5 <= lost <= 11
    assert RemoteIdWatch(needed=False).look(FLYING, heard(100.0, None)) == ()


def test_a3_while_the_guard_leads_it_out_it_holds_and_then_looks_for_a_way_on():
    craft = DroneCraft(MACHINES["drone"], FlightSection())
    now = at(day=mission())
    bounds = craft.bounds(FLYING, now)
    shut = replace(bounds, barred=zone_about(bounds))
    calm = WeatherNow(at_s=now.now_s, wind_mps=2.0, wind_from_deg=0.0, gust_mps=3.0)
    stop = Guard(shut).watch(replace(craft.truth(FLYING, now), weather=calm), now.now_s)
    (order,) = craft.vetoed(FLYING, now, stop, None)
    assert (type(order), order.what) == (e.Ordered, "hold")
    held = with_fields(FLYING, phase=Phase.HOLDING, since_s=90.0)
    assert craft.vetoed(held, now, stop, None) == []
    (go,) = craft.stop_orders(stop.cleared[0], "key", now).autopilot
    assert type(go).__name__ == "GoTo"
    assert craft.wanted(held, now) is None  # the guard has only just spoken
    later = at(words(106.0, height_m=60.0), mission(), now_s=106.0)
    on = [craft.wanted(held, later) for _ in range(3)]
    assert [type(one) for one in on] == [e.Rerouted, e.Rerouted, e.Ordered]
    assert on[2].what == "give_up"


def zone_about(bounds):
    return (Barred("Z", Round(bounds.point(DOOR), 80.0), 0.0, 200.0),)
