import asyncio
from random import Random

import pytest

from edge.errors import LinkError
from sim.wire import Cable, Ports, Wire, WireFaults
from tests.conftest import simulate

SENT = [b"$GNGGA,%06d,some position*00\r\n" % number for number in range(500)]


def heard(faults, seed=1):
    async def main():
        wire = Wire(Random(seed), faults)
        pieces = []

        async def listen():
            while piece := await wire.receive():
                pieces.append(piece)

        listening = asyncio.ensure_future(listen())
        for line in SENT:
            wire.send(line)
            await asyncio.sleep(1.0)
        wire.end()
        await listening
        return pieces

    return simulate(main)


def test_a_good_cable_changes_nothing():
    assert heard(WireFaults()) == SENT


def test_splitting_keeps_every_byte_in_order():
    pieces = heard(WireFaults(split_frac=0.5))
    assert len(pieces) > len(SENT)
    assert b"".join(pieces) == b"".join(SENT)


def test_damage_flips_single_bits_about_as_often_as_said():
    sent, got = b"".join(SENT), b"".join(heard(WireFaults(damage_frac=0.01)))
    assert len(got) == len(sent)
    flipped = [(a ^ b).bit_count() for a, b in zip(sent, got, strict=True) if a != b]
    assert set(flipped) == {1}
    assert 0.005 < len(flipped) / len(sent) < 0.02


def test_loss_takes_runs_of_bytes():
    sent, got = b"".join(SENT), b"".join(heard(WireFaults(loss_frac=0.002)))
    assert 0.85 * len(sent) < len(got) < len(sent)


def test_the_same_seed_spoils_the_same_bytes():
    faults = WireFaults(split_frac=0.2, loss_frac=0.001, damage_frac=0.005)
    assert heard(faults, 5) == heard(faults, 5)
    assert heard(faults, 5) != heard(faults, 6)


def test_bytes_arrive_after_the_delay_and_are_lost_while_nobody_listens():
    async def main():
        cable, ports = Cable(Random(1), WireFaults(delay_s=0.5)), Ports()
        ports.attach("/dev/gps", cable)
        cable.send(b"nobody hears this")
        async with ports.open_link("serial:/dev/gps:9600") as end:
            cable.send(b"hello")
            got = await end.read()
            assert asyncio.get_running_loop().time() == pytest.approx(0.5)
            return got

    assert simulate(main) == b"hello"


def test_an_unplugged_cable_ends_the_link_and_cannot_be_opened_until_it_is_back():
    async def main():
        cable, ports = Cable(Random(1), WireFaults()), Ports()
        ports.attach("/dev/gps", cable)
        address = "serial:/dev/gps:9600"
        async with ports.open_link(address) as end:
            asyncio.get_running_loop().call_later(1.0, cable.unplug)
            assert await end.read() == b""
            with pytest.raises(LinkError):
                await end.write(b"x")
        with pytest.raises(LinkError):
            async with ports.open_link(address):
                pass
        cable.plug()
        async with ports.open_link(address):
            with pytest.raises(LinkError, match="in use"):
                async with ports.open_link(address):
                    pass

    simulate(main)


def test_an_address_without_a_cable_is_a_link_error():
    async def main():
        with pytest.raises(LinkError, match="no such port"):
            async with Ports().open_link("serial:/dev/none:9600"):
                pass

    simulate(main)
