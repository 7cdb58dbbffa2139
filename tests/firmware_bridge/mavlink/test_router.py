from firmware_bridge.mavlink.router import GroundSession, Passed, Router
from firmware_bridge.mavlink.session import MavlinkSession
from firmware_bridge.mavlink.wire.dialect import mavlink
from tests.firmware_bridge.mavlink.speak import heard, heartbeat, said, speaker


def ends(**limits):
    router = Router(**limits)
    return MavlinkSession(0.0, router=router), GroundSession(router)


def passed(news):
    return [one for one in news if isinstance(one, Passed)]


def operator(mode=0):
    return heartbeat(kind=6, autopilot=8, custom_mode=mode)


def test_the_ground_sees_the_autopilot_and_the_autopilot_the_ground():
    session, ground = ends()
    beat = said(speaker(), heartbeat())
    (up,) = passed(session.receive(beat, 0.0))
    ground.send(up, 0.0)
    assert ground.outgoing() == beat
    asking = said(speaker(255, 190), operator())
    (down,) = ground.receive(asking, 0.1)
    session.send(down, 0.1)
    assert asking in session.outgoing()


def test_a_frame_that_comes_round_goes_no_further():
    session, ground = ends()
    beat, asking = said(speaker(), heartbeat()), said(speaker(255, 190), operator())
    assert len(passed(session.receive(beat, 0.0))) == 1
    assert ground.receive(beat, 0.1) == []  # the ground sends back what it got
    assert len(ground.receive(asking, 0.2)) == 1
    assert passed(session.receive(asking, 0.3)) == []  # and so does the autopilot's side
    assert passed(session.receive(beat, 0.4)) == []


def test_nobody_on_the_ground_speaks_for_the_autopilot_or_for_us():
    session, ground = ends()
    session.receive(said(speaker(), heartbeat()), 0.0)
    mav = speaker()
    mav.seq = 99
    assert ground.receive(said(mav, heartbeat(custom_mode=4)), 0.1) == []
    assert ground.receive(said(speaker(1, 191), heartbeat()), 0.1) == []


def test_a_signing_key_is_never_passed_on():
    session, ground = ends()
    session.receive(said(speaker(), heartbeat()), 0.0)
    key = mavlink.MAVLink_setup_signing_message(1, 1, [7] * 32, 0)
    assert ground.receive(said(speaker(255, 190), key), 0.0) == []
    mav = speaker()
    assert passed(session.receive(said(mav, key), 0.0)) == []


def test_the_ground_cannot_fill_the_autopilots_link():
    _, ground = ends(bytes_per_s=500)
    mav = speaker(255, 190)
    through = sum(
        len(one.raw)
        for n in range(1000)
        for one in ground.receive(said(mav, operator(n)), n / 100)
    )
    assert 4500 <= through <= 5600


def test_what_the_ground_does_not_take_is_bounded():
    _, ground = ends()
    frame = Passed(said(speaker(), heartbeat()))
    for _ in range(10_000):
        ground.send(frame, 0.0)
    pieces = []
    while piece := ground.outgoing():
        pieces.append(piece)
    assert sum(map(len, pieces)) <= 65_536
    assert max(map(len, pieces)) <= 1400


def test_with_a_ground_station_its_streams_are_left_alone():
    mav, session = speaker(), MavlinkSession(0.0, router=Router())
    now_s = 0.0
    asked = []
    while now_s < 30:
        session.receive(said(mav, heartbeat()) + said(mav, fast(now_s)), now_s)
        session.wake(now_s)
        asked += [m for m in heard(session.outgoing()) if getattr(m, "command", 0) == 511]
        now_s += 0.1
    assert asked
    assert all(m.param2 > 0 for m in asked)


def fast(now_s):
    return mavlink.MAVLink_vfr_hud_message(now_s, 0, 0, 0, 0, 0)
