"""A reader of the board sees, by changes alone, what is on it."""

import json

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from edge.messages.broker.wire import to_json
from station.console.board import Board

CHANGES = st.lists(
    st.one_of(
        st.tuples(
            st.just("put"),
            st.sampled_from(["vehicles", "stops", "live"]),
            st.sampled_from("abc"),
            st.integers(0, 3),
        ),
        st.tuples(st.just("keep"), st.just("stops"), st.sets(st.sampled_from("abc"))),
        st.tuples(st.just("trail"), st.sampled_from("ab"), st.integers(0, 3)),
        st.tuples(st.just("look")),
    ),
    max_size=40,
)


class Reader:
    """A page: keeps what it was told."""

    def __init__(self) -> None:
        self.generation, self.version = "", 0
        self.seen: dict = {}

    def look(self, board: Board) -> dict:
        told = json.loads(to_json(board.since(self.generation, self.version)))
        self.generation, self.version = told["generation"], told["version"]
        if told["whole"]:
            self.seen = {}
        for kind in ("vehicles", "stops", "live"):
            self.seen.setdefault(kind, {}).update(told.get(kind, {}))
        trails = self.seen.setdefault("trails", {})
        for vehicle, points in told.get("trails", {}).items():
            trails.setdefault(vehicle, []).extend(points)
        return told


@given(CHANGES)
def test_changes_add_up_to_the_whole(changes: list):
    board, reader = Board("b"), Reader()
    for change in [*changes, ("look",)]:
        match change:
            case ("put", kind, key, value):
                board.put(kind, key, to_json(value))
            case ("keep", kind, keys):
                board.keep_only(kind, keys)
            case ("trail", vehicle, count):
                board.extend_trail(
                    vehicle, [(board.version, 1.0, float(n)) for n in range(count)]
                )
            case ("look",):
                reader.look(board)
    newcomer = Reader()
    newcomer.look(board)
    assert reader.seen == newcomer.seen


def test_the_same_again_is_no_change():
    board, reader = Board("b"), Reader()
    board.put("stops", "a", b"1")
    reader.look(board)
    board.put("stops", "a", b"1")
    assert set(reader.look(board)) == {"generation", "version", "whole"}


def test_entries_are_sent_as_they_were_encoded():
    board = Board("b")
    board.put("stops", "a", b'{"x":1.50}')
    told = board.since("", 0)
    assert told["stops"] == {"a": msgspec.Raw(b'{"x":1.50}')}
