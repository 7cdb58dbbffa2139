import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import RefusedError
from edge.messages.geo import Place
from edge.messages.machines import plans
from firmware_bridge.mavlink.exchange.items import (
    GLOBAL,
    RELATIVE,
    Item,
    differences,
    from_message,
    items_of,
    to_message,
)
from firmware_bridge.mavlink.manners import MANNERS
from firmware_bridge.mavlink.wire.frames import Framer
from tests.firmware_bridge.mavlink.speak import said, speaker

COPTER, PX4 = MANNERS["ardupilot_copter"], MANNERS["px4_multicopter"]
HOME, DOOR = Place(lat_deg=47.4, lon_deg=8.5), Place(lat_deg=47.425, lon_deg=8.5541666)
PARTS = [
    (plans.Climb(height_m=20), Item(22, 3, height_m=20)),
    (
        plans.Via(place=DOOR, height_m=30, wait_s=4.4),
        Item(16, 3, (4.0, 0.0, 0.0, 0.0), 474250000, 85541666, 30),
    ),
    (plans.TouchDown(place=DOOR), Item(21, 3, lat_e7=474250000, lon_e7=85541666)),
    (plans.GoHome(), Item(20)),
    (plans.Cruise(speed_mps=7), Item(178, params=(1.0, 7, -1.0, 0.0))),
    (plans.Release(), Item(211, params=(1.0, 0.0, 0.0, 0.0))),
    (
        plans.SetDown(place=DOOR, height_m=20, deepest_m=15),
        Item(94, 3, (15, 0.0, 0.0, 0.0), 474250000, 85541666, 20),
    ),
    (plans.Lower(length_m=-5), Item(42600, params=(1.0, 1.0, -5, 0.5))),
]


@pytest.mark.parametrize(("part", "item"), PARTS, ids=lambda one: type(one).__name__)
def test_a_part_is_one_item_behind_home(part, item):
    home, got = items_of("mission", [part], COPTER, HOME)
    assert home == Item(16, GLOBAL, lat_e7=474000000, lon_e7=85000000)
    assert got == item


def test_px4_has_no_home_in_front_and_takes_off_from_a_place():
    (item,) = items_of("mission", [plans.Climb(height_m=20)], PX4, HOME)
    assert item._replace(params=()) == Item(22, RELATIVE, (), 474000000, 85000000, 20)
    assert math.isnan(item.params[3])  # 0 would turn it to the north
    with pytest.raises(RefusedError, match="where its home is"):
        items_of("mission", [plans.Climb(height_m=20)], PX4, None)


def test_one_with_a_home_item_counts_also_when_home_is_unknown():
    assert items_of("mission", [plans.GoHome()], COPTER, None)[0] == Item(16, GLOBAL)
    assert items_of("mission", [], COPTER, HOME) == ()


@pytest.mark.parametrize("name", MANNERS)
def test_every_manner_refuses_what_its_vehicle_cannot_do(name):
    manner = MANNERS[name]
    for part, _ in PARTS:
        tag = part.__struct_config__.tag
        if tag in manner.cannot:
            with pytest.raises(RefusedError, match=f"{name} does not do {tag}"):
                items_of("mission", [part], manner, HOME)
        else:
            assert items_of("mission", [part], manner, HOME)


@pytest.mark.parametrize(
    ("kept", "same"),
    [
        (Item(16, 3, (2.0, 0.0, 0.0, 0.0), 474250000, 85541666, 20.12), True),
        (Item(16, 6, (2.0, 5.0, 0.0, float("nan")), 474250000, 85541666, 20.123), True),
        (Item(16, 0, (2.0, 0.0, 0.0, 0.0), 474250000, 85541666, 20.123), False),
        (Item(16, 3, (0.0, 0.0, 0.0, 0.0), 474250000, 85541666, 20.123), False),
        (Item(16, 3, (2.0, 0.0, 0.0, 0.0), 474250001, 85541666, 20.123), False),
        (Item(16, 3, (2.0, 0.0, 0.0, 0.0), 474250000, 85541666, 20.14), False),
        (Item(21, 3, (2.0, 0.0, 0.0, 0.0), 474250000, 85541666, 20.123), False),
    ],
)
def test_what_makes_two_items_the_same(kept, same):
    sent = Item(16, 3, (2.0, 0.0, 0.0, 0.0), 474250000, 85541666, 20.123)
    assert (differences([sent], [kept], PX4, "mission") == []) is same


def test_home_is_the_firmwares_own_and_an_empty_mission_may_still_hold_it():
    sent = items_of("mission", [plans.GoHome()], COPTER, HOME)
    kept = [Item(16, 0, lat_e7=1, lon_e7=2, height_m=448.0), Item(20, 0)]
    assert differences(sent, kept, COPTER, "mission") == []
    assert differences((), kept[:1], COPTER, "mission") == []
    assert differences((), kept[:1], PX4, "mission") != []


INT32 = st.integers(-(2**31), 2**31 - 1)
FLOAT32 = st.floats(width=32, allow_nan=False)


@given(
    command=st.integers(0, 65535),
    frame=st.integers(0, 11),
    params=st.tuples(FLOAT32, FLOAT32, FLOAT32, FLOAT32),
    place=st.tuples(INT32, INT32),
    height=FLOAT32,
)
def test_an_item_comes_back_from_the_wire_as_it_was(command, frame, params, place, height):
    item = Item(command, frame, params, *place, height)
    message = to_message(item, 3, (1, 1), 0, whole_numbered=True)
    (frame,) = Framer().feed(said(speaker(), message), 0.0)
    assert from_message(frame.decode()) == item


def test_of_a_mission_exactly_the_first_item_is_the_current_one():
    items = [to_message(Item(20), n, (1, 1), 0, whole_numbered=True) for n in range(3)]
    assert [item.current for item in items] == [1, 0, 0]
    assert to_message(Item(20), 0, (1, 1), 1, whole_numbered=True).current == 0


def test_what_ardupilot_keeps_coarsely_is_sent_coarsely():
    (rally,) = items_of("rally", [plans.Refuge(place=DOOR, height_m=30.6)], COPTER, HOME)
    assert rally.height_m == 31.0
    part = plans.SetDown(place=DOOR, height_m=20, deepest_m=15.4567)
    assert items_of("mission", [part], COPTER, HOME)[1].params[0] == 15.46
