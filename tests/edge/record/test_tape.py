"""Tapes: what goes in comes out; torn ends are left out; damage never passes for a day."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.record import entries as said
from edge.record.tape import CLEAR_MAGIC, HEAD, MAGIC, TapeError, TapeWriter, read_tape
from tests.edge.record.lives import KEY, LABEL, begun, with_key

TEXT, BYTES = st.text(max_size=20), st.binary(max_size=300)
AT = {"at_s": st.floats(0, 1e9, allow_nan=False), "round": st.integers(0, 100)}
COUNT = st.integers(1, 10**6)
ENTRIES = st.one_of(
    st.builds(said.Opened, **AT, link=COUNT, address=TEXT),
    st.builds(said.NotOpened, **AT, address=TEXT, why=TEXT),
    st.builds(said.Came, **AT, link=COUNT, content=BYTES),
    st.builds(said.NotWritten, **AT, link=COUNT, number=COUNT, why=TEXT),
    st.builds(said.Connected, **AT, link=COUNT),
    st.builds(said.NotConnected, **AT, why=TEXT),
    st.builds(said.Message, **AT, link=COUNT, topic=TEXT, payload=BYTES),
    st.builds(said.Lost, **AT, link=COUNT, why=TEXT),
    st.builds(said.Published, **AT, link=COUNT, number=COUNT, why=TEXT),
    st.builds(said.Acted, **AT, action=BYTES),
    st.builds(said.Attached, **AT, content=BYTES, media_type=TEXT),
    st.builds(said.Searched, **AT, made=BYTES),
    st.builds(said.Ended, **AT, how=st.sampled_from(["stopped", "killed", "full"])),
)


def write(path, entries, now=True):
    path.unlink(missing_ok=True)
    writer = TapeWriter(path, LABEL, KEY)
    for entry in entries:
        writer.add(entry, now=now)
    writer.close()
    return path


@pytest.fixture(name="path", scope="module")
def _path(tmp_path_factory):
    return tmp_path_factory.mktemp("tapes") / "000001.tape"


@settings(max_examples=60, deadline=None)
@given(entries=st.lists(ENTRIES, max_size=30), now=st.booleans())
def test_what_goes_in_comes_out(path, entries, now):
    tape = read_tape(write(path, [begun(), *entries], now), with_key)
    assert tape.begun == begun()
    assert list(tape.entries) == entries
    assert tape.torn_b == 0


@settings(max_examples=150, deadline=None)
@given(entries=st.lists(ENTRIES, min_size=1, max_size=12), data=st.data())
def test_a_tape_cut_off_anywhere_gives_what_was_whole(path, entries, data):
    whole = write(path, [begun(), *entries]).read_bytes()
    label = len(MAGIC) + HEAD.size + HEAD.unpack_from(whole, len(MAGIC))[0]
    first = label + HEAD.size + HEAD.unpack_from(whole, label)[0]
    path.write_bytes(whole[: data.draw(st.integers(first, len(whole)))])
    tape = read_tape(path, with_key)
    assert list(tape.entries) == entries[: len(tape.entries)]


@settings(max_examples=150, deadline=None)
@given(entries=st.lists(ENTRIES, min_size=1, max_size=12), data=st.data())
def test_a_flipped_bit_is_named_with_file_and_byte_or_is_a_torn_end(path, entries, data):
    spoilt = bytearray(write(path, [begun(), *entries]).read_bytes())
    at = data.draw(st.integers(0, len(spoilt) - 1))
    spoilt[at] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(spoilt)
    try:
        tape = read_tape(path, with_key)
    except TapeError as error:
        assert str(error).startswith(f"{path}: ")  # noqa: PT017 (either may be)
        assert "byte" in str(error)  # noqa: PT017
    else:
        assert tape.torn_b > 0
        assert list(tape.entries) == entries[: len(tape.entries)]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_file_is_a_tape_or_an_error(path, content):
    for start in (b"", MAGIC, CLEAR_MAGIC):
        path.write_bytes(start + content)
        with pytest.raises(TapeError, match="byte"):
            read_tape(path, with_key)


def test_a_tape_of_a_newer_version_says_so(path):
    newer = begun(format=said.FORMAT + 1)
    with pytest.raises(TapeError, match="format 3, written by a newer version"):
        read_tape(write(path, [newer]), with_key)
