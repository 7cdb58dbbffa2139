"""The vehicle's end of the network, with the shipped stores, on virtual time."""

import asyncio
import logging
from datetime import timedelta
from random import Random

import msgspec
import pytest

from edge.messages.broker.catalog import topic
from edge.messages.broker.stream import Ack, with_crc
from edge.messages.broker.wire import read_fact, to_json
from edge.messages.geo import Place
from edge.messages.state import Backlog, VehicleState
from edge.store.batches import unpack
from edge.uplink.acks import seal_ack
from sim.broker import NetworkFaults
from tests.edge.uplink.peers import MORNING, STATION_KEY
from tests.edge.uplink.vehicle import KEY, until

KEYS = {KEY.key_id: KEY.public}
DOWN = topic("acme", "van-1", "command")


def test_facts_arrive_once_in_order_and_are_known_to_have_arrived(net):
    async def main(net):
        await net.commit(300)
        await net.arrived()
        assert net.vehicle.uplink.backlog().facts == 0
        assert net.vehicle.uplink.resent == 0
        assert net.station.received == 301

    net(main)


def test_a_fact_is_on_its_way_at_once(net):
    async def main(net):
        await asyncio.sleep(1000.0)
        await net.commit(1)
        await asyncio.sleep(0.5)
        assert len(net.station.facts()) == 2

    net(main)


def test_eight_hours_without_a_broker_lose_nothing(net):
    async def main(net):
        net.broker.stop()
        for _ in range(480):
            await net.commit(3)
            await asyncio.sleep(60.0)
        assert net.vehicle.uplink.backlog().facts >= 1440
        net.broker.start()
        await net.arrived(within_s=60.0)

    net(main)


def test_the_live_position_does_not_wait_behind_the_backlog(net):
    async def main(net):
        net.broker.stop()
        await net.commit(3000)
        net.broker.start()
        await until(lambda: net.station.connected.is_set() and net.vehicle.uplink.online)
        await net.commit(1000)
        for number in range(5):
            net.vehicle.show(number)
            await asyncio.sleep(1.2)
        assert [live.stops_left for _, live in net.station.live] == list(range(5))
        ages = [at_s - (live.utc - MORNING).total_seconds() for at_s, live in net.station.live]
        assert max(ages) < 2.0
        await net.arrived()

    net(main)


def test_the_newest_live_position_wins_and_none_is_shown_twice(net):
    async def main(net):
        for number in range(100):
            net.vehicle.show(number)
            await asyncio.sleep(0.1)
        await asyncio.sleep(2.0)
        shown = [live.stops_left for _, live in net.station.live]
        assert len(shown) <= 11
        assert shown[-1] == 99
        net.broker.stop()
        await asyncio.sleep(60.0)
        net.broker.start()
        await until(lambda: net.vehicle.uplink.online)
        await asyncio.sleep(10.0)
        assert len(net.station.live) == len(shown), "what was shown does not leak again"

    net(main)


@pytest.mark.parametrize("seed", range(3))
def test_a_bad_network_and_a_forgetful_station_change_nothing(net, seed):
    faults = NetworkFaults(
        delay_s=0.3, jitter_s=0.5, lost_frac=0.3, twice_frac=0.3, breaks_per_h=240.0
    )

    async def main(net):
        rng = Random(seed)
        for _ in range(40):
            await net.commit(rng.randint(1, 30))
            await asyncio.sleep(rng.uniform(0.0, 30.0))
            happens = rng.random()
            if happens < 0.15:
                net.station.restart()
            elif happens < 0.3:
                net.broker.stop()
                await asyncio.sleep(rng.uniform(0.0, 60.0))
                net.broker.start()
            elif happens < 0.4:
                await net.kill_vehicle()
                await net.vehicle.open()
                net.vehicle_running()
        await net.arrived(within_s=1200.0)

    net(main, faults=faults, seed=seed)


def test_track_and_media_arrive_whole(net):
    async def main(net):
        photo = bytes(range(256)) * 2000
        made = await net.vehicle.proofs.attach(photo, "image/jpeg")
        for number in range(180):
            state = VehicleState(
                at_s=net.vehicle.clock.now_s(),
                fix="gnss",
                place=Place(lat_deg=47.0 + number / 1000, lon_deg=8.0),
            )
            net.vehicle.track.add(state, route="R1")
            await asyncio.sleep(1.0)
        await net.vehicle.track.flush()
        await until(lambda: net.vehicle.uplink.backlog().track == 0)
        await until(lambda: net.vehicle.uplink.backlog().proof == 0)
        chunks = net.station.committed["proof"]["e1"]
        assert b"".join(chunk.piece for chunk in chunks) == photo
        assert {chunk.sha256 for chunk in chunks} == {made.sha256}
        batches = [unpack(item.batch) for item in net.station.committed["track"]["t1"]]
        assert sum(len(batch.points) for batch in batches) >= 120
        assert await net.vehicle.track.read(1, 99) == []

    net(main)


def test_presence_is_told_on_connecting_on_change_and_on_leaving(net):
    async def main(net):
        await asyncio.sleep(1.0)
        status = net.vehicle.status
        status.set(msgspec.structs.replace(status.value, route_id="R1"))
        await asyncio.sleep(1.0)
        await net.stop("vehicle")
        await asyncio.sleep(1.0)
        told = [(status.state, status.route_id) for status in net.station.statuses]
        assert told == [("online", None), ("online", "R1"), ("offline", "R1")]
        assert net.station.statuses[-1].utc is not None

    net(main)


def test_a_vehicle_that_vanishes_is_declared_offline_by_its_will(net):
    async def main(net):
        await asyncio.sleep(1.0)
        net.broker.sever("van-1")
        await asyncio.sleep(20.0)
        told = [(status.state, status.utc is None) for status in net.station.statuses]
        assert told == [("online", True), ("offline", True), ("online", True)]
        assert net.station.statuses[1].version == "1.2"

    net(main)


def test_a_station_that_never_acknowledges_is_named_within_a_minute(net, caplog):
    async def main(net):
        net.station.acknowledges = False
        await asyncio.sleep(100.0)
        await net.commit(1)
        await asyncio.sleep(60.0)
        named = [
            record for record in caplog.records if "does not acknowledge" in record.message
        ]
        assert [record.stream for record in named] == ["fact"]
        assert net.vehicle.uplink.alarms == ("the station does not acknowledge: fact",)
        await net.commit(100)
        await asyncio.sleep(3600.0)
        assert net.station.received < 200, "it is probed, not flooded"
        net.station.acknowledges = True
        await net.arrived()
        assert net.vehicle.uplink.alarms == ()

    with caplog.at_level(logging.INFO):
        net(main)


def test_a_store_that_went_back_in_time_is_an_alarm(net):
    async def main(net):
        ack = Ack(stream="fact", epoch="e1", upto=50)
        ack = seal_ack(ack, vehicle="van-1", key=STATION_KEY)
        async with net.broker.connector("rogue")((), None) as link:
            await link.publish(topic("acme", "van-1", "down_ack"), ack, qos=1)
        await asyncio.sleep(1.0)
        assert "50 of epoch e1, but there are only 1" in net.vehicle.uplink.alarms[0]

    net(main)


def test_acknowledgements_that_are_none_are_ignored(net):
    async def main(net):
        async with net.broker.connector("rogue")((), None) as link:
            for payload in (b"", b"{}", b'{"stream":"fact","epoch":"e1","upto":-1}'):
                await link.publish(topic("acme", "van-1", "down_ack"), payload, qos=1)
        await net.commit(5)
        await net.arrived()

    net(main)


def test_somebody_elses_acknowledgement_is_not_believed_after_a_signed_one(net):
    async def main(net):
        await net.commit(1)
        await net.arrived()
        net.station.acknowledges = False
        await net.commit(50)
        async with net.broker.connector("rogue")((), None) as link:
            ack = to_json(with_crc(Ack(stream="fact", epoch="e1", upto=52)))
            await link.publish(topic("acme", "van-1", "down_ack"), ack, qos=1)
        await asyncio.sleep(10.0)
        assert net.vehicle.facts.acked == 2
        await net.kill_vehicle()
        await net.vehicle.open()
        assert net.vehicle.facts.acks_are_sealed, "it survives a restart"

    net(main)


def test_a_station_restored_from_a_copy_gets_everything_again(net):
    async def main(net):
        vehicle, lanes = net.vehicle, net.station.committed
        await net.commit(90)
        await vehicle.proofs.attach(bytes(100_000), "image/jpeg")
        await vehicle.track.flush()
        await until(lambda: vehicle.uplink.backlog() == Backlog(facts=0, track=0, proof=0))
        had = list(lanes["fact"]["e1"])
        assert await vehicle.facts.prune(MORNING + timedelta(days=1)) == 90
        del lanes["fact"]["e1"][45:], lanes["proof"]["e1"][1:]
        net.station.restart()
        await until(lambda: len(lanes["fact"]["e1"]) == 91, within_s=600.0)
        await until(lambda: len(lanes["proof"]["e1"]) == 4, within_s=600.0)
        assert lanes["fact"]["e1"][90] == had[90]
        told = [read_fact(sealed).data for sealed in lanes["fact"]["e1"][45:90]]
        assert {fact.why for fact in told} == {"wiped once it was acknowledged"}
        await net.commit(1)
        await until(lambda: vehicle.uplink.backlog().facts == 0)

    net(main)
