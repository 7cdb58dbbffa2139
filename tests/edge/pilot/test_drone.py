"""What a drone's craft makes of words, mission and the guard's answers."""

from datetime import UTC, datetime

import msgspec
import pytest
from msgspec.structs import replace

from edge.config import FlightSection
from edge.executor.mission.progress import Mission, ParcelProgress, Progress
from edge.executor.mission.progress import Phase as Day
from edge.flight import events as e
from edge.flight.progress import FlightProgress, Phase
from edge.guard.guard import Guard
from edge.messages.machines.autopilot import (
    AutopilotPresence,
    AutopilotState,
    BatteryReading,
    RangeBelow,
    VehicleMotion,
)
from edge.messages.machines.cleared import SafeStop
from edge.messages.parcels import Parcel
from edge.messages.routes import DropManner, Route, Stop
from edge.messages.state import VehicleState
from edge.pilot.craft import Arrived, HandedOver, NotHandedOver, Situation
from edge.pilot.drones.airways import site_of
from edge.pilot.drones.drone import DroneCraft
from edge.pilot.drones.hazards import Hazards
from edge.pilot.drones.readiness import below_clear, truth_of
from edge.pilot.words import Words
from edge.vehicles import MACHINES
from tests.edge.flight.legs import DOOR, HOME, leg

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SECTION = FlightSection()
FLYING = FlightProgress(plan=leg(), phase=Phase.CLEARING, proven=True)


def words(now_s=100.0, *, height_m=6.0, ranges=(6.0, 6.0, 6.0, 6.0), landed="in_air", **motion):
    said = Words()
    said.hear(AutopilotPresence(received_s=1.0, present=True, system=1, manner="px4"))
    motion = {"lat_deg": DOOR.lat_deg, "lon_deg": DOOR.lon_deg, "up_mps": 0.0} | motion
    moves = VehicleMotion(
        received_s=now_s, altitude_m=height_m, height_m=height_m, east_mps=0.0, north_mps=0.0,
        **motion,
    )  # fmt: skip
    said.hear(moves)
    said.hear(
        AutopilotState(
            received_s=now_s, mode="hold", mode_name="", armed=True, failsafe=False,
            landed=landed,
        )
    )  # fmt: skip
    for number, distance_m in enumerate(reversed(ranges)):
        said.hear(RangeBelow(received_s=now_s - 0.5 * number, distance_m=distance_m))
    said.hear(BatteryReading(received_s=now_s, battery=0, remaining_frac=0.8))
    said.position = VehicleState(
        at_s=now_s, fix="gnss", place=DOOR, accuracy_m=1.5, speed_mps=0.0
    )
    return said


def mission(phase=Day.AT_STOP, stop_id="stop-1", **parcel):
    stops = (
        Stop(stop_id="stop-1", place=DOOR, parcels=("P1",)),
        Stop(stop_id="load:2", kind="pickup", place=HOME, parcels=("P2",)),
        Stop(stop_id="stop-2", place=DOOR, parcels=("P2",)),
    )
    route = Route(
        route_id="R", revision=1, vehicle="d", station=HOME, departs_utc=NOW,
        returns_by_utc=NOW, stops=stops,
        parcels=(Parcel(parcel_id="P1", weight_kg=1.2), Parcel(parcel_id="P2", weight_kg=0.4)),
    )  # fmt: skip
    parcels = {
        "P1": ParcelProgress(loaded=True, **parcel),
        "P2": ParcelProgress(by_pickup=True),
    }
    at = Progress(phase=phase, route_id="R", revision=1, stop_id=stop_id, parcels=parcels)
    return Mission(route, at)


def at(said=None, day=None, now_s=100.0):
    return Situation(now_s=now_s, utc=NOW, words=said or words(now_s), mission=day or mission())


@pytest.fixture
def craft():
    return DroneCraft(MACHINES["drone"], SECTION)


@pytest.mark.parametrize(
    ("ranges", "clear"),
    [
        ((6.0, 6.0, 6.0, 6.0), True),
        ((6.5, 6.4, 5.5, 6.0), True),
        ((6.0, 4.2, 6.0, 6.0), False),  # somebody walked through
        ((6.0, None, 6.0, 6.0), None),
        ((6.0, 6.0), None),  # it has not looked for long enough
        ((), None),
    ],
)
def test_a8_below_is_clear_only_if_it_was_seen_to_be_for_two_seconds(ranges, clear):
    assert below_clear(FLYING, at(words(ranges=ranges))) is clear
    check = truth_of(FLYING, at(words(ranges=ranges)), SECTION).clear_check
    assert (check.clear if check else None) is clear


def test_a8_an_old_look_says_nothing():
    said = words(100.0)
    assert below_clear(FLYING, at(said, now_s=102.5)) is None


def test_unknown_stays_unknown_for_the_guard():
    truth = truth_of(FLYING, at(Words()), SECTION)
    assert truth.whereabouts is truth.charge is truth.parts is truth.remote_id_s is None
    said = words()
    said.hear(BatteryReading(received_s=100.0, battery=1))
    truth = truth_of(FLYING, at(said), SECTION)
    assert truth.charge is None
    assert truth.whereabouts.accuracy_m == 1.5
    assert truth.payload_kg == 1.2


def test_receiver_and_autopilot_that_disagree_are_in_doubt():
    said = words()
    said.position = replace(said.position, place=HOME)
    assert "apart" in truth_of(FLYING, at(said), SECTION).whereabouts.doubtful


@pytest.mark.parametrize(
    ("phase", "parcel", "gives_up", "day", "told"),
    [
        (Phase.CRUISING, "on_board", "", Day.UNDERWAY, None),
        (Phase.RELEASING, "letting_go", "", Day.UNDERWAY, Arrived),
        (Phase.RELEASING, "letting_go", "", Day.AT_STOP, None),
        (Phase.RESUMING, "gone", "", Day.UNDERWAY, Arrived),
        (Phase.RESUMING, "gone", "", Day.AT_STOP, HandedOver),
        (Phase.RETURNING, "on_board", "not clear", Day.UNDERWAY, NotHandedOver),
        (Phase.RETURNING, "unknown", "", Day.AT_STOP, NotHandedOver),
    ],
)
def test_the_mission_is_told_what_became_of_the_parcel(
    craft, phase, parcel, gives_up, day, told
):
    progress = FlightProgress(plan=leg(), phase=phase, parcel=parcel, gives_up=gives_up)
    reports = craft.reports(progress, at(day=mission(day)))
    assert [type(report) for report in reports] == ([told] if told else [])


def test_it_is_back_only_where_people_load_it(craft):
    landed = FlightProgress(plan=leg(), phase=Phase.LANDED, parcel="gone")
    day = mission(Day.UNDERWAY, "load:2", outcome=None)
    home = words(height_m=0.0, landed="on_ground", lat_deg=HOME.lat_deg, lon_deg=HOME.lon_deg)
    home.hear(msgspec.structs.replace(home.state, armed=False))
    assert craft.reports(landed, at(home, day)) == (Arrived("load:2"),)
    away = words(height_m=0.0, landed="on_ground")
    away.hear(msgspec.structs.replace(away.state, armed=False))
    assert craft.reports(landed, at(away, day)) == ()
    assert craft.reports(landed, at(home, mission(Day.RETURNING, None))) == (Arrived(None),)


def test_a_stop_that_is_not_wanted_any_more_ends_the_flight_there(craft):
    progress = FlightProgress(plan=leg(), phase=Phase.CRUISING, proven=True)
    wanted = craft.wanted(progress, at(day=mission(Day.UNDERWAY, "load:2")))
    assert isinstance(wanted, e.Ordered)
    assert wanted.what == "give_up"


def test_what_the_guard_orders_instead_is_what_was_asked_for(craft):
    diverting = FlightProgress(plan=leg(), phase=Phase.DIVERTING, asked=7, waits=True)
    guard = Guard(craft.bounds(diverting, at()))
    stop = guard.watch(truth_of(diverting, at(Words()), SECTION), 100.0)
    assert isinstance(stop, SafeStop)
    (answer,) = craft.vetoed(diverting, at(), stop, 7)
    assert (type(answer), answer.done) == (e.Answered, True)
    order, *_ = craft.vetoed(replace(diverting, phase=Phase.CRUISING), at(), stop, None)
    assert (type(order), order.what) == (e.Ordered, "land")


@pytest.mark.parametrize("how", ["lid", "winch"])
def test_a_manner_that_it_cannot_is_refused(how):
    stop = Stop(stop_id="S", place=DOOR, manner=DropManner(how=how))
    assert isinstance(site_of(stop, SECTION), str)


def test_a11_a_fall_is_told_once():
    hazards, figures = Hazards(MACHINES["drone"].machine), []
    for up_mps in (0.0, -1.5, -7.0, -12.0):
        figures += hazards.look(FLYING, at(words(height_m=30.0, up_mps=up_mps)))
    assert [hazard.what for hazard in figures] == ["strike"]


def test_a11_an_autopilot_that_starts_anew_in_the_air_is_a_loss_there():
    hazards = Hazards(MACHINES["drone"].machine)
    assert hazards.look(FLYING, at(words(height_m=40.0))) == ()
    hazards.began_anew()
    (hazard,) = hazards.look(FLYING, at(Words()))
    assert (hazard.what, hazard.place, hazard.height_m) == ("lost_in_flight", DOOR, 40.0)
    standing = Hazards(MACHINES["drone"].machine)
    standing.began_anew()
    assert standing.look(FLYING, at(Words())) == ()
