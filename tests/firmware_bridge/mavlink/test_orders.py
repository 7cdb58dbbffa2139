"""Orders against both manners: what is asked, and what is seen before it counts as done."""

import math

import pytest

from edge.messages.geo import Place
from edge.messages.machines import orders, plans
from edge.messages.machines.autopilot import HomePosition
from firmware_bridge.mavlink.manners import MANNERS, manner_of
from tests.firmware_bridge.mavlink.cable import BAD, GOOD, Cable, Faults
from tests.firmware_bridge.mavlink.scripted import ARDUPILOT, COPTER, HOME, PX4, ROVER, Scripted

FIRMWARES = pytest.mark.parametrize("firmware", [ARDUPILOT, PX4], ids=["ardupilot", "px4"])
DOOR = Place(lat_deg=47.4275, lon_deg=8.556)


def met(firmware=ARDUPILOT, kind=COPTER, *, faults=GOOD, seed=1):
    """A cable whose ends have met, with nothing on board."""
    cable = Cable(Scripted(firmware, kind), faults=faults, seed=seed)
    cable.run(until=lambda c: c.of(HomePosition) and c.session._met.version)
    empty = orders.LoadPlan(order_id="empty", kind="mission", parts=())
    assert cable.order(empty).result == "done"
    cable.run(for_s=3.0)  # past the small talk
    return cable


def asked(far, number):
    return [m for _, m in far.heard if getattr(m, "command", None) == number]


@FIRMWARES
@pytest.mark.parametrize("faults", [GOOD, BAD], ids=["good", "bad"])
def test_a_flight_is_armed_flown_held_and_landed(firmware, faults):
    cable = met(firmware, faults=faults)
    mode = orders.ChangeMode(order_id="g", mode="guided")
    if firmware == ARDUPILOT:
        assert cable.order(mode).result == "done"
    assert cable.order(orders.Arm(order_id="a")).result == "done"
    assert cable.far.armed
    assert cable.order(orders.TakeOff(order_id="t", height_m=20.0)).result == "done"
    assert (
        cable.order(orders.GoTo(order_id="go", place=DOOR, altitude_m=470.0)).result == "done"
    )
    for mode in ("hold", "return", "land"):
        assert cable.order(orders.ChangeMode(order_id=mode, mode=mode)).result == "done"
    assert cable.order(orders.Disarm(order_id="d")).result == "done"
    assert not cable.far.armed


@pytest.mark.parametrize(("firmware", "height_m"), [(ARDUPILOT, 20.0), (PX4, 20.0 + HOME[2])])
def test_the_height_of_a_take_off_is_above_home_or_above_the_sea(firmware, height_m):
    cable = met(firmware)
    cable.order(orders.Arm(order_id="a"))
    assert cable.order(orders.TakeOff(order_id="t", height_m=20.0)).result == "done"
    assert cable.far.took_off_to == pytest.approx(height_m)


def test_a_take_off_needs_motors_that_run_and_a_vehicle_that_flies():
    assert met().order(orders.TakeOff(order_id="t", height_m=5)).why == "it is not armed"
    rover = met(PX4, ROVER).order(orders.TakeOff(order_id="t", height_m=5))
    assert rover.why == "px4_rover stays on the ground"


@FIRMWARES
def test_going_somewhere_is_a_whole_numbered_reposition_above_the_sea(firmware):
    cable = met(firmware)
    cable.order(orders.GoTo(order_id="go", place=DOOR, altitude_m=470.0))
    (message,) = asked(cable.far, 192)
    assert message.get_type() == "COMMAND_INT"
    assert (message.frame, message.param1, message.param2) == (5, -1.0, 1.0)
    assert math.isnan(message.param4)
    assert (message.x, message.y, message.z) == (474275000, 85560000, 470.0)


def test_four_is_guided_on_a_copter_and_hold_on_a_rover():
    assert MANNERS["ardupilot_copter"].told_mode(4) == ("GUIDED", "guided")
    assert MANNERS["ardupilot_rover"].told_mode(4) == ("HOLD", "hold")
    assert MANNERS["px4_rover"].told_mode(4 << 16 | 4 << 24) == ("AUTO.MISSION", "mission")
    assert MANNERS["px4_rover"].told_mode(77) == ("77", "other")


@pytest.mark.parametrize("name", MANNERS)
def test_every_mode_that_is_asked_for_is_understood_when_it_is_reported(name):
    manner = MANNERS[name]
    for mode, custom in manner.modes.items():
        assert manner.told_mode(custom)[1] == mode
        main, sub = manner.mode_params(mode)
        rebuilt = int(main) << 16 | int(sub) << 24 if manner.splits_mode else int(main)
        assert rebuilt == custom
    assert {"hold", "mission", "return"} <= manner.modes.keys()
    assert manner_of(manner.autopilot, min(manner.types)) is manner


def test_what_nobody_can_be_asked_for_is_refused():
    assert (
        "no mode for take_off"
        in met().order(orders.ChangeMode(order_id="m", mode="take_off")).why
    )
    assert (
        "no mode for guided"
        in met(PX4).order(orders.ChangeMode(order_id="m", mode="guided")).why
    )


def test_a_refusal_carries_what_the_autopilot_said():
    cable = met()
    cable.far.refuses.add(400)
    answer = cable.order(orders.Arm(order_id="a"))
    assert (answer.result, answer.why) == ("refused", "command 400: failed (PreArm: no)")


def test_an_acknowledgement_without_an_effect_is_not_done():
    cable = met()
    cable.far.arm = lambda _m: 0
    answer = cable.order(orders.Arm(order_id="a"))
    assert (answer.result, answer.why) == ("unconfirmed", "command 400: accepted, and not seen")


def test_an_effect_without_an_acknowledgement_is_done():
    cable = met()
    cable.far.acknowledge = lambda _m, _result: None
    assert cable.order(orders.Arm(order_id="a")).result == "done"


def test_nobody_answers_is_said_after_some_asking():
    cable = met()
    cable.far.on_command_long = lambda _m: None
    before = len(cable.far.heard)
    answer = cable.order(orders.Arm(order_id="a"))
    assert (answer.result, answer.why) == ("unanswered", "command 400 is not acknowledged")
    counts = [m.confirmation for m in asked(cable.far, 400)]
    assert counts == list(range(8))
    assert len(cable.far.heard) > before


def test_the_same_order_is_answered_again_and_not_done_again():
    cable = met()
    order = orders.Grip(order_id="release", closed=False)
    first = cable.order(order)
    cable.news.clear()
    assert cable.order(order) == first
    assert len([deed for deed in cable.far.deeds if deed[0] == 211]) == 1


def test_a_winch_is_asked_once_and_never_again():
    cable = met()
    cable.faults = Faults(loss=1.0)
    answer = cable.order(orders.MoveWinch(order_id="w", length_m=5.0))
    assert answer.result == "unanswered"
    cable.faults = GOOD
    cable.run(for_s=30.0)
    assert asked(cable.far, 42600) == []


def test_progress_is_waited_for():
    cable = met()
    far = cable.far

    def slowly(message):
        far.acknowledge(message, 5)
        far.slow = message

    far.on_command_long = slowly
    cable.session.send(orders.Grip(order_id="g", closed=True), cable.now_s)
    cable.run(for_s=8.0)
    assert cable.answer("g") is None
    far.acknowledge(far.slow, 0)
    cable.run(for_s=1.0)
    assert cable.answer("g").result == "done"
    assert len(asked(far, 211)) == 1


def test_hold_overtakes_what_runs_and_what_waits():
    cable = met()
    far, answers = cable.far, far_that_arms_never(cable)
    cable.session.send(orders.Arm(order_id="a"), cable.now_s)
    cable.session.send(orders.Grip(order_id="g", closed=False), cable.now_s)
    cable.run(for_s=0.1)
    began_s = cable.now_s
    answer = cable.order(orders.ChangeMode(order_id="h", mode="hold"))
    assert answer.result == "done"
    assert cable.now_s - began_s < 1.5
    assert cable.answer("g").why == "overtaken"
    assert cable.answer("a").result == "unanswered"
    assert asked(far, 211) == []
    assert answers


@pytest.mark.parametrize(
    ("firmware", "kind"), [(ARDUPILOT, ROVER), (PX4, ROVER), (PX4, COPTER)]
)
@pytest.mark.parametrize("overtakes", [False, True])
def test_s4_hold_ends_what_goes_on_also_in_the_mode_of_holding(firmware, kind, overtakes):
    cable = met(firmware, kind)
    assert cable.order(orders.Arm(order_id="a")).result == "done"
    for number in range(3):
        go = orders.GoTo(order_id=f"go{number}", place=DOOR, altitude_m=470.0)
        if overtakes:
            cable.session.send(go, cable.now_s)
        else:
            assert cable.order(go).result == "done"
            assert cable.far.goes
        hold = orders.ChangeMode(order_id=f"h{number}", mode="hold")
        began_s = cable.now_s
        cable.session.send(hold, began_s)
        cable.run(until=lambda c, name=hold.order_id: c.answer(name), for_s=5.0)
        assert cable.answer(hold.order_id).result == "done"
        assert cable.now_s - began_s < 1.5
        assert not cable.far.goes


def test_s4_a_hold_that_is_lost_is_said_again_though_another_word_was_heard():
    cable = met(PX4, ROVER)
    assert cable.order(orders.Arm(order_id="a")).result == "done"
    handle, lost = cable.far.on_command_long, []

    def handler(message):
        if message.command == 192 and not lost:
            lost.append(message)
        else:
            handle(message)

    go = orders.GoTo(order_id="go", place=DOOR, altitude_m=470.0)
    assert cable.order(go).result == "done"
    cable.far.on_command_long = handler
    again = orders.GoTo(order_id="again", place=DOOR, altitude_m=471.0)
    cable.session.send(again, cable.now_s)  # its acknowledgement comes to the hold
    answer = cable.order(orders.ChangeMode(order_id="h", mode="hold"))
    assert lost
    assert answer.result == "done"
    assert not cable.far.goes


def far_that_arms_never(cable):
    handle, seen = cable.far.on_command_long, []

    def handler(message):
        seen.append(message.command)
        if message.command != 400:
            handle(message)

    cable.far.on_command_long = handler
    return seen


def test_more_orders_than_can_wait_are_refused():
    cable = met()
    far_that_arms_never(cable)
    for number in range(30):
        cable.session.send(orders.Arm(order_id=str(number)), cable.now_s)
    cable.run(for_s=0.1)
    refused = [
        answer for answer in cable.of(orders.OrderAnswer) if "wait already" in answer.why
    ]
    assert len(refused) == 30 - 17


def test_a_start_of_the_autopilot_ends_a_command_under_way():
    cable = met()
    cable.far.on_command_long = lambda _m: None
    cable.session.send(orders.Arm(order_id="a"), cable.now_s)
    cable.run(for_s=0.5)
    del cable.far.on_command_long
    cable.far.start(cable.now_s)
    cable.run(for_s=20.0)
    assert cable.answer("a").result in ("unanswered", "done")
    assert cable.answer("a").result == "unanswered" or cable.far.armed


def test_before_anybody_is_there_every_order_is_refused():
    cable = Cable(Scripted())
    answer = cable.session.send(orders.Arm(order_id="a"), 0.0)
    assert answer is None
    (news,) = cable.session.wake(0.0)
    assert news.why == "there is no autopilot that we know"


def flown(cable, firmware):
    """The orders of a flight, one by one, each given whatever came of the one before."""
    parts = (
        plans.Climb(height_m=20.0),
        *(plans.Via(place=DOOR, height_m=20.0) for _ in range(3)),
        plans.Release(),
        plans.GoHome(),
    )
    guided = orders.ChangeMode(
        order_id="guided", mode="guided" if firmware == ARDUPILOT else "hold"
    )
    return parts, (
        orders.LoadPlan(order_id="load", kind="mission", parts=parts),
        guided,
        orders.Arm(order_id="arm"),
        orders.TakeOff(order_id="up", height_m=20.0),
        orders.StartMission(order_id="start"),
        orders.GoOnFrom(order_id="on", part=2),
        orders.Grip(order_id="grip", closed=False),
        orders.ChangeMode(order_id="return", mode="return"),
        orders.Disarm(order_id="disarm"),
    )


@FIRMWARES
@pytest.mark.parametrize("step", range(9))
@pytest.mark.parametrize("late_s", [0.0, 0.03, 0.3])
def test_a10_a_start_at_any_step_of_a_flight_is_noticed_and_nothing_goes_on_by_itself(
    firmware, step, late_s
):
    cable = met(firmware)
    parts, flight = flown(cable, firmware)
    for order in flight[:step]:
        cable.order(order)
    cable.session.send(flight[step], cable.now_s)
    cable.run(for_s=late_s)
    cable.far.start(cable.now_s)
    deeds = len(cable.far.deeds)
    cable.run(until=lambda c: c.answer(flight[step].order_id), for_s=300.0)
    assert cable.answer(flight[step].order_id), "an order without an end"
    cable.run(for_s=30.0)
    assert not cable.far.armed
    moving = {400, 22, 300, 224, 192, 176}
    again = [deed for deed in cable.far.deeds[deeds:] if deed[0] in moving]
    assert all(deed[0] == asked_by(flight[step]) for deed in again)
    # Only what is proven again may be flown again.
    go_on = cable.order(orders.StartMission(order_id="again"))
    if go_on.result == "refused":
        assert cable.order(
            orders.CheckPlan(order_id="check", kind="mission", parts=parts)
        ).result in ("done", "refused")
    else:
        assert isinstance(flight[step], orders.LoadPlan)


def asked_by(order):
    numbers = {"arm": 400, "disarm": 400, "up": 22, "start": 300, "on": 224, "grip": 211}
    return numbers.get(order.order_id, 176)
