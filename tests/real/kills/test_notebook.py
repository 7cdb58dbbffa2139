"""The judge of the kills is judged: what is behind or ahead of the driver must be found."""

from dataclasses import replace

import pytest

from edge.messages.commands import Arrive, CannotDeliver, HandOver, ScanParcel
from edge.messages.parcels import FailureCode
from edge.messages.view import ActResult
from tests.real.kills.driving.notebook import SOME_DUE, Known, Notebook, Parcel

ABOARD, GIVEN = Parcel(loaded=True), Parcel(loaded=True, outcome="DELIVERED")
STOPS = {"S1": ("A", "B"), "S2": ("C",)}
UNDERWAY = Known("underway", "S1", "R", {"A": ABOARD, "B": ABOARD, "C": ABOARD}, STOPS)
AT_STOP = replace(UNDERWAY, phase="at_stop")
GIVE_A = HandOver(action_id="1", driver="ada", stop_id="S1", parcel_ids=("A",))
GIVE_BOTH = HandOver(action_id="2", driver="ada", stop_id="S1", parcel_ids=("A", "B"))
YES = ActResult(accepted=True)


def a_notebook(known: Known) -> Notebook:
    notebook = Notebook()
    notebook.known = known
    return notebook


def test_an_answered_action_may_not_be_missing() -> None:
    notebook = a_notebook(AT_STOP)
    notebook.asks(GIVE_A)
    notebook.hears(GIVE_A, YES)
    notebook.check(AT_STOP.with_parcels(("A",), outcome="DELIVERED"), "the store holds")
    with pytest.raises(AssertionError, match="A: Parcel"):
        notebook.check(AT_STOP, "the store holds")


def test_nothing_may_be_there_that_was_not_asked() -> None:
    notebook = a_notebook(AT_STOP)
    with pytest.raises(AssertionError, match="the store holds"):
        notebook.check(AT_STOP.with_parcels(("A",), outcome="DELIVERED"), "the store holds")


def test_an_unanswered_action_is_done_or_not_as_its_answer_says() -> None:
    notebook = a_notebook(AT_STOP)
    notebook.asks(GIVE_A)
    given = AT_STOP.with_parcels(("A",), outcome="DELIVERED")
    for seen in (AT_STOP, given):
        notebook.check(seen, "the page shows")
    notebook.check(given, "the store holds", done=True)
    notebook.check(AT_STOP, "the store holds", done=False)
    for seen, done in ((AT_STOP, True), (given, False)):
        with pytest.raises(AssertionError):
            notebook.check(seen, "the store holds", done=done)


def test_half_an_action_is_found() -> None:
    notebook = a_notebook(AT_STOP)
    notebook.asks(GIVE_BOTH)
    with pytest.raises(AssertionError):
        notebook.check(AT_STOP.with_parcels(("A",), outcome="DELIVERED"), "the store holds")


def test_a_finished_stop_leads_to_one_that_is_due() -> None:
    notebook = a_notebook(AT_STOP)
    notebook.asks(GIVE_BOTH)
    notebook.hears(GIVE_BOTH, YES)
    assert notebook.known.stop_id == SOME_DUE
    done = UNDERWAY.with_parcels(("A", "B"), outcome="DELIVERED")
    notebook.check(replace(done, stop_id="S2"), "the page shows")
    for stop_id in ("S1", None):
        with pytest.raises(AssertionError):
            notebook.check(replace(done, stop_id=stop_id), "the page shows")


def test_the_vehicle_may_arrive_by_itself_and_nothing_else() -> None:
    notebook = a_notebook(UNDERWAY)
    notebook.check(AT_STOP, "the page shows")
    for seen in (replace(AT_STOP, stop_id="S2"), replace(UNDERWAY, phase="returning")):
        with pytest.raises(AssertionError):
            notebook.check(seen, "the page shows")


def test_the_last_failed_attempt_leads_home() -> None:
    known = Known("underway", "S2", "R", {"A": GIVEN, "B": GIVEN, "C": ABOARD}, STOPS)
    notebook = a_notebook(known)
    fail = CannotDeliver(
        action_id="3",
        driver="ada",
        stop_id="S2",
        parcel_ids=("C",),
        code=FailureCode.NO_ACCESS,
    )
    notebook.asks(fail)
    notebook.hears(fail, YES)
    assert (notebook.known.phase, notebook.known.stop_id) == ("returning", None)
    arrive = Arrive(action_id="4", driver="ada", stop_id="station")
    notebook.asks(arrive)
    notebook.hears(arrive, YES)
    assert notebook.known.phase == "debriefing"


def test_a_refused_action_changes_nothing() -> None:
    notebook = a_notebook(replace(UNDERWAY, phase="loading"))
    scan = ScanParcel(action_id="5", driver="ada", parcel_id="A")
    notebook.asks(scan)
    notebook.hears(scan, ActResult(accepted=False, why="A is loaded already"))
    assert not notebook.answered
    notebook.check(replace(UNDERWAY, phase="loading"), "the page shows")


def test_only_a_route_that_was_sent_begins_a_new_day() -> None:
    notebook = a_notebook(replace(UNDERWAY, phase="closed", stop_id=None))
    offered = Known("offered", None, "R2", {"D": Parcel()}, {"S9": ("D",)})
    with pytest.raises(AssertionError):
        notebook.check(offered, "the page shows")
    notebook.routes_sent.add("R2")
    notebook.check(offered, "the page shows")
    notebook.known = UNDERWAY
    with pytest.raises(AssertionError):
        notebook.check(offered, "the page shows")
