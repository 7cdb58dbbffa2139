"""Whatever comes in, the controller lives on, moves by the laws and stays within its bounds."""

import math
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymavlink.dialects.v20 import ardupilotmega as mavlink

from tests.sim.devices.autopilot.peer import ALL_FOUR, Peer

KINDS = pytest.mark.parametrize(("kind", "manner"), ALL_FOUR)
HEARD = [4, 11, 20, 21, 23, 39, 40, 41, 43, 44, 45, 47, 51, 66, 73, 75, 76, 84, 86, 110, 111]
ODD = (math.nan, math.inf, -math.inf, 0.0, 1.0, -1.0, 3e38, 21196.0)
COMMANDS = (16, 17, 18, 19, 20, 21, 22, 31, 93, 94, 112, 115, 176, 177, 178, 179, 185, 192, 193)
COMMANDS += (207, 211, 224, 246, 300, 400, 410, 511, 512, 5001, 5003, 5100, 42600)


def anything(rng):
    """A message that is well formed, and whose values are not."""
    kind = mavlink.mavlink_map[rng.choice(HEARD)]
    values = []
    for name, sort in zip(kind.fieldnames, kind.fieldtypes, strict=True):
        if name == "target_system":
            value = 1
        elif name in ("target_component", "mission_type"):
            value = rng.choice((0, 1, 1, 2, 255)) if name == "mission_type" else 1
        elif name == "command":
            value = rng.choice(COMMANDS)
        elif name in ("count", "seq"):
            value = rng.choice((0, 1, 2, 3, 65535))
        elif sort == "char":
            value = rng.choice((b"RC3_DZ", b"COM_OF_LOSS_T", b"", bytes(range(128, 144))))
        elif sort in ("float", "double"):
            value = rng.choice(ODD) if rng.random() < 0.5 else rng.uniform(-1e3, 1e3)
        else:
            bits = 8 * {"uint8_t": 1, "int8_t": 1, "uint16_t": 2, "int16_t": 2}.get(sort, 4)
            bits = 64 if "64" in sort else bits
            least = -(1 << bits - 1) if sort.startswith("int") else 0
            span = (1 << bits) - 1
            value = least + rng.choice((0, 1, 2, span, rng.randint(0, span)))
            value = [value % 256] * 251 if name == "payload" else value
        values.append(value)
    return kind(*values)


def batter(kind, manner, seed, messages):
    rng = Random(seed)
    peer = Peer(kind, manner).ready()
    if kind == "copter" and rng.random() < 0.5:
        peer.up()
    for _ in range(messages):
        peer.say(anything(rng))
        if rng.random() < 0.3:
            peer.run(rng.choice((0.01, 0.1, 1.0)))
        peer.heard.clear()
    peer.run(3.0)
    body = peer.body
    assert all(
        map(math.isfinite, (body.east_m, body.north_m, body.up_m, *body.velocity_enu_mps))
    )
    assert all(len(plan) <= 2000 for plan in peer.autopilot.memory.plans.values())
    if peer.autopilot.controller is not None:
        peer.command(512, 148)


@KINDS
@pytest.mark.parametrize("seed", range(3))
def test_messages_of_any_values(kind, manner, seed):
    batter(kind, manner, seed, 150)


@pytest.mark.fuzz
@KINDS
def test_many_messages_of_any_values(kind, manner):
    for seed in range(100, 160):
        batter(kind, manner, seed, 400)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.binary(max_size=300), max_size=20))
def test_any_bytes(pieces):
    peer = Peer(beats=False)
    for piece in pieces:
        peer.autopilot.receive(piece, peer.now_s)
        peer.run(0.1)
    peer.run(1.0)
    assert peer.of("HEARTBEAT")


def test_more_than_it_can_read_is_lost_and_bounded():
    peer = Peer()
    ping = mavlink.MAVLink_ping_message(1, 1, 0, 0).pack(peer.mav)
    peer.autopilot.receive(ping * 10_000, 0.0)
    for link in range(100):
        peer.autopilot.receive(ping[:-1], 0.0, link=str(link))
    peer.run(1.0)
    assert len(peer.of("PING")) <= 4096
