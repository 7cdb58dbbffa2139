"""A lookout's lines, in any pieces, and what is no line of a lookout."""

import json
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.errors import LinkError
from edge.messages.machines.pavement import (
    CodeEntered,
    CrossingLeave,
    HelperBeat,
    HelperSteers,
    LookedAround,
    PersonSeen,
)
from firmware_bridge.lookout.session import MOST_LINE_BYTES, LookoutSession

LINES = [
    {
        "kind": "looked_around",
        "people": [{"east_m": 2.0, "north_m": -1.0, "east_mps": 0.5}],
        "dark": False,
    },
    {"kind": "crossing_leave", "crossing_id": "X", "source": "signal", "lasts_s": 12.0},
    {"kind": "code_entered", "code": "493 021"},
    {"kind": "helper_beat", "operator": "ada", "left_s": 60.0},
    {
        "kind": "helper_steers",
        "operator": "ada",
        "place": {"lat_deg": 47.0, "lon_deg": 8.0},
        "speed_mps": 0.5,
    },
]
"""As another program writes them: made by hand, and by the standard library."""
KINDS = [LookedAround, CrossingLeave, CodeEntered, HelperBeat, HelperSteers]
WIRE = b"".join(json.dumps(line).encode() + b"\r\n" for line in LINES)


@given(st.lists(st.integers(0, len(WIRE)), max_size=12))
def test_lines_in_any_pieces_say_the_same(cuts):
    session, words = LookoutSession(0.0), []
    edges = [0, *sorted(cuts), len(WIRE)]
    for start, end in pairwise(edges):
        words += session.receive(WIRE[start:end], 7.0)
    assert [type(word) for word in words] == KINDS
    assert words[0].people == (PersonSeen(east_m=2.0, north_m=-1.0, east_mps=0.5),)
    assert all(word.received_s == 7.0 for word in words)
    assert session.unsound == 0


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=80) | st.sampled_from([b"\n", b'{"kind":', WIRE[:50]])))
def test_noise_is_no_word_and_the_next_line_is_heard(pieces):
    session = LookoutSession(0.0)
    for piece in pieces:
        session.receive(piece, 1.0)
    session.receive(b"\n", 1.0)
    assert len(session.receive(WIRE, 2.0)) == len(LINES)


@pytest.mark.parametrize(
    "line",
    [
        b'{"kind": "crossing_leave", "crossing_id": "X", "source": "me", "lasts_s": 1}',
        b'{"kind": "crossing_leave", "crossing_id": "X", "source": "gap", "lasts_s": 1e9}',
        b'{"kind": "helper_beat", "operator": "", "left_s": 1}',
        b'{"kind": "looked_around", "people": [{"east_m": "2"}]}',
        b'{"kind": "open_the_lid"}',
        b"[]",
    ],
)
def test_what_makes_no_sense_is_counted_and_left_out(line):
    session = LookoutSession(0.0)
    assert not session.receive(line + b"\n", 1.0)
    assert session.unsound == 1


def test_a_line_without_end_is_bounded():
    session = LookoutSession(0.0)
    for _ in range(40):
        session.receive(b"x" * 1000, 1.0)
    assert len(session._line) <= MOST_LINE_BYTES
    assert session.receive(b"\n" + WIRE, 1.0)
    assert session.unsound == 1


def test_a_quiet_line_is_opened_again():
    session = LookoutSession(0.0)
    assert not session.wake(4.9)
    session.receive(WIRE, 4.0)
    with pytest.raises(LinkError, match="no sound word"):
        session.wake(9.0)


def test_a_code_is_not_shown_by_accident():
    word = CodeEntered(code="493021")
    assert "493021" not in f"{word} {word!r} {[word]}"
    assert msgspec.json.decode(msgspec.json.encode(word), type=CodeEntered).code == "493021"
