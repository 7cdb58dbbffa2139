"""The radio network and the broker."""

import asyncio
from collections.abc import Mapping

from edge.messages.broker import catalog
from sim.chance import chance
from sim.faults.network import (
    AsymmetricLoss,
    BrokerRestart,
    Damage,
    Delay,
    Duplication,
    HalfOpen,
    LinkLoss,
    Poison,
    QueueOverflow,
    Reordering,
)
from sim.faults.striking.world import World
from sim.trouble.link import Trouble

UNANSWERED_S = 45.0  # a keep-alive of 30 s and half of that again: then a client gives up
INTRUDER = "intruder"
TROUBLES: Mapping[type[object], str] = {
    Delay: "delay_s",
    Reordering: "spread_s",
    Duplication: "twice_frac",
    Damage: "damaged_frac",
    QueueOverflow: "most",
}
"""What of a client's network each fault changes: a field of both."""
TOPICS = {
    "fact": "fact",
    "track": "track",
    "proof": "proof",
    "ack": "down_ack",
    "route": "route",
    "command": "command",
    "conditions": "command",
}


async def strike_loss(world: World, fault: LinkLoss, name: str) -> None:
    """Cover a client for a while."""
    world.note(fault, name)
    world.broker.cover(name, covered=False)
    await asyncio.sleep(fault.lasts_s)
    world.broker.cover(name, covered=True)


async def strike_silence(world: World, fault: AsymmetricLoss | HalfOpen, name: str) -> None:
    """Let nothing pass in one direction, or in none; who hears no answer gives up."""
    client = world.broker.client(name)
    up = isinstance(fault, HalfOpen) or fault.lost == "up"
    down = isinstance(fault, HalfOpen) or fault.lost == "down"
    world.note(fault, name)
    client.trouble.silent_up += up
    client.trouble.silent_down += down
    left_s = fault.lasts_s
    while left_s > 0:
        wait_s = min(left_s, UNANSWERED_S)
        await asyncio.sleep(wait_s)
        left_s -= wait_s
        # What was lost meanwhile is lost to this connection for good: TCP would not go on.
        if client.link is not None:
            world.broker.lose(client.link, "no answer")
    client.trouble.silent_up -= up
    client.trouble.silent_down -= down


async def strike_trouble(
    world: World, fault: Delay | Reordering | Duplication | Damage | QueueOverflow, name: str
) -> None:
    """Make a client's network worse for a while."""
    trouble = world.broker.client(name).trouble
    world.note(fault, name)
    field = TROUBLES[type(fault)]
    setattr(trouble, field, getattr(fault, field))
    await asyncio.sleep(fault.lasts_s)
    setattr(trouble, field, getattr(Trouble(), field))


async def strike_broker(world: World, fault: BrokerRestart, name: str) -> None:
    """Kill the broker and start it again."""
    world.note(fault, name)
    world.broker.stop(keeps_state=fault.keeps_state)
    await asyncio.sleep(fault.lasts_s)
    world.broker.start()


async def strike_poison(world: World, fault: Poison, name: str) -> None:
    """Publish what no reader can read."""
    rng = chance(world.seed, "poison", name, str(fault.at_s))
    junk = rng.choice(
        (
            b"",
            b"{",
            b"[[[[[[[[[[",
            b'{"seq": 1}',
            b"\x00" * 300,
            b'{"epoch": "x", "upto": 999999}',
            rng.randbytes(600),
            b'{"vehicle": "' + name.encode() + b'", "epoch": "poison", "seq": 1}',
        )
    )
    world.note(fault, name)
    topic = catalog.topic(world.org, name, TOPICS[fault.lane])
    world.broker.take(INTRUDER, topic, junk, 1, False)
