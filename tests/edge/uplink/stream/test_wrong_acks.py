"""Whatever was acknowledged: once what is said is true again, everything is there."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from edge.errors import PeerError
from edge.messages.broker.stream import Ack
from edge.uplink.stream.receiver import Receiver
from edge.uplink.stream.sender import LONGEST_ASK_S, REWIND_AFTER_S, Sender

WINDOW = 5
MOST = 20
LIES = st.builds(
    Ack,
    stream=st.sampled_from(["fact", "fact", "fact", "track"]),
    epoch=st.sampled_from(["e1", "e1", "e1", "e0"]),
    upto=st.integers(0, MOST + 5),
    window=st.integers(1, 10_000),
    missing=st.lists(st.integers(0, MOST + 5), max_size=4).map(tuple),
)
STEPS = st.lists(
    st.one_of(
        LIES,
        st.sampled_from(["append", "send", "send and lose", "answer", "reconnect", "restart"]),
        st.sampled_from(["the far side loses some", "somebody says it has all"]),
        st.sampled_from([0.1, 4.0, 31.0, 70.0, 3700.0]),
    ),
    max_size=40,
)


class Ends:
    """A sender whose store keeps everything, and a far side that commits what it gets."""

    def __init__(self):
        self.now_s = 0.0
        self.last = 1
        self.acked_on_disk = 0
        self.has = 0
        self.restart()
        self.receiver = Receiver("fact", {}, window=WINDOW)

    def restart(self):
        self.sender = Sender(
            "fact", "e1", acked=self.acked_on_disk, last=self.last, window=WINDOW
        )
        self.sender.connected(self.now_s)

    def hear(self, ack):
        with suppress(PeerError):
            acked = self.sender.on_ack(ack, self.now_s)
            if acked is not None:
                self.acked_on_disk = acked

    def send(self, *, arrives):
        """Return whether anything was sent."""
        due = self.sender.due(self.now_s)
        assert all(1 <= seq <= self.last for seq in due)
        for seq in due if arrives else ():
            for number, _ in self.receiver.offer("e1", seq, None).deliver:
                self.has = number
                self.receiver.committed("e1", number)
        return bool(due)

    def lose_some(self):
        self.has //= 2
        self.receiver = Receiver("fact", {"e1": self.has}, window=WINDOW)

    def take(self, step):
        match step:
            case Ack():
                self.hear(step)
            case float():
                self.now_s += step
            case "append":
                self.last = min(self.last + 1, MOST)
                self.sender.appended(self.last)
            case "send" | "send and lose":
                self.send(arrives=step == "send")
            case "answer":
                self.hear(self.receiver.ack("e1"))
            case "reconnect":
                self.sender.disconnected(self.now_s)
                self.now_s += 1.0
                self.sender.connected(self.now_s)
            case "restart":
                self.restart()
            case "somebody says it has all":
                self.hear(Ack(stream="fact", epoch="e1", upto=self.last))
            case _:
                self.lose_some()


@given(STEPS)
def test_any_lies_lose_nothing_once_the_far_side_tells_the_truth(steps):
    ends = Ends()
    for step in steps:
        ends.take(step)
    began_s, sendings = ends.now_s, 0
    while ends.has < ends.last or ends.sender.acked < ends.last:
        if ends.send(arrives=True):
            sendings += 1
            ends.hear(ends.receiver.ack("e1"))
        else:
            ends.now_s = max(ends.now_s, ends.sender.wake_at_s)
        assert ends.now_s - began_s < LONGEST_ASK_S + 4 * REWIND_AFTER_S, "too late"
        assert sendings < 3 * MOST, "flooded"
    assert ends.acked_on_disk == ends.last
