"""Works.md S5: code, lid, the right compartment, bounded waits, shut again; over real bytes."""

import pytest
from msgspec.structs import replace

from edge.messages.facts import (
    CompartmentEmptied,
    CompartmentOpened,
    DoorCodeRefused,
    DoorGivenUp,
    HelpWanted,
    LidIntended,
)
from edge.messages.machines.cleared import Passed
from edge.sidewalk import events as e
from edge.sidewalk.progress import Phase
from tests.edge.sidewalk.doors import Door
from tests.edge.sidewalk.legs import at


def arrived(*compartments, **more):
    """Return a robot that stands at the door with its motors off."""
    door = Door(*compartments, **more).run(1.0)
    assert door.progress.phase is Phase.AT_DOOR
    assert not door.armed
    return door


def taken(door, index):
    """Let the customer open a door, reach in and close it."""
    assert door.box.can_open(index, door.controller)
    door.box.doors[index] = True
    door.run(6.0)
    door.box.doors[index] = False
    door.run(1.0)


def test_s5_the_right_code_opens_the_right_compartment_and_all_is_shut_before_it_goes():
    door = arrived()
    door.code()
    door.run(6.0)
    assert door.progress.phase is Phase.OPEN
    assert door.controller.drawn == [1]
    intended = door.facts.index(door.told(LidIntended)[0])
    assert door.told(LidIntended)[0].compartments == ("2",)
    assert not isinstance(door.may_drive(), Passed)
    taken(door, 1)
    assert not isinstance(door.may_drive(), Passed)
    door.run(8.0)
    assert door.progress.phase is Phase.SERVED
    assert door.box.lid_frac == 0.0
    assert door.bolts_drawn == {1}
    (opened,), (emptied,) = door.told(CompartmentOpened), door.told(CompartmentEmptied)
    assert intended < door.facts.index(opened) < door.facts.index(emptied)
    assert not door.told(DoorGivenUp)
    assert isinstance(door.may_drive(), Passed)


def test_s5_several_compartments_are_opened_one_after_the_other():
    door = arrived("1", "3")
    door.code()
    for index in (0, 2):
        for _ in range(100):
            if door.box.can_open(index, door.controller):
                break
            door.run(0.2)
        taken(door, index)
    door.run(10.0)
    assert door.progress.phase is Phase.SERVED
    assert {fact.compartment for fact in door.told(CompartmentEmptied)} == {"1", "3"}
    assert door.bolts_drawn == {0, 2}


@pytest.mark.parametrize(
    "door",
    [
        lambda: Door(place=at(46.5, 25.0)),  # 6.5 m and 2 m of doubt, 8 m approved
        lambda: Door("2", approved=("1",)),  # what the station approved is another one
    ],
)
def test_s5_outside_the_circle_or_for_another_compartment_nothing_opens(door):
    robot = door()
    robot.step(e.Looked(seen=robot.seen()))
    if robot.progress.phase is Phase.DRIVING:  # it is not where it wanted to be
        robot.progress = replace(robot.progress, phase=Phase.AT_DOOR, waits=False)
        robot.armed = False
    robot.run(0.5)
    robot.code()
    robot.run(10.0)
    assert robot.controller.drawn == []
    assert robot.bolts_drawn == set()
    assert not robot.told(CompartmentOpened)


def test_s5_five_wrong_codes_keep_it_shut():
    door = arrived()
    for _ in range(5):
        door.code(right=False)
    assert [fact.tries_left for fact in door.told(DoorCodeRefused)] == [4, 3, 2, 1, 0]
    door.code()
    door.run(5.0)
    assert door.progress.phase is Phase.SERVED
    assert door.box.lid_frac == 0.0
    (given_up,) = door.told(DoorGivenUp)
    assert given_up.on_board


@pytest.mark.parametrize("waits_s", [300.0, pytest.param(600.0, marks=pytest.mark.soak)])
def test_s5_the_wait_for_a_code_is_five_to_ten_minutes(waits_s):
    door = arrived(waits_s=waits_s)
    began_s = door.progress.since_s
    door.run(waits_s - 5.0)
    assert door.progress.phase is Phase.AT_DOOR
    door.run(8.0)
    assert door.progress.phase is Phase.SERVED
    assert door.now_s - began_s < waits_s + 10.0
    assert door.told(DoorGivenUp)[0].on_board


def test_s5_nobody_takes_it_and_it_is_locked_again():
    door = arrived()
    door.code()
    door.run(200.0)
    assert door.progress.phase is Phase.SERVED
    assert door.controller.drawn == []
    assert door.box.lid_frac == 0.0
    assert door.told(DoorGivenUp)[0].on_board


def test_s5_a_lid_that_does_not_move_is_given_up_and_one_that_does_not_close_calls_for_help():
    door = arrived()
    door.box.stuck = True
    door.code()
    door.run(25.0)
    assert door.progress.phase is Phase.SERVED
    assert door.told(DoorGivenUp)[0].why == "the lid does not open"
    door = arrived()
    door.code()
    door.run(6.0)
    taken(door, 1)
    door.box.stuck = True
    door.run(40.0)
    assert door.progress.phase is Phase.CLOSING
    assert len(door.told(HelpWanted)) == 1
    assert not isinstance(door.may_drive(), Passed)


@pytest.mark.parametrize("dies_at", ["opening", "open", "taking", "taken"])
def test_s5_after_a_restart_the_device_is_asked_and_nothing_opens_without_a_new_code(dies_at):
    door = arrived()
    door.code()
    door.run(1.0 if dies_at == "opening" else 6.0)
    if dies_at in ("taking", "taken"):
        door.box.doors[1] = True
        door.run(1.0)
    if dies_at == "taken":
        door.box.doors[1] = False
    door.bolts_drawn.clear()
    door.daemon_dies()
    if dies_at == "taking":
        door.run(6.0)
        assert door.progress.phase is Phase.OPEN
        door.box.doors[1] = False
    door.run(25.0)
    assert door.box.lid_frac == 0.0
    if dies_at in ("taking", "taken"):
        assert door.progress.phase is Phase.SERVED
        assert len(door.told(CompartmentEmptied)) == 1
        assert not door.told(DoorGivenUp)
        return
    # Nobody had opened it, and the same controller would have told: it waits for a code again.
    assert door.progress.phase is Phase.AT_DOOR
    assert len(door.told(LidIntended)) == 1
    door.code()
    door.run(6.0)
    taken(door, 1)
    door.run(10.0)
    assert door.progress.phase is Phase.SERVED


def test_s5_with_the_controller_begun_anew_in_between_nobody_knows():
    door = arrived()
    door.code()
    door.run(6.0)
    door.controller = type(door.controller)(8, 3, compartments=3, now_ms=door.now_ms)
    door.daemon_dies()
    door.run(30.0)
    assert door.progress.phase is Phase.SERVED
    (given_up,) = door.told(DoorGivenUp)
    assert given_up.on_board is None
