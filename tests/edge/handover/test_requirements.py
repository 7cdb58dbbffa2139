"""A hand-over that lacks something is told so in words; a whole one passes."""

import itertools

import pytest

from edge.handover.pin import make_pin_hash
from edge.handover.requirements import lacking
from edge.messages.commands import HandOver, Photo
from edge.messages.parcels import HandoverRequirements, Outcome

KEY = "5a" * 16
PHOTO = Photo(sha256="0" * 64, media_type="image/jpeg", size=1000)


def action(outcome=Outcome.DELIVERED, **proof):
    return HandOver(
        action_id="a1", driver="kim", stop_id="s", parcel_ids=("p",), outcome=outcome, **proof
    )


def requirements(photo, signature, pin, age):
    return HandoverRequirements(
        photo=photo,
        signature=signature,
        pin_hash=make_pin_hash("4711", KEY) if pin else None,
        pin_key=KEY if pin else None,
        minimum_age=18 if age else None,
    )


SHOWN = {
    "photo": {"photos": (PHOTO,)},
    "signature": {"signature": PHOTO},
    "pin": {"pin": "4711"},
    "age": {"age_checked": True},
}


@pytest.mark.parametrize("needed", list(itertools.product((False, True), repeat=4)))
@pytest.mark.parametrize("shown", list(itertools.product((False, True), repeat=4)))
def test_each_thing_needed_and_not_shown_is_one_sentence(needed, shown):
    proof = {}
    for name, is_shown in zip(SHOWN, shown, strict=True):
        proof |= SHOWN[name] if is_shown else {}
    found = lacking("P7", requirements(*needed), action(**proof))
    assert len(found) == sum(n and not s for n, s in zip(needed, shown, strict=True))
    assert all("P7" in sentence and sentence.endswith(".") for sentence in found)


def test_a_wrong_pin_is_said_to_be_wrong():
    (said,) = lacking("P7", requirements(False, False, True, False), action(pin="4712"))
    assert said == "P7: this is not its PIN."


def test_a_pin_that_cannot_be_checked_sends_the_driver_to_the_station():
    required = HandoverRequirements(pin_hash=make_pin_hash("4711", KEY))
    (said,) = lacking("P7", required, action(pin="4711"))
    assert "call the station" in said


@pytest.mark.parametrize("outcome", [Outcome.LOCKER, Outcome.SAFE_PLACE])
def test_what_needs_a_person_is_not_left_behind(outcome):
    found = lacking("P7", requirements(False, False, True, False), action(outcome, pin="4711"))
    assert len(found) == 1
    assert "to a person" in found[0]
    assert (
        lacking("P7", requirements(True, False, False, False), action(outcome, photos=(PHOTO,)))
        == []
    )


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.RETURNED, Outcome.CANCELLED])
def test_a_failure_is_not_a_handover(outcome):
    (said,) = lacking("P7", requirements(False, False, False, False), action(outcome))
    assert outcome.value in said
