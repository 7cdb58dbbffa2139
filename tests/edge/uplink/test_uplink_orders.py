"""Orders of the station on the shipped uplink: genuine, forged, strange, expired."""

import asyncio
import base64
from datetime import timedelta

import pytest

from edge.handover.proof import SigningKey
from edge.messages.broker.catalog import topic
from edge.messages.facts import CommandRefused, ItemQuarantined
from edge.uplink.inbox import FORGED_TOLD_EVERY_S
from sim.broker import NetworkFaults
from tests.edge.uplink.peers import STATION_KEY, command, sealed
from tests.edge.uplink.vehicle import until

DOWN = topic("acme", "van-1", "command")


def test_orders_are_carried_out_in_order_and_acknowledged_once_durable(net):
    async def main(net):
        for seq in range(1, 200):
            net.station.order(sealed(seq))
        await until(lambda: net.station.orders_acked == 199)
        assert net.vehicle.obeyed == list(range(1, 200))
        assert net.vehicle.facts.received() == {"c1": 199}

    net(main)


def test_orders_given_while_the_vehicle_was_away_come_once(net):
    faults = NetworkFaults(twice_frac=0.5, jitter_s=2.0, breaks_per_h=240.0)

    async def main(net):
        for seq in range(1, 60):
            net.station.order(sealed(seq))
            if seq % 20 == 0:
                await net.kill_vehicle()
                await asyncio.sleep(300.0)
                await net.vehicle.open()
                net.vehicle_running()
            await asyncio.sleep(1.0)
        await until(lambda: net.station.orders_acked == 59, 600.0)
        assert net.vehicle.obeyed == list(range(1, 60))

    net(main, faults=faults)


def test_a_forged_order_is_ignored_told_once_and_holds_nothing_up(net):
    async def main(net):
        forger = SigningKey.from_seed(b"f" * 32)
        async with net.broker.connector("mallory")((), None) as mallory:
            for seq in (1, 2, 3):
                await mallory.publish(DOWN, forger.seal(command(seq)), qos=1)
                await mallory.publish(DOWN, b"rubbish", qos=1)
        await asyncio.sleep(5.0)
        assert net.vehicle.facts.received() == {}
        ((fact, received),) = net.vehicle.refused
        assert isinstance(fact, CommandRefused)
        assert (fact.order, received) == ("unknown", None)
        for seq in (1, 2):
            net.station.order(sealed(seq))
        await until(lambda: net.vehicle.obeyed == [1, 2])
        await asyncio.sleep(FORGED_TOLD_EVERY_S)
        async with net.broker.connector("mallory")((), None) as mallory:
            await mallory.publish(DOWN, b"more", qos=1)
        await until(lambda: len(net.vehicle.refused) == 2)
        assert "7 so far" in net.vehicle.refused[1][0].reason

    net(main)


def test_a_replayed_order_is_not_carried_out_again(net):
    async def main(net):
        net.station.order(sealed(1))
        await until(lambda: net.vehicle.obeyed == [1])
        async with net.broker.connector("mallory")((), None) as mallory:
            for _ in range(5):
                await mallory.publish(DOWN, sealed(1), qos=1)
        await asyncio.sleep(10.0)
        assert net.vehicle.obeyed == [1]

    net(main)


def test_an_order_that_is_not_understood_is_put_aside_and_the_next_one_comes(net):
    async def main(net):
        strange = STATION_KEY.seal(command(2)).replace(b'"cancel_stops"', b'"make_a_dance"')
        cut = strange.index(b',"signature"')
        signature = STATION_KEY._private.sign(strange[:cut])
        strange = strange[:cut] + b',"signature":"' + base64.b64encode(signature) + b'"}'
        for payload in (sealed(1), strange, sealed(3)):
            net.station.order(payload)
        await until(lambda: net.station.orders_acked == 3)
        assert net.vehicle.obeyed == [1, 3]
        ((fact, received),) = net.vehicle.refused
        assert isinstance(fact, ItemQuarantined)
        assert (fact.seq, received) == (2, ("c1", 2))

    net(main)


@pytest.mark.parametrize(("source", "obeyed"), [("ntp", [2]), ("host", [1, 2])])
def test_an_expired_order_is_refused_by_a_trusted_clock_only(net, source, obeyed):
    async def main(net):
        await asyncio.sleep(13 * 3600.0)
        net.station.order(sealed(1))
        net.station.order(sealed(2, lasts=timedelta(hours=24)))
        await until(lambda: net.station.orders_acked == 2)
        assert net.vehicle.obeyed == obeyed
        refused = [(fact.command_seq, received) for fact, received in net.vehicle.refused]
        assert refused == [(seq, ("c1", seq)) for seq in (1, 2) if seq not in obeyed]

    net(main, source=source)


def test_an_order_that_could_not_be_kept_is_not_acknowledged_and_comes_again(net):
    async def main(net):
        net.vehicle.broken_disk = True
        for seq in (1, 2, 3):
            net.station.order(sealed(seq))
        await asyncio.sleep(30.0)
        assert net.station.orders_acked == 0
        net.vehicle.broken_disk = False
        await until(lambda: net.station.orders_acked == 3, 120.0)
        assert net.vehicle.obeyed == [1, 2, 3]

    net(main)
