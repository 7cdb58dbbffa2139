"""When to plan anew: each trigger's patience, and what comes together."""

import typing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.messages.plan import Trigger
from edge.planner.when import FAILED_PAUSE_S, MOST_ABORTS, PATIENCE, Agenda

TRIGGERS = typing.get_args(Trigger)


def test_every_trigger_has_a_patience():
    assert set(PATIENCE) == set(TRIGGERS)


def test_nothing_asked_is_never_due():
    assert Agenda().due_s is None


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_the_first_of_its_kind_waits_for_no_more_than_its_patience(trigger):
    assert Agenda().ask(trigger, 10.0).due_s == 10.0 + PATIENCE[trigger].wait_s


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_trigger_leaves_its_pause_after_the_plan_before(trigger):
    _, agenda = Agenda().ask("route", 0.0).begin(100.0)
    due_s = agenda.done().ask(trigger, 100.5).due_s
    patience = PATIENCE[trigger]
    assert due_s == max(100.5 + patience.wait_s, 100.0 + patience.pause_s)


def test_a_burst_of_layers_is_one_plan():
    agenda = Agenda()
    for number in range(20):
        agenda = agenda.ask("conditions", 5.0 + number / 1000)
    assert agenda.due_s == 5.0 + PATIENCE["conditions"].wait_s
    triggers, agenda = agenda.begin(agenda.due_s)
    assert triggers == ("conditions",)
    assert agenda.due_s is None


def test_what_is_urgent_takes_what_waits_with_it():
    _, agenda = Agenda().ask("route", 0.0).begin(0.0)
    agenda = agenda.ask("off_plan", 1.0).ask("stop_cancelled", 2.0)
    assert agenda.due_s == 2.0
    triggers, agenda = agenda.begin(2.0)
    assert triggers == ("stop_cancelled", "off_plan")
    assert agenda.asked == ()


def test_a_run_broken_off_is_made_up_for_at_once_and_not_for_ever():
    agenda = Agenda().ask("off_plan", 0.0)
    for number in range(MOST_ABORTS):
        triggers, agenda = agenda.begin(float(number))
        assert agenda.may_abort
        agenda = agenda.broken_off(triggers, float(number)).ask("conditions", float(number))
        assert agenda.due_s == number
    assert not agenda.may_abort
    assert agenda.done().may_abort


def test_a_stale_plan_is_made_again_at_once_and_a_failed_one_a_little_later():
    triggers, agenda = Agenda().ask("off_plan", 0.0).begin(0.0)
    assert agenda.stale(triggers, 1.0).due_s == 1.0
    assert agenda.failed(triggers, 1.0).due_s == 1.0 + FAILED_PAUSE_S


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(TRIGGERS), st.floats(0, 1000)), max_size=30))
def test_no_trigger_is_ever_forgotten(asked):
    asked = sorted(asked, key=lambda one: one[1])
    agenda, waiting = Agenda(), set()
    for trigger, at_s in asked:
        while agenda.due_s is not None and agenda.due_s <= at_s:
            triggers, agenda = agenda.begin(max(agenda.due_s, 0.0))
            assert set(triggers) == waiting
            waiting.clear()
        agenda = agenda.ask(trigger, at_s)
        waiting.add(trigger)
    if waiting:
        assert agenda.due_s is not None
        assert set(agenda.begin(agenda.due_s)[0]) == waiting
