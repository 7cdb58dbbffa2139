"""After somebody meddled with it, a person's word ends that, but not against what is felt."""

import pytest

from edge.sidewalk import events as e
from edge.sidewalk.machine import advance
from edge.sidewalk.progress import DriveProgress, Phase
from tests.edge.sidewalk.legs import leg
from tests.edge.sidewalk.test_motors import seen

HARMED = DriveProgress(phase=Phase.TAMPERED, plan=leg(), then=Phase.DRIVING, since_s=90.0)


def test_s7_a_person_who_has_looked_ends_the_siren_and_it_finds_out_how_things_stand():
    change = advance(HARMED, e.LookedAfter(seen=seen(), by="ada"))
    assert change.progress.phase is Phase.SYNCING
    assert [(type(one), getattr(one, "on", None)) for one in change.actions] == [
        (e.SoundSiren, False),
        (e.Stay, None),
    ]
    assert change.facts[-1].why == "ada has looked"


@pytest.mark.parametrize(
    "still",
    [
        {"harmed": "it was lifted"},
        {"harmed": "it is tilted by 40 degrees"},
        {"lid": "open"},
        {"lid": "unknown"},
        {"locks": (("1", "unlocked"),)},
        {"locks": ()},
    ],
    ids=str,
)
def test_s7_nobodys_word_counts_while_it_is_still_lifted_tilted_or_open(still):
    change = advance(HARMED, e.LookedAfter(seen=seen(**still), by="ada"))
    assert change.progress == HARMED
    assert not change.facts
    assert not change.actions
