"""A leg as a mission: what stands in it, what is refused, what an autopilot makes of it."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from edge.air.airframe import Airframe
from edge.conditions.layers import Layers
from edge.flight.asking import command_of, orders_of
from edge.flight.events import (
    GoHome,
    GoOn,
    LandThere,
    LetDown,
    LetGo,
    PullUp,
    PutOnBoard,
    Start,
)
from edge.flight.plan import UnflyableError, plan_leg
from edge.messages.machines import actuators, orders
from edge.messages.machines.cleared import Cleared
from edge.messages.machines.plans import (
    Climb,
    Cruise,
    Refuge,
    RoundFence,
    TouchDown,
    Via,
)
from edge.planner.travel.air import AirTravel
from firmware_bridge.mavlink.exchange.items import items_of
from firmware_bridge.mavlink.manners import MANNERS
from tests.edge.flight.legs import CORNER, CRUISE_M, DOOR, HOME, leg, site, way

FENCE = (RoundFence(centre=HOME, radius_m=900.0, stay="inside"),)
RALLY = (Refuge(place=CORNER, height_m=30.0),)


def test_a_leg_climbs_cruises_waits_over_the_drop_and_comes_back():
    plan = leg()
    kinds = [type(part) for part in plan.parts]
    assert kinds == [Climb, Cruise, *[Via] * 3, Via, *[Via] * 3, TouchDown]
    assert plan.parts[0].height_m == CRUISE_M
    waits = plan.parts[plan.drop_part]
    assert (waits.place, waits.height_m) == (DOOR, 6.0)
    assert waits.wait_s > 60
    up = plan.parts[plan.home_part]
    assert (up.place, up.height_m, up.wait_s) == (DOOR, CRUISE_M, 0.0)
    assert plan.parts[-1].place == HOME
    assert not plan.back


def test_a_flight_that_lands_has_its_way_back_as_a_mission_of_its_own():
    plan = leg("land")
    assert plan.parts[-1] == TouchDown(place=DOOR)
    assert plan.drop_part == len(plan.parts) - 1
    assert [type(part) for part in plan.back][:2] == [Climb, Cruise]
    assert plan.back[-1] == TouchDown(place=HOME)


def test_in_the_air_there_is_no_climb():
    plan = plan_leg(
        "again",
        "stop-1",
        site(),
        way(CORNER, DOOR, low_m=35.0),
        way(DOOR, HOME),
        cruise_mps=10.0,
        in_air=True,
    )
    assert isinstance(plan.parts[0], Cruise)


@pytest.mark.parametrize(
    ("out", "back", "at", "says"),
    [
        (way(HOME, CORNER), way(DOOR, HOME), site(), "does not lead to the drop"),
        (way(HOME, DOOR), way(CORNER, HOME), site(), "does not lead to the drop"),
        (way(HOME, DOOR)[:2], way(DOOR, HOME), site(), "at least a start"),
        (way(HOME, DOOR, low_m=39.0), way(DOOR, HOME), site(), "no higher"),
        (way(HOME, DOOR), way(DOOR, HOME), replace(site(), hover_m=30.0), "may let go from"),
        (
            way(HOME, DOOR),
            way(DOOR, HOME),
            replace(site("winch"), line_m=0.0),
            "length of line",
        ),
    ],
)
def test_what_is_no_flight_is_refused(out, back, at, says):
    with pytest.raises(UnflyableError, match=says):
        plan_leg("p", "s", at, out, back, cruise_mps=10.0)


@pytest.mark.parametrize("manner", ["ardupilot_copter", "px4_multicopter"])
@pytest.mark.parametrize("how", ["drop", "winch", "land"])
def test_every_part_is_one_that_either_firmware_carries_out(how, manner):
    plan = leg(how)
    for mission in (plan.parts, plan.back):
        items = items_of("mission", mission, MANNERS[manner], HOME)
        assert len(items) >= len(mission)
    assert items_of("fence", FENCE, MANNERS[manner], HOME)
    assert items_of("rally", RALLY, MANNERS[manner], HOME)


def test_the_way_of_the_air_becomes_a_mission():
    frame = Airframe(
        mass_kg=3.8, rotor_area_m2=0.45, drag_area_m2=0.06, battery_j=1.6e6, reserve_j=2e5
    )
    travel = AirTravel(HOME, frame, assumed_wind_mps=3.0)
    utc = datetime(2026, 11, 2, 9, tzinfo=UTC)
    flights = [
        travel.flight(start, end, layers=Layers(), utc=utc)
        for start, end in ((HOME, DOOR), (DOOR, HOME))
    ]
    out, back = (travel.waypoints(flight) for flight in flights)
    plan = plan_leg("p", "s", site(), out, back, cruise_mps=12.0, fence=FENCE, rally=RALLY)
    assert plan.parts[0].height_m == pytest.approx(flights[0].cruise_m)
    assert plan.parts[-1].place.lat_deg == pytest.approx(HOME.lat_deg, abs=1e-7)
    assert (plan.fence, plan.rally) == (FENCE, RALLY)


class TestAsking:
    plan = leg("winch")

    def cleared(self, action):
        command = command_of(action, 5, 10.0)
        assert (command.number, command.issued_s) == (5, 10.0)
        assert 10.0 < command.expires_s <= 10.5
        return Cleared(command=command, cleared_s=10.0)

    @pytest.mark.parametrize(
        ("action", "command", "orders_"),
        [
            (Start(number=1, mission=plan.parts), actuators.FlyPlan, [orders.StartMission]),
            (
                GoOn(number=1, part=4, mission=plan.parts),
                actuators.FlyPlan,
                [orders.GoOnFrom, orders.ChangeMode],
            ),
            (GoHome(number=1), actuators.Return, [orders.ChangeMode]),
            (LandThere(number=1, place=None), actuators.Land, [orders.ChangeMode]),
            (LandThere(number=1, place=DOOR), actuators.Land, [orders.GoTo]),
            (LetGo(number=1, stop_id="s"), actuators.Drop, [orders.Grip]),
            (LetDown(number=1, stop_id="s", length_m=9), actuators.PayOut, [orders.MoveWinch]),
            (PullUp(number=1, length_m=9), actuators.TakeIn, [orders.MoveWinch]),
        ],
    )
    def test_what_moves_is_asked_of_the_guard_first(self, action, command, orders_):
        cleared = self.cleared(action)
        assert type(cleared.command) is command
        made = orders_of(action, cleared, "leg", altitude_m=500.0)
        assert [type(order) for order in made] == orders_
        assert len({order.order_id for order in made}) == len(made)
        with pytest.raises(AssertionError, match="without the guard"):
            orders_of(action, None, "leg")
        other = Cleared(command=actuators.Hold(number=1, issued_s=0, expires_s=1), cleared_s=0)
        with pytest.raises(AssertionError, match="something else"):
            orders_of(action, other, "leg")

    def test_the_fence_is_loaded_before_the_mission(self):
        load = PutOnBoard(number=1, mission=self.plan.parts, fence=FENCE, rally=RALLY)
        assert command_of(load, 1, 0.0) is None
        kinds = [order.kind for order in orders_of(load, None, "leg")]
        assert kinds == ["fence", "rally", "mission"]
