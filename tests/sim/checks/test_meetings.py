"""Custody over several vehicles: whole chains pass, planted gaps and overlaps do not."""

from itertools import permutations

import pytest

from edge.messages import facts as f
from edge.messages.parcels import FailureCode, Outcome
from sim.checks.custody import check_between, check_custody
from tests.sim.checks.test_checks import GIVEN, LOADED, told

HANDED = f.ParcelEnded(
    parcel_id="P1",
    outcome=Outcome.HANDED_OVER,
    custody="vehicle",
    to_vehicle="robot-1",
    meeting="m",
)
TAKEN = f.ParcelLoaded(parcel_id="P1", stop_id="take", from_vehicle="van-1", meeting="m")
BACK = f.ParcelEnded(
    parcel_id="P1", outcome=Outcome.RETURNED, code=FailureCode.OTHER, custody="station"
)


def chains(**of):
    return {
        name.replace("_", "-"): [one.event for one in told(*facts, vehicle=name)]
        for name, facts in of.items()
    }


@pytest.mark.parametrize("order", list(permutations(["van_1", "robot_1", "van_2"])))
def test_a_whole_chain_is_whole_whoever_is_looked_at_first(order):
    whole = {"van_1": (LOADED, HANDED), "robot_1": (TAKEN, GIVEN), "van_2": ()}
    on_board = chains(**{name: whole[name] for name in order})
    assert check_between(on_board) == []
    assert [check_custody(name, events) for name, events in on_board.items()] == [[]] * 3


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        ({"van_1": (LOADED, HANDED), "robot_1": ()}, "of which robot-1 knows nothing"),
        ({"van_1": (LOADED, BACK), "robot_1": (TAKEN, GIVEN)}, "of which van-1 knows nothing"),
        (
            {"van_1": (LOADED, HANDED), "robot_1": (TAKEN, GIVEN), "van_2": (LOADED,)},
            "P1 is with van-2, too",
        ),
        ({"van_1": (LOADED, GIVEN), "robot_1": (TAKEN, GIVEN)}, "handed over by van-1, too"),
        (
            {"van_1": (LOADED, GIVEN), "van_2": (LOADED, BACK, GIVEN)},
            "handed over by van-1, too",
        ),
    ],
)
def test_a_planted_gap_or_overlap_is_found(planted, said):
    whats = [each.what for each in check_between(chains(**planted))]
    assert any(said in what for what in whats), whats


def test_what_was_never_aboard_cannot_be_handed_over():
    (found,) = check_custody("van-1", chains(van_1=(HANDED,))["van-1"])
    assert "was never aboard" in found.what
