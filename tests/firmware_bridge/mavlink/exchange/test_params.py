import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.messages.machines import orders
from edge.messages.machines.orders import WantedParameter
from firmware_bridge.mavlink.exchange.exchange import Line
from firmware_bridge.mavlink.exchange.numbers import float_of, problems_of, value_of
from firmware_bridge.mavlink.exchange.pace import Pace
from firmware_bridge.mavlink.exchange.params import ReadingAll
from firmware_bridge.mavlink.wire.dialect import mavlink
from tests.firmware_bridge.mavlink.cable import BAD, GOOD, Cable
from tests.firmware_bridge.mavlink.scripted import ARDUPILOT, PX4, Scripted


def told(value, kind):
    return mavlink.MAVLink_param_value_message(b"X", value, kind, 1, 0)


def test_one_is_one_for_ardupilot_and_a_tiny_float_for_px4():
    tiny = struct.unpack("<f", struct.pack("<i", 1))[0]
    assert value_of(told(1.0, 5), is_bytewise=False) == 1
    assert value_of(told(tiny, 6), is_bytewise=True) == 1
    assert value_of(told(2.5, 9), is_bytewise=True) == 2.5
    assert tiny == pytest.approx(1.4e-45)


@given(value=st.integers(-(2**22), 2**23), is_bytewise=st.booleans())
def test_whole_numbers_come_back_in_both_encodings(value, is_bytewise):
    raw = float_of(value, 6, is_bytewise=is_bytewise)
    assert value_of(told(raw, 6), is_bytewise=is_bytewise) == value


def test_a_number_that_does_not_fit_is_named():
    with pytest.raises(ValueError, match="300 does not fit a parameter of type 1"):
        float_of(300, 1, is_bytewise=True)


WANTED = WantedParameter(names=("NEW", "OLD"), one_of=(2, 3), why="it only warns")


@pytest.mark.parametrize(
    ("values", "problems"),
    [
        ({"NEW": 2}, ()),
        ({"OLD": 3}, ()),
        ({"NEW": 0, "OLD": 3}, ("NEW is 0: it only warns; set it to 2 or 3",)),
        ({}, ("NEW does not come, or is not known to it: it only warns",)),
    ],
)
def test_a_problem_says_what_is_wrong_and_how_to_set_it(values, problems):
    assert problems_of([WANTED], values) == problems


def test_bounds_and_what_need_not_be_there():
    between = WantedParameter(names=("A",), least=1, most=5, why="x", needed=False)
    assert problems_of([between], {}) == ()
    assert problems_of([between], {"A": 5}) == ()
    assert problems_of([between], {"A": 9}) == (
        "A is 9: x; set it to at least 1 and at most 5",
    )


def test_a_bound_that_went_through_a_float_still_fits():
    radius = WantedParameter(names=("WP_RADIUS",), most=0.6, why="x")
    assert (
        problems_of([radius], {"WP_RADIUS": struct.unpack("<f", struct.pack("<f", 0.6))[0]})
        == ()
    )


def met(firmware, faults=GOOD):
    return Cable(Scripted(firmware), faults=faults).run(until=lambda c: c.session._met.version)


@pytest.mark.parametrize("faults", [GOOD, BAD], ids=["good", "bad"])
@pytest.mark.parametrize(
    ("firmware", "problem"),
    [
        (ARDUPILOT, "FENCE_ENABLE is 0: the fence is switched off; set it to 1"),
        (PX4, "COM_LOW_BAT_ACT is 0: a low battery is only announced; set it to 2 or 3"),
    ],
    ids=["ardupilot", "px4"],
)
def test_failsafes_are_read_and_judged_the_manners_way(firmware, problem, faults):
    cable = met(firmware, faults)
    answer = cable.order(orders.CheckParameters(order_id="check"))
    assert (answer.result, answer.problems) == ("done", (problem,))
    name, _, cure = problem.partition(" ")[0], None, int(problem[-1])
    assert (
        cable.order(orders.SetParameter(order_id="s", name=name, value=cure)).result == "done"
    )
    assert cable.far.params[name][0] == cure
    assert cable.order(orders.CheckParameters(order_id="again")).problems == ()


def test_the_name_of_before_is_tried_too():
    cable = met(PX4)
    wanted = (WantedParameter(names=("MAV_NEW_ID", "MAV_SYS_ID"), one_of=(1,), why="x"),)
    answer = cable.order(orders.CheckParameters(order_id="c", wanted=wanted))
    assert (answer.result, answer.problems) == ("done", ())


def test_a_parameter_that_stays_or_is_not_there_is_refused():
    cable = met(ARDUPILOT)
    cable.far.refuses.add("FENCE_ENABLE")
    stays = cable.order(orders.SetParameter(order_id="s", name="FENCE_ENABLE", value=1))
    assert (stays.result, stays.why) == ("refused", "FENCE_ENABLE stays 0")
    absent = cable.order(orders.SetParameter(order_id="a", name="NO_SUCH", value=1))
    assert absent.why == "NO_SUCH is not known to it"


def test_px4_keeps_a_negative_number_whole():
    cable = met(PX4)
    order = orders.SetParameter(order_id="s", name="NEGATIVE", value=-300)
    assert cable.order(order).result == "done"
    assert cable.far.params["NEGATIVE"] == (-300, 6)


def test_all_are_read_though_many_are_lost():
    said = []
    line = Line(1, 1, lambda message, _now_s: said.append(message), Pace(0.5))
    reading = ReadingAll(line, is_bytewise=False)
    reading.begin(0.0)
    value = mavlink.MAVLink_param_value_message
    for index in range(0, 100, 3):
        reading.take(value(f"P{index}".encode(), index, 9, 100, index), 0.5)
    now_s = 0.5
    while reading.ended is None:
        now_s = reading.wake_at_s
        said.clear()
        reading.wake(now_s)
        for asked in said[::2]:
            told = value(f"P{asked.param_index}".encode(), 1.0, 9, 100, asked.param_index)
            reading.take(told, now_s)
    assert reading.ended.result == "done"
    assert len(reading.values) == 100


def test_a_list_that_never_comes_ends():
    line = Line(1, 1, lambda _message, _now_s: None, Pace(0.5))
    reading = ReadingAll(line, is_bytewise=False)
    reading.begin(0.0)
    while reading.ended is None:
        reading.wake(reading.wake_at_s)
    assert reading.ended.why == "no parameter comes"
