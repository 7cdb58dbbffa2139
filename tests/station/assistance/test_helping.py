"""A person's session with a robot's lease, over any wire (S6)."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from edge.assistance.lease import BEAT_S, Helped, Lease
from edge.errors import PeerError
from edge.handover.proof import SigningKey
from edge.messages.geo import Place
from edge.messages.machines.assistance import HelpAnswer
from edge.messages.machines.pavement import HelperBeat, HelperSteers
from station.assistance.helping import SAY_S, Helping

STATION, ROBOT = SigningKey.from_seed(b"s" * 32), SigningKey.from_seed(b"v" * 32)
MORNING = datetime(2026, 11, 2, 7, 30, tzinfo=UTC)
THERE = Place(lat_deg=48.1, lon_deg=11.5)
STEP_S = 0.05


class World:
    """A robot and people at the station, and a wire that loses, doubles and delays."""

    def __init__(self, *people, loss=0.0, twice=0.0, late_s=0.0, start="e.1"):
        self.rng = Random(1)
        self.loss, self.twice, self.late_s = loss, twice, late_s
        self.now_s, self.under_way, self.answer_s = 0.0, [], 0.0
        self.boot(start)
        self.people = [self.person(name, number) for number, name in enumerate(people, 1)]
        self.steered_s, self.beats = [], []

    def boot(self, start):
        self.lease, self.operator = Lease("bot-1", [STATION.public], start), ""
        self.refused = ("", "")

    def person(self, name, number, lasts_s=60.0):
        return Helping(
            "bot-1", name, session=f"{number:016x}", lasts_s=lasts_s, key=STATION,
            keys=[ROBOT.public], now_s=self.now_s,
        )  # fmt: skip

    @property
    def utc(self):
        return MORNING + timedelta(seconds=self.now_s)

    def carry(self, data, take):
        for _ in range(2 if self.rng.random() < self.twice else 1):
            if self.rng.random() >= self.loss:
                due_s = self.now_s + self.late_s * self.rng.random()
                self.under_way.append((due_s, data, take))

    def run(self, lasts_s, *, held=()):
        until_s = self.now_s + lasts_s
        while self.now_s < until_s:
            self.now_s = round(self.now_s + STEP_S, 6)
            for one in self.people:
                if one in held:
                    one.hold(self.now_s + 0.5)
                word = one.due(self.now_s, self.utc)
                if word is not None:
                    self.carry(word, self.take)
            if self.now_s >= self.answer_s:
                self.answer_s = self.now_s + 0.4
                for one in self.people:
                    self.carry(self.answer(), lambda data, one=one: one.hear(data, self.now_s))
            due = [one for one in self.under_way if one[0] <= self.now_s]
            self.under_way = [one for one in self.under_way if one[0] > self.now_s]
            for _, data, take in due:
                take(data)
            if self.lease.held is None:
                self.operator = ""
        return self

    def take(self, data):
        helped = Helped(self.operator)
        try:
            words = self.lease.take(data, helped, self.now_s, self.utc, vouched=True)
        except PeerError as error:
            self.refused = (str(error), "2".zfill(16))
            return
        for word in words:
            if isinstance(word, HelperBeat):
                self.operator = word.operator if word.left_s > 0 else ""
                self.beats.append(self.now_s)
            elif isinstance(word, HelperSteers):
                self.steered_s.append(self.now_s)

    def answer(self):
        self.lease.look(Helped(self.operator), self.now_s)
        held = self.lease.held
        shown = held or self.lease.last
        return ROBOT.seal(
            HelpAnswer(
                vehicle="bot-1", pulse=self.lease.pulse(self.now_s), utc=self.utc,
                phase="assisted", session=shown.session if shown else "",
                operator=held.operator if held else "", ended=self.lease.ended,
                refused=self.refused[0], refused_session=self.refused[1],
            )
        )  # fmt: skip


@pytest.mark.parametrize("bad", [{}, {"loss": 0.1, "twice": 0.3, "late_s": 0.4}])
def test_s6_somebody_steers_and_gives_back_over_any_wire(bad):
    world = World("ada", **bad)
    (ada,) = world.people
    world.run(5.0, held=[ada])
    assert ada.state == "helping"
    ada.steer(THERE, 0.5, world.now_s)
    world.run(20.0, held=[ada])
    assert ada.state == "helping", ada.why
    assert len(world.steered_s) > 10
    ada.give_back(world.now_s)
    world.run(4.0, held=[ada])
    assert (ada.state, ada.why) == ("over", "given back")
    assert world.lease.ended == "given back"


def test_s6_who_lets_go_of_the_button_is_silent_and_the_robot_ends_it():
    world = World("ada")
    (ada,) = world.people
    world.run(2.0, held=[ada])
    ada.steer(THERE, 0.5, world.now_s)
    world.run(3.0, held=[ada])
    let_go_s = world.now_s
    world.run(6.0)
    assert max(world.beats) <= let_go_s + 0.5 + SAY_S
    assert ada.state == "over"
    assert "not heard" in ada.why
    world.run(5.0, held=[ada])
    assert ada.state == "over", "pressing it again is not beginning again"
    assert world.operator == ""


def test_s6_a_wire_that_is_too_slow_lets_nobody_steer():
    world = World("ada", late_s=0.0)
    (ada,) = world.people
    world.run(3.0, held=[ada])
    ada.steer(THERE, 0.5, world.now_s)
    world.run(1.0, held=[ada])
    assert world.steered_s
    world.carry = lambda data, take: world.under_way.append((world.now_s + 1.5, data, take))
    slow_s = world.now_s
    world.run(15.0, held=[ada])
    assert max(world.steered_s) <= slow_s + BEAT_S + STEP_S
    assert ada.state == "over"


def test_s6_the_second_hears_who_is_there():
    world = World("ada", "bob")
    ada, bob = world.people
    world.run(4.0, held=[ada, bob])
    assert sorted((ada.state, bob.state)) == ["helping", "over"]
    (lost,) = [one for one in (ada, bob) if one.state == "over"]
    (won,) = [one for one in (ada, bob) if one.state == "helping"]
    assert lost.why == f"{won.operator} helps it already"


def test_s6_a_robot_that_begins_anew_and_one_that_is_silent_end_it():
    world = World("ada")
    (ada,) = world.people
    world.run(3.0, held=[ada])
    world.boot("e.2")
    world.run(3.0, held=[ada])
    assert (ada.state, ada.why) == ("over", "the robot has begun anew")
    (nobody,) = World("ada", loss=1.0).run(12.0).people
    assert "does not answer" in nobody.why


def test_s6_its_time_ends_it():
    world = World()
    world.people = [world.person("ada", 7, lasts_s=5.0)]
    world.run(8.0, held=world.people)
    assert world.people[0].why == "the time to help is over"


def test_only_the_robot_is_believed():
    world = World("ada")
    (ada,) = world.people
    with pytest.raises(PeerError, match="not signed"):
        ada.hear(
            STATION.seal(HelpAnswer(vehicle="bot-1", pulse="e.1.1", utc=MORNING, phase="")), 1
        )
    with pytest.raises(PeerError, match="bot-2"):
        ada.hear(
            ROBOT.seal(HelpAnswer(vehicle="bot-2", pulse="e.1.1", utc=MORNING, phase="")), 1
        )
    old = world.answer()
    ada.hear(world.answer(), 1.0)
    newest = ada.newest
    ada.hear(old, 2.0)
    assert ada.newest is newest, "overtaken, or replayed"
