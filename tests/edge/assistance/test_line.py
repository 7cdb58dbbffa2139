"""The robot's end of the line: pulses while somebody listens, facts of whom it let not in."""

import asyncio

from edge.assistance.lease import Helped
from edge.assistance.line import ANSWER_S, HelpLine, Stand
from edge.clock import LoopClock
from edge.errors import StoreError
from edge.handover.proof import SigningKey
from edge.messages.broker.wire import from_json
from edge.messages.facts import AssistanceRefused
from edge.messages.machines.assistance import Begins, HelpAnswer, Knocks
from edge.messages.machines.pavement import HelperBeat
from tests.edge.assistance.test_lease import BOB, FORGER, MORNING, Robot

KEY = SigningKey.from_seed(b"v" * 32)


class Wire:
    """A connection that notes what is published."""

    def __init__(self):
        self.said = []

    async def publish(self, _topic, payload, *, qos, retained=False):
        assert (qos, retained) == (0, False)
        assert KEY.public.signed(payload)
        self.said.append(from_json(payload, HelpAnswer))


class Bench(Robot):
    """A line on virtual time."""

    def __init__(self):
        super().__init__()
        self.clock = LoopClock(asyncio.get_running_loop(), MORNING, "simulated")
        self.facts, self.heard, self.full = [], [], False
        self.line = HelpLine(
            self.lease, "bot-1", key=KEY, clock=self.clock,
            stand=lambda: Stand("assisted", self.helped), hear=self.hear, record=self.record,
        )  # fmt: skip

    @property
    def utc(self):
        return self.clock.utc()

    def hear(self, word):
        self.heard.append(word)
        if isinstance(word, HelperBeat):
            self.helped = Helped(word.operator if word.left_s > 0 else "")

    async def record(self, fact):
        if self.full:
            self.full = False
            raise StoreError("the disk is full")
        self.facts.append(fact)


def test_s6_it_says_pulses_only_while_somebody_listens_and_why_it_is_over(simulate):
    async def main():
        bench, wire = Bench(), Wire()
        running = asyncio.ensure_future(bench.line.run(wire, "up/help"))
        await asyncio.sleep(60.0)
        assert not wire.said
        bench.line.offer(bench.seal(Knocks(), 1))
        await asyncio.sleep(0.1)
        bench.line.offer(bench.seal(Begins(lasts_s=9.0), 2, wire.said[-1].pulse))
        await asyncio.sleep(1.0)
        assert wire.said[-1].operator == "ada"
        assert wire.said[-1].seq == 2
        await asyncio.sleep(3.0)
        assert wire.said[-1].ended.startswith("not heard")
        assert len({one.pulse for one in wire.said}) == len(wire.said)
        await asyncio.sleep(5.0)
        count = len(wire.said)
        assert count <= 9.0 / ANSWER_S
        await asyncio.sleep(60.0)
        assert len(wire.said) == count
        running.cancel()

    simulate(main)


def test_s6_whom_it_did_not_let_in_is_a_fact_and_forging_fills_no_store(simulate):
    async def main():
        bench = Bench()
        telling = asyncio.ensure_future(bench.line.tell())
        bench.line.offer(
            bench.seal(Begins(lasts_s=300.0), 1, bench.lease.pulse(bench.clock.now_s()))
        )
        bench.full = True
        bench.line.offer(
            bench.seal(
                Begins(lasts_s=9.0),
                1,
                session=BOB,
                operator="bob",
                echo=bench.lease.pulse(bench.clock.now_s()),
            )
        )
        await asyncio.sleep(0.1)
        assert not bench.facts, "the disk was full; the line goes on"
        for _ in range(200):
            bench.line.offer(bench.seal(Begins(lasts_s=9.0), 9, key=FORGER))
            bench.line.offer(b"noise")
            await asyncio.sleep(0.5)
        telling.cancel()
        assert len(bench.heard) == 1
        assert (
            bench.facts == [AssistanceRefused(operator="", why="not signed by the station")] * 2
        ), "one a minute"

    simulate(main)
