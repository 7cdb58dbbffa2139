"""Both ends over a wire that loses, doubles and re-orders; either crashes at any step."""

from math import inf
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from edge.messages.broker.stream import Ack
from edge.messages.broker.wire import from_json, to_json
from edge.uplink.stream.receiver import Receiver
from edge.uplink.stream.sender import Sender

WINDOW = 5
which = st.integers(min_value=0, max_value=1_000_000)


class TwoEnds(RuleBasedStateMachine):
    """What survives a crash stands in the first four fields; the rest is memory and wire."""

    def __init__(self):
        super().__init__()
        self.items = [[]]
        self.acked_on_disk = 0
        self.committed = {}
        self.now_s = 0.0
        self.delivered = []
        self.up = []
        self.down = []
        self.restart_sender()
        self.receiver_crashes()

    @property
    def epoch(self):
        return str(len(self.items) - 1)

    def restart_sender(self):
        last = len(self.items[-1])
        self.sender = Sender(
            "fact", self.epoch, acked=self.acked_on_disk, last=last, window=WINDOW
        )
        self.sender.connected(self.now_s)

    @rule(count=st.integers(min_value=1, max_value=4))
    def append(self, count):
        items = self.items[-1]
        for _ in range(count):
            items.append(f"item {len(items) + 1} of epoch {self.epoch}")
        self.sender.appended(len(items))

    @rule(wait_s=st.sampled_from([0.0, 0.6, 6.0, 61.0]), limit=st.sampled_from([1, 3, 64]))
    def send(self, wait_s, limit):
        self.now_s += wait_s
        for seq in self.sender.due(self.now_s, limit):
            self.up.append((self.epoch, seq, self.items[-1][seq - 1]))

    @precondition(lambda self: self.up)
    @rule(chosen=which, again=st.booleans())
    def item_arrives(self, chosen, again):
        index = chosen % len(self.up)
        epoch, seq, item = self.up[index]
        if not again:
            del self.up[index]
        self.arrive(epoch, seq, item)

    def arrive(self, epoch, seq, item):
        offer = self.receiver.offer(epoch, seq, item)
        self.delivered += [(epoch, *row) for row in offer.deliver]

    @precondition(lambda self: self.up)
    @rule(chosen=which)
    def item_is_lost(self, chosen):
        del self.up[chosen % len(self.up)]

    @precondition(lambda self: self.delivered)
    @rule(count=st.integers(min_value=1, max_value=3))
    def receiver_commits(self, count):
        for epoch, seq, item in self.delivered[:count]:
            committed = self.committed.setdefault(epoch, [])
            assert seq == len(committed) + 1, "not in order, or twice"
            committed.append(item)
            self.receiver.committed(epoch, seq)
        del self.delivered[:count]

    @precondition(lambda self: self.receiver.epoch)
    @rule(chosen=which)
    def receiver_acknowledges(self, chosen):
        epoch = self.epoch if chosen % 4 else str(chosen % len(self.items))
        self.down.append(to_json(self.receiver.ack(epoch)))

    @precondition(lambda self: self.down)
    @rule(chosen=which, again=st.booleans(), kept=st.booleans())
    def acknowledgement_arrives(self, chosen, again, kept):
        index = chosen % len(self.down)
        ack = from_json(self.down[index], Ack)
        if not again:
            del self.down[index]
        acked = self.sender.on_ack(ack, self.now_s)
        if acked is not None and kept:
            self.acked_on_disk = acked

    @precondition(lambda self: self.down)
    @rule(chosen=which)
    def acknowledgement_is_lost(self, chosen):
        del self.down[chosen % len(self.down)]

    @rule()
    def sender_crashes(self):
        self.restart_sender()

    @rule()
    def receiver_crashes(self):
        upto = {epoch: len(committed) for epoch, committed in self.committed.items()}
        self.receiver = Receiver("fact", upto, window=WINDOW)
        self.delivered = []

    @rule()
    def receiver_cannot_commit(self):
        self.receiver.rewind()
        self.delivered = []

    @rule(away_s=st.sampled_from([0.0, 100.0]))
    def connection_breaks(self, away_s):
        self.sender.disconnected(self.now_s)
        self.now_s += away_s
        assert self.sender.due(self.now_s) == []
        assert self.sender.wake_at_s == inf
        self.sender.connected(self.now_s)

    @precondition(lambda self: self.items[-1] and len(self.items) < 5)
    @rule()
    def sender_loses_its_store(self):
        self.items.append([])
        self.acked_on_disk = 0
        self.restart_sender()

    @invariant()
    def everything_committed_is_what_was_sent_once_and_in_order(self):
        for epoch, committed in self.committed.items():
            assert committed == self.items[int(epoch)][: len(committed)]

    @invariant()
    def nothing_is_acknowledged_ahead_of_its_commit(self):
        assert self.sender.acked <= len(self.committed.get(self.epoch, []))

    @invariant()
    def what_waits_stays_within_the_window(self):
        assert len(self.delivered) <= WINDOW * len(self.items)
        assert len(self.receiver.missing(self.epoch)) < WINDOW

    def teardown(self):
        """Once the wire is whole, everything arrives within a few minutes."""
        self.append(1)
        deadline_s = self.now_s + 200.0
        while self.sender.acked < len(self.items[-1]):
            assert self.now_s < deadline_s, "stuck"
            self.send(0.0, 64)
            while self.up:
                self.arrive(*self.up.pop(0))
            self.receiver_commits(len(self.delivered))
            self.down.append(to_json(self.receiver.ack(self.epoch)))
            while self.down:
                self.acknowledgement_arrives(0, again=False, kept=True)
            self.now_s += 0.7
        assert self.committed[self.epoch] == self.items[-1]


def walk(rng, steps):
    """Drive the two ends by lot: longer and cheaper than hypothesis, which shrinks instead."""
    ends = TwoEnds()
    rare = [
        ends.sender_crashes,
        ends.receiver_crashes,
        ends.receiver_cannot_commit,
        lambda: ends.connection_breaks(rng.choice([0.0, 100.0])),
        lambda: len(ends.items) < 5 and ends.items[-1] and ends.sender_loses_its_store(),
        lambda: ends.up and ends.item_is_lost(rng.randrange(99)),
        lambda: ends.down and ends.acknowledgement_is_lost(rng.randrange(99)),
    ]
    usual = [
        lambda: ends.append(rng.randint(1, 4)),
        lambda: ends.send(rng.choice([0.0, 0.6, 6.0, 61.0]), rng.choice([1, 3, 64])),
        lambda: ends.up and ends.item_arrives(rng.randrange(99), rng.random() < 0.2),
        lambda: ends.up and ends.item_arrives(0, again=False),
        lambda: ends.delivered and ends.receiver_commits(rng.randint(1, 3)),
        lambda: ends.receiver.epoch and ends.receiver_acknowledges(rng.randrange(99)),
        lambda: ends.down and ends.acknowledgement_arrives(0, rng.random() < 0.2, kept=True),
        lambda: ends.down and ends.acknowledgement_arrives(rng.randrange(99), False, False),
    ]
    for _ in range(steps):
        rng.choice(rare if rng.random() < 0.1 else usual)()
        ends.everything_committed_is_what_was_sent_once_and_in_order()
        ends.nothing_is_acknowledged_ahead_of_its_commit()
        ends.what_waits_stays_within_the_window()
    ends.teardown()


@pytest.mark.parametrize("seed", range(4))
def test_a_random_walk_of_ten_thousand_steps(seed):
    rng = Random(seed)
    for _ in range(50):
        walk(rng, 200)


@pytest.mark.soak
def test_a_random_walk_of_ten_million_steps():
    rng = Random(99)
    for _ in range(20_000):
        walk(rng, 500)


def profile(examples, steps):
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


class TestTwoEnds(TwoEnds.TestCase):
    """What hypothesis finds, it shows by the fewest steps."""

    settings = profile(200, 50)


@pytest.mark.soak
class TestTwoEndsForLong(TwoEnds.TestCase):
    """The same for some minutes."""

    settings = profile(10_000, 100)
