"""Whose word counts when somebody helps a robot from afar, and for how long (S6)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.assistance.lease import BEAT_S, Helped, Lease, RefusedError
from edge.errors import PeerError
from edge.handover.proof import SigningKey
from edge.messages.geo import Place
from edge.messages.machines.assistance import (
    Beats,
    Begins,
    GivesBack,
    HelpWord,
    Knocks,
    Stands,
    Steers,
)
from edge.messages.machines.pavement import HelperBeat, HelperSteers

STATION = SigningKey.from_seed(b"s" * 32)
FORGER = SigningKey.from_seed(b"f" * 32)
MORNING = datetime(2026, 11, 2, 7, 30, tzinfo=UTC)
THERE = Place(lat_deg=48.1, lon_deg=11.5)
ADA, BOB = "a" * 16, "b" * 16
STEERS = Steers(place=THERE, speed_mps=0.5)


class Robot:
    """A lease, a clock, and a robot that listens to whom it is told to."""

    def __init__(self):
        self.lease = Lease("bot-1", [STATION.public], "e.1")
        self.now_s = 100.0
        self.helped = Helped()

    @property
    def utc(self):
        return MORNING + timedelta(seconds=self.now_s)

    def pulse(self):
        return self.lease.pulse(self.now_s)

    def seal(self, wish, seq, echo="", *, key=STATION, **fields):
        word = {
            "vehicle": "bot-1",
            "session": ADA,
            "operator": "ada",
            "issued_utc": self.utc,
            "key_id": key.key_id,
        }
        return key.seal(HelpWord(wish=wish, seq=seq, echo=echo, **(word | fields)))

    def take(self, sealed, *, vouched=True):
        words = self.lease.take(sealed, self.helped, self.now_s, self.utc, vouched=vouched)
        for one in words:
            if isinstance(one, HelperBeat):
                self.helped = Helped(one.operator if one.left_s > 0 else "")
        return words

    def say(self, wish, seq, **fields):
        return self.take(self.seal(wish, seq, self.pulse(), **fields))

    def begun(self, lasts_s=60.0):
        self.say(Begins(lasts_s=lasts_s), 1)
        return self


def test_s6_a_word_counts_from_the_pulse_that_it_echoes():
    robot = Robot()
    echo = robot.pulse()
    robot.now_s += 1.5
    (beat,) = robot.take(robot.seal(Begins(lasts_s=60.0), 1, echo))
    assert (beat.operator, beat.received_s, beat.left_s) == ("ada", 100.0, 61.5)
    beat, steers = robot.say(STEERS, 2)
    assert steers == HelperSteers(
        received_s=robot.now_s, operator="ada", place=THERE, speed_mps=0.5
    )
    assert beat.received_s + beat.left_s == pytest.approx(161.5)
    assert robot.say(Stands(), 3)[1].place is None
    (beat,) = robot.say(GivesBack(), 4)
    assert beat.left_s == 0
    assert robot.lease.ended == "given back"


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda r: r.seal(STEERS, 2, r.pulse(), key=FORGER), "not signed by the station"),
        (lambda r: r.seal(STEERS, 2, r.pulse(), vehicle="bot-2"), "addressed to bot-2"),
        (lambda r: r.seal(STEERS, 1, r.pulse()), "number 1 after 1"),
        (lambda r: r.seal(STEERS, 2, ""), "too late"),
        (lambda r: r.seal(STEERS, 2, "e.0.1"), "too late"),
        (lambda r: r.seal(STEERS, 2, r.pulse(), operator="eve"), "in the name of eve"),
        (lambda r: r.seal(STEERS, 2, r.pulse(), session=BOB), "no session"),
        (lambda r: r.seal(STEERS, 2, r.pulse(), issued_utc=MORNING), "issued 100 s ago"),
        (lambda r: r.seal(STEERS, 2, r.pulse())[:-9] + b'AAAAAA"}', "not signed"),
        (lambda r: r.seal(STEERS, 2, r.pulse(), session="no"), "not understood"),
    ],
    ids=[
        "forged", "another vehicle's", "again", "no pulse", "an older start's", "a name",
        "no session", "old", "altered", "unreadable",
    ],
)  # fmt: skip
def test_s6_what_is_wrong_does_not_count(spoil, why):
    robot = Robot().begun()
    with pytest.raises(PeerError, match=why):
        robot.take(spoil(robot))
    assert robot.lease.held.seq == 1


def test_s6_a_clock_that_nobody_vouches_for_makes_nothing_old():
    robot = Robot().begun()
    assert robot.take(robot.seal(STEERS, 2, robot.pulse(), issued_utc=MORNING), vouched=False)


def test_s6_one_at_a_time_and_the_second_hears_the_firsts_name():
    robot = Robot().begun()
    with pytest.raises(RefusedError, match="ada helps it already"):
        robot.say(Begins(lasts_s=60.0), 1, session=BOB, operator="bob")
    robot.say(GivesBack(), 2)
    assert robot.say(Begins(lasts_s=60.0), 1, session=BOB, operator="bob")
    with pytest.raises(PeerError, match="over"):
        robot.say(Begins(lasts_s=60.0), 3)


def test_s6_nobody_begins_where_the_robot_takes_no_help_or_somebody_on_the_spot_gives_it():
    robot = Robot()
    robot.helped = Helped("", "it is at door")
    with pytest.raises(RefusedError, match="it is at door"):
        robot.begun()
    robot.helped = Helped("carl")
    with pytest.raises(RefusedError, match="carl helps it already"):
        robot.begun()


def test_s6_what_the_robot_has_ended_goes_on_by_no_beat():
    robot = Robot().begun()
    robot.say(Beats(), 2)
    robot.helped = Helped("", "it is tampered")
    with pytest.raises(PeerError):
        robot.say(STEERS, 3)
    assert robot.lease.ended == "it is tampered"


def test_a_flood_is_not_even_read():
    robot = Robot().begun()
    for _ in range(30):
        with pytest.raises(PeerError):
            robot.take(b"noise")
    with pytest.raises(PeerError, match="too many"):
        robot.say(Beats(), 2)
    robot.now_s += 1.0
    assert robot.say(Beats(), 2)


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["wait", "pulse", "say", "say", "say", "deliver", "deliver", "again", "ends"]
        ),
        st.floats(0.0, 1.5),
        st.sampled_from([ADA, ADA, BOB]),
        st.sampled_from(
            [Knocks(), Begins(lasts_s=9.0), Begins(lasts_s=9.0), Beats(), STEERS, STEERS,
             Stands(), GivesBack()]
        ),
        st.integers(0, 99),
    ),
    max_size=60,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(EVENTS)
def test_s6_no_order_of_events_lets_anybody_steer_on_old_words(events):
    """Words are said, delayed, doubled and re-ordered at will by whoever carries them."""
    robot, seqs, heard = Robot(), {ADA: 0, BOB: 0}, {ADA: "", BOB: ""}
    said_s, under_way, done = {"": float("-inf")}, [], []
    newest, began_s = {ADA: 0, BOB: 0}, {}
    for what, wait_s, session, wish, pick in events:
        robot.now_s += wait_s
        if what == "pulse":
            heard[session] = robot.pulse()
            said_s[heard[session]] = robot.now_s
        elif what == "say":
            seqs[session] += 1
            name = {ADA: "ada", BOB: "bob"}[session]
            seq, echo = seqs[session], heard[session]
            sealed = robot.seal(wish, seq, echo, session=session, operator=name)
            under_way.append((sealed, session, name, wish, seq, echo))
        elif what == "ends":
            robot.helped = Helped()
        if what not in ("deliver", "again", "say") or not (under_way or done):
            continue
        chosen = done if what == "again" and done else under_way or done
        one = chosen[pick % len(chosen)]
        if chosen is under_way:
            under_way.remove(one)
            done.append(one)
        sealed, session, name, wish, seq, echo = one
        before = robot.lease.held
        try:
            words = robot.take(sealed)
        except PeerError:
            continue
        if not words:
            assert isinstance(wish, Knocks)
            continue
        assert robot.now_s - said_s[echo] <= BEAT_S, "no word older than a beat"
        assert seq > newest[session], "no word twice, none after a later one"
        newest[session] = seq
        if before is None or before.session != session:
            assert isinstance(wish, Begins)
            assert session not in began_s, "a session is begun once"
            began_s[session] = robot.now_s
        assert robot.now_s < began_s[session] + 9.0, "not beyond its time"
        assert {word.operator for word in words} == {name}
        for word in words:
            if isinstance(word, HelperSteers):
                assert isinstance(wish, Steers | Stands)
            elif word.left_s > 0:
                assert word.received_s <= robot.now_s
                assert word.received_s + word.left_s <= began_s[session] + 9.0 + 1e-6


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_bytes_of_any_kind_raise_nothing_else(noise, signed):
    robot = Robot()
    cut = b',"signature":"'
    if signed:
        body = robot.seal(STEERS, 1).split(cut)[0] + noise
        noise = body + cut + b"A" * 86 + b'=="}'
    with pytest.raises(PeerError):
        robot.take(noise)
