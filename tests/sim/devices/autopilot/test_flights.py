"""Whole flights and drives: what a mission asks for is done, and what goes wrong ends well."""

import math

import pytest
from pymavlink.dialects.v20 import ardupilotmega as mavlink

from tests.sim.devices.autopilot.peer import (
    ALL_FOUR,
    LAND,
    RETURN,
    TAKE_OFF,
    Peer,
    item,
)

KINDS = pytest.mark.parametrize(("kind", "manner"), ALL_FOUR)
BOTH = pytest.mark.parametrize("manner", ["ardupilot", "px4"])


def start(peer, plan):
    """Upload and start from the ground."""
    peer.quiet()
    assert peer.upload([item(), *plan] if peer.manner == "ardupilot" else plan) == 0
    if peer.manner == "ardupilot":
        assert peer.mode("guided") == 0
        assert peer.command(400, 1) == 0
    assert peer.command(300) == 0
    return peer


def disarmed(peer, within_s):
    return peer.run(within_s, lambda: not peer.craft.armed)


@BOTH
def test_a_delivery_by_air(manner):
    peer = Peer(manner=manner, payload_kg=1.5, wind_mps=6.0, wind_from_deg=250.0).ready()
    start(
        peer,
        [
            item(TAKE_OFF, z=25),
            item(178, p=(1, 9, 0, 0), frame=2),
            item(north_m=180, z=25),
            item(LAND, north_m=180),
            item(211, p=(1, 0, 0, 0), frame=2),
            item(93, p=(3, -1, -1, -1), frame=2),
            item(TAKE_OFF, north_m=180, z=25),
            item(RETURN, frame=2),
        ],
    )
    assert peer.run(120.0, lambda: peer.craft.payload.is_open)
    assert peer.body.up_m == 0.0
    assert peer.body.north_m == pytest.approx(180.0, abs=3.0)
    assert peer.autopilot.plant.machine.payload_kg == 0.0
    assert peer.craft.armed
    assert disarmed(peer, 200.0)
    assert math.hypot(peer.body.north_m, peer.body.east_m) < 3.0
    assert not peer.body.crashed
    first = 1 if manner == "ardupilot" else 0
    reached = [m.seq for m in peer.of("MISSION_ITEM_REACHED")]
    assert {first, first + 2, first + 3, first + 6} <= set(reached)
    current = [m.seq for m in peer.of("MISSION_CURRENT")]
    assert current == sorted(current) or manner == "px4"
    assert peer.autopilot.plant.machine.battery.left_frac < 0.98


def test_payload_place_comes_down_lets_go_and_climbs():
    peer = Peer(payload_kg=1.0).ready()
    start(
        peer,
        [item(TAKE_OFF, z=20), item(94, north_m=40, z=0), item(RETURN, frame=2)],
    )
    assert peer.run(90.0, lambda: peer.craft.payload.is_open)
    assert peer.body.up_m == 0.0
    assert peer.run(30.0, lambda: peer.body.up_m > 15.0)
    assert disarmed(peer, 120.0)
    assert not peer.body.crashed


def test_a_rover_drives_past_what_it_cannot_do():
    peer = Peer("rover", payload_kg=2.0).ready()
    start(peer, [item(TAKE_OFF, z=20), item(94, north_m=40), item(north_m=15)])
    assert peer.run(60.0, lambda: "Mission Complete" in peer.texts())
    assert peer.body.up_m == 0.0
    assert not peer.craft.payload.is_open
    assert peer.autopilot.plant.machine.payload_kg == 2.0


@BOTH
def test_a_winch_in_the_air_and_a_wait(manner):
    peer = Peer(manner=manner).ready()
    down = item(42600, p=(1, 1, 8.0, 0), frame=2)
    up = item(42600, p=(1, 3, 0.0, 0), frame=2)
    start(peer, [item(TAKE_OFF, z=12), down, item(19, z=12, p=(10, 0, 0, 0)), up, item(LAND)])
    assert peer.run(60.0, lambda: peer.craft.payload.line_m == 8.0)
    assert peer.body.up_m > 10.0
    assert disarmed(peer, 90.0)
    assert peer.craft.payload.line_m == 0.0


@KINDS
def test_jumps_are_made_as_often_as_asked(kind, manner):
    peer = Peer(kind, manner).ready()
    plan = [item(TAKE_OFF, z=8)] if kind == "copter" else []
    at = len(plan) + (manner == "ardupilot")
    z = 8 if kind == "copter" else 0
    plan += [
        item(north_m=12, z=z),
        item(north_m=12, east_m=12, z=z),
        item(177, p=(at, 2, 0, 0), frame=2),
    ]
    start(peer, plan)
    done = "Mission Complete" if manner == "ardupilot" else "Mission finished"
    assert peer.run(200.0, lambda: done in peer.texts())
    reached = [m.seq for m in peer.of("MISSION_ITEM_REACHED")]
    assert reached.count(at) == 3


@BOTH
def test_a_mission_of_jumps_alone_hangs_nobody(manner):
    peer = Peer(manner=manner).ready().up()
    first = int(manner == "ardupilot")
    plan = [item()] * first + [item(177, p=(first, -1, 0, 0), frame=2)]
    assert peer.upload(plan) == 0
    peer.mode("mission")
    peer.run(5.0)
    assert peer.body.up_m > 8.0


def test_auto_on_the_ground_waits_for_its_start():
    peer = Peer().ready()
    assert peer.upload([item(), item(TAKE_OFF, z=8), item(LAND)]) == 0
    peer.mode("guided")
    assert peer.command(400, 1) == 0
    assert peer.mode("mission") == 0
    peer.run(5.0)
    assert peer.body.up_m == 0.0
    assert peer.command(300) == 0
    peer.run(8.0)
    assert peer.body.up_m > 6.0


@BOTH
def test_a_copter_that_nobody_uses_disarms(manner):
    peer = Peer(manner=manner).ready()
    if manner == "ardupilot":
        peer.mode("guided")
    assert peer.command(400, 1) == 0
    peer.run(9.0)
    assert peer.craft.armed
    peer.run(2.0)
    assert not peer.craft.armed


def test_landed_states_in_order():
    peer = Peer(manner="px4").ready()
    peer.command(511, 245, 100_000)
    peer.up(6.0)
    assert peer.mode("land") == 0
    assert disarmed(peer, 30.0)
    peer.run(1.0)
    states = [m.landed_state for m in peer.of("EXTENDED_SYS_STATE")]
    order = [s for n, s in enumerate(states) if n == 0 or states[n - 1] != s]
    assert order == [1, 3, 2, 4, 1]


def test_setpoints_outside_guided_are_passed_over_and_velocity_expires():
    peer = Peer().ready().up()

    def push(mask=0xDC7, frame=1, vn=3.0):
        peer.say(
            mavlink.MAVLink_set_position_target_local_ned_message(
                0, 1, 1, frame, mask, 0, 0, 0, vn, 0, 0, 0, 0, 0, 0, 0
            )
        )

    push()
    peer.run(2.5)
    assert peer.body.velocity_enu_mps[1] == pytest.approx(3.0, abs=0.5)
    peer.run(4.0)
    assert abs(peer.body.velocity_enu_mps[1]) < 0.5
    push()
    peer.run(2.0)
    push(frame=99)
    peer.run(2.5)
    assert abs(peer.body.velocity_enu_mps[1]) < 0.6
    assert peer.mode("hold") == 0
    push()
    peer.run(2.0)
    assert abs(peer.body.velocity_enu_mps[1]) < 0.5


@pytest.mark.parametrize(("frame", "z"), [(5, 503.0), (6, 15.0), (11, 15.0)])
@BOTH
def test_global_targets_lead_there(manner, frame, z):
    peer = Peer(manner=manner).ready().up(8.0)
    x, y = item(north_m=12.0)[3:5]

    def aim():
        peer.say(
            mavlink.MAVLink_set_position_target_global_int_message(
                0, 1, 1, frame, 0xDF8, x, y, z, 0, 0, 0, 0, 0, 0, 0, 0
            )
        )

    aim()
    assert manner == "ardupilot" or peer.mode("offboard") == 0
    for _ in range(60):
        aim()
        peer.run(0.25)
    assert peer.body.north_m == pytest.approx(12.0, abs=2.0)
    assert peer.body.up_m == pytest.approx(15.0, abs=1.2)
