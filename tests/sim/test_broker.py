import asyncio
from random import Random

import pytest

from edge.errors import LinkError
from edge.uplink.port import Will
from sim.broker import SimBroker, matches
from sim.wire import NetworkFaults
from tests.conftest import simulate

MATCHES = [
    ("a/b", "a/b", True),
    ("a/b", "a/b/c", False),
    ("a/+", "a/b", True),
    ("a/+", "a/b/c", False),
    ("a/+/c", "a/b/c", True),
    ("+", "a", True),
    ("+", "/a", False),
    ("+/+", "/a", True),
    ("a/#", "a", True),
    ("a/#", "a/b/c", True),
    ("#", "a/b", True),
    ("#", "$SYS/uptime", False),
    ("+/uptime", "$SYS/uptime", False),
    ("$SYS/#", "$SYS/uptime", True),
    ("a/b", "a", False),
]


@pytest.mark.parametrize(("filter_", "topic", "expected"), MATCHES)
def test_filters_match_as_the_standard_says(filter_, topic, expected):
    assert matches(filter_, topic) is expected


async def collect(link, into):
    try:
        async for topic, payload in link.messages():
            into.append((topic, payload))
    except LinkError as error:
        into.append(("lost", str(error)))


async def listening(broker, name, *subscriptions, faults=None, will=None):
    """Connect and collect until cancelled or the link is lost; return what arrives."""
    got, ready = [], asyncio.Event()

    async def run():
        async with broker.connector(name, faults)(subscriptions, will) as link:
            ready.set()
            await collect(link, got)

    task = asyncio.ensure_future(run())
    await ready.wait()
    return got, task


async def stop(*tasks):
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def test_a_message_reaches_who_subscribed_and_the_qos_1_publisher_waits_for_its_ack():
    async def main():
        broker = SimBroker(Random(1))
        got, task = await listening(broker, "ear", "up/#", faults=NetworkFaults(delay_s=0.1))
        other, task2 = await listening(broker, "other", "down/#")
        async with broker.connector("mouth", NetworkFaults(delay_s=0.2))((), None) as link:
            begun_s = asyncio.get_running_loop().time()
            await link.publish("up/fact", b"1", qos=1)
            took_s = asyncio.get_running_loop().time() - begun_s
            await link.publish("up/live", b"2", qos=0)
            await asyncio.sleep(1.0)
        await stop(task, task2)
        return got, other, took_s

    got, other, took_s = simulate(main)
    assert got == [("up/fact", b"1"), ("up/live", b"2")]
    assert other == []
    assert took_s == pytest.approx(0.4)


def test_retained_messages_greet_later_subscribers_until_an_empty_one_clears_them():
    async def main():
        broker = SimBroker(Random(1))
        async with broker.connector("van")((), None) as link:
            await link.publish("up/status", b"online", qos=1, retained=True)
            await link.publish("up/fact", b"not retained", qos=1)
        first, task = await listening(broker, "first", "up/#")
        await asyncio.sleep(1.0)
        async with broker.connector("van")((), None) as link:
            await link.publish("up/status", b"", qos=1, retained=True)
        second, task2 = await listening(broker, "second", "up/#")
        await asyncio.sleep(1.0)
        await stop(task, task2)
        return first, second

    first, second = simulate(main)
    assert first == [("up/status", b"online"), ("up/status", b"")]
    assert second == []


@pytest.mark.parametrize(
    ("leave", "expected"),
    [("disconnect", []), ("sever", [("s", b"gone")]), ("takeover", [("s", b"gone")])],
)
def test_the_will_is_published_unless_the_client_says_goodbye(leave, expected):
    async def main():
        broker = SimBroker(Random(1))
        got, task = await listening(broker, "ear", "s")
        connect = broker.connector("van")
        will = Will("s", b"gone")

        async def van():
            async with connect((), will) as link:
                await collect(link, [])

        task2 = asyncio.ensure_future(van())
        await asyncio.sleep(1.0)
        if leave == "disconnect":
            await stop(task2)
        elif leave == "sever":
            broker.sever("van")
        else:
            task3 = asyncio.ensure_future(van())
            await asyncio.sleep(1.0)
            expected_now = list(got)
            await stop(task3)
            assert expected_now == expected
        await asyncio.sleep(1.0)
        await stop(task, task2)
        return got

    assert simulate(main) == expected


def test_qos_0_is_lost_sometimes_and_qos_1_never_while_connected():
    async def main():
        broker = SimBroker(Random(1))
        faults = NetworkFaults(lost_frac=0.2, twice_frac=0.2, jitter_s=0.5)
        got, task = await listening(broker, "ear", "#", faults=faults)
        async with broker.connector("mouth", faults)((), None) as link:
            for number in range(300):
                await link.publish("q0", b"%d" % number, qos=0)
                await link.publish("q1", b"%d" % number, qos=1)
        await asyncio.sleep(20.0)
        await stop(task)
        return got

    got = simulate(main)
    q0 = [payload for topic, payload in got if topic == "q0"]
    q1 = [payload for topic, payload in got if topic == "q1"]
    everything = [b"%d" % number for number in range(300)]
    assert 140 < len(q0) < 260
    assert len(q0) == len(set(q0))
    assert len(q1) > 330
    assert list(dict.fromkeys(q1)) == everything


def test_a_short_dead_zone_only_delays_and_a_long_one_breaks_the_connection():
    async def main():
        broker = SimBroker(Random(1))
        got, task = await listening(broker, "ear", "#")
        connect = broker.connector("van", NetworkFaults(delay_s=0.1, notices_s=10.0))
        loop = asyncio.get_running_loop()
        async with connect((), Will("status", b"offline")) as link:
            broker.cover("van", covered=False)
            loop.call_later(5.0, lambda: broker.cover("van", covered=True))
            begun_s = loop.time()
            await link.publish("fact", b"late", qos=1)
            short_s = loop.time() - begun_s
            broker.cover("van", covered=False)
            with pytest.raises(LinkError):
                await link.publish("fact", b"never", qos=1)
            with pytest.raises(LinkError, match="no route"):
                async with connect((), None):
                    pass
        broker.cover("van", covered=True)
        async with connect((), None):
            pass
        await asyncio.sleep(1.0)
        await stop(task)
        return got, short_s

    got, short_s = simulate(main)
    assert got == [("fact", b"late"), ("status", b"offline")]
    assert short_s == pytest.approx(5.1, abs=0.2)


def test_a_killed_broker_loses_everything_it_held_and_everybody_notices():
    async def main():
        broker = SimBroker(Random(1))
        will = Will("s", b"gone")
        got, task = await listening(broker, "ear", "#", will=will)
        connect = broker.connector("van")
        async with connect((), None) as link:
            await link.publish("s", b"kept", qos=1, retained=True)
            publishing = asyncio.ensure_future(link.publish("s", b"x", qos=1))
            await asyncio.sleep(0)
            broker.stop()
            with pytest.raises(LinkError):
                await publishing
            with pytest.raises(LinkError):
                async with connect((), None):
                    pass
        broker.start()
        late, task2 = await listening(broker, "late", "#")
        await asyncio.sleep(1.0)
        await stop(task, task2)
        return got, late

    got, late = simulate(main)
    assert got[-1] == ("lost", "connection lost: the broker is gone")
    assert late == []


def test_connections_break_about_as_often_as_said():
    async def main():
        broker = SimBroker(Random(2))
        connect = broker.connector("van", NetworkFaults(breaks_per_h=6.0))
        loop, breaks = asyncio.get_running_loop(), 0
        while loop.time() < 36_000:
            try:
                async with connect((), None) as link:
                    await collect(link, got := [])
                    breaks += bool(got)
            except LinkError:
                pass
        return breaks

    assert 30 < simulate(main) < 100


def test_the_tap_sees_every_message_once_in_order():
    async def main():
        seen = []
        broker = SimBroker(Random(1), tap=lambda *row: seen.append(row[1:4]))
        async with broker.connector("van")((), None) as link:
            for number in range(5):
                await link.publish("t", b"%d" % number, qos=number % 2)
            await asyncio.sleep(1.0)
        return seen

    assert simulate(main) == [("van", "t", b"%d" % number) for number in range(5)]
