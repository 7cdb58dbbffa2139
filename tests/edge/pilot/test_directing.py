"""What becomes of a person's decision about a machine under way."""

from datetime import timedelta

import pytest

from edge.config import SidewalkSection
from edge.flight import events as e
from edge.flight.progress import FlightProgress, Phase
from edge.messages.commands import Command, DirectMachine
from edge.messages.facts import CommandRefused, MachineDirected
from edge.messages.machines.controller import CompartmentEvent, ControllerStatus
from edge.pilot.directing import decide
from edge.pilot.drones.drone import DroneCraft
from edge.pilot.guarding import Guarding
from edge.pilot.happenings import Directed
from edge.pilot.robots.robot import RobotCraft
from edge.sidewalk.events import LookedAfter
from edge.sidewalk.progress import DriveProgress
from edge.sidewalk.progress import Phase as Drives
from edge.vehicles import MACHINES
from tests.edge.flight.legs import leg
from tests.edge.pilot.test_drone import NOW, SECTION, at, words
from tests.edge.sidewalk.legs import leg as drive

CRUISING = FlightProgress(plan=leg(), phase=Phase.CRUISING, proven=True)


def how_it_is(**open_or_shut):
    """Return how things stand with a robot whose controller says how it is closed."""
    kept = {"doors_open": (False,), "bolts_locked": (True,), "lid_open": False}
    said = words(100.0)
    said.status = ControllerStatus(
        received_s=100.0, takes_orders=True, stop_pressed=False, speed_mps=0.0, turn_dps=0.0,
        **(kept | open_or_shut),
    )  # fmt: skip
    return at(said)


def decided(progress, wish, craft=None, how=None):
    order = DirectMachine(wish=wish, by="ada", why="a fire")
    command = Command(
        vehicle="d", epoch="e", seq=7, issuer="s", order=order,
        issued_utc=NOW, expires_utc=NOW + timedelta(minutes=2),
    )  # fmt: skip
    craft = craft or DroneCraft(MACHINES["drone"], SECTION)
    return decide(craft, Guarding(craft), progress, Directed(command, order, None), how or at())


@pytest.mark.parametrize("wish", ["hold", "give_up", "return", "land"])
def test_a_person_holds_calls_back_or_lands_a_drone_and_is_named(wish):
    event, told = decided(CRUISING, wish)
    assert isinstance(event, e.Ordered)
    assert (event.what, event.why) == (wish, "ada: a fire")
    assert told == MachineDirected(command_seq=7, wish=wish, by="ada", why="a fire")


@pytest.mark.parametrize(
    ("progress", "wish", "why"),
    [
        (CRUISING, "go_on", "it is cruising: nothing to be done"),
        (FlightProgress(), "hold", "nothing to be done"),
        (CRUISING, "looked_after", "nobody meddles with a drone in the air"),
    ],
)
def test_what_means_nothing_there_is_refused_and_says_why(progress, wish, why):
    event, told = decided(progress, wish)
    assert event is None
    assert isinstance(told, CommandRefused)
    assert (told.command_seq, told.order) == (7, "direct_machine")
    assert told.reason.startswith(f"ada: {wish}: ")
    assert why in told.reason


def test_s7_a_forced_door_is_forgotten_once_a_person_has_looked():
    craft = RobotCraft(MACHINES["robot"], SidewalkSection(), None)
    forced = CompartmentEvent(
        received_s=99.0, at_s=99.0, boot_id=1, event_id=1, compartment=0, what="forced"
    )
    craft.wants(forced)
    locked = DriveProgress(plan=drive(), phase=Drives.TAMPERED, then=Drives.DRIVING)
    assert "was forced" in craft.looked(locked, at()).seen.harmed
    for open_still in ({"doors_open": (True,)}, {"bolts_locked": (None,)}, {"lid_open": True}):
        event, told = decided(locked, "looked_after", craft, how_it_is(**open_still))
        assert event is None
        assert "not all known to be shut" in told.reason
        assert craft.lookout.forced
    event, told = decided(locked, "looked_after", craft, how_it_is())
    assert isinstance(event, LookedAfter)
    assert told.by == "ada"
    assert not event.seen.harmed
    assert craft.lookout.forced == ""
    craft.lookout.forced = "compartment 1 was forced"
    event, _ = decided(DriveProgress(plan=drive(), phase=Drives.DRIVING), "looked_after", craft)
    assert event is None
    assert craft.lookout.forced, "nothing is forgotten before there was an alarm"
