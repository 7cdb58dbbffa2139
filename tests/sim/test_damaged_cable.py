"""From ground truth over a bad cable to what the vehicle believes: never a false position."""

import asyncio
import math
from datetime import UTC, datetime
from random import Random

import pytest

from edge.clock import LoopClock
from edge.messages.geo import Place
from edge.messages.readings import DeviceBack, DeviceSilent, GnssFix
from edge.position.estimator import Estimator
from firmware_bridge.bridge import run_bridge
from sim.chance import chance
from sim.devices.receiver import Receiver, ReceiverFaults
from sim.scenario import load_scenario
from sim.town.streets import Flat
from sim.town.town import Town, TownSize
from sim.vehicles.config import GPS_PORT, Keys, vehicle_config, vehicle_key
from sim.vehicles.van import Van
from sim.wire import Cable, Ports, WireFaults
from tests.conftest import simulate
from tests.firmware_bridge.links import lent

START = datetime(2026, 11, 23, 7, tzinfo=UTC)
HOUR_S = 3600
BAD = WireFaults(split_frac=0.5, loss_frac=0.0005, damage_frac=0.002)
UNUSABLE = WireFaults(split_frac=0.9, loss_frac=0.02, damage_frac=0.05)


def drive(faults, seed, during=lambda now_s, receiver, cable: None):
    """Drive about for an hour; return each state's error, how far it is beyond what the state
    claims, and the readings.
    """
    town = Town(TownSize(), chance(seed, "town"))
    flat = Flat(town.station)
    errors_m, beyond_m, readings = [], [], []

    async def main():
        loop = asyncio.get_running_loop()
        clock = LoopClock(loop, START, "simulated")
        van, estimator, rng = Van(town.station), Estimator(), chance(seed, "drive")
        cable, ports = Cable(chance(seed, "cable"), faults), Ports()
        ports.attach(GPS_PORT, cable)
        key = vehicle_key(seed, "van-1")
        config = vehicle_config(load_scenario("one_van"), "van-1", "o", Keys(key, key.public))
        receiver = Receiver(
            lambda: van.truth(loop.time()),
            cable.send,
            clock=clock,
            rng=chance(seed, "receiver"),
            faults=ReceiverFaults(),
        )

        def publish(reading):
            readings.append(reading)
            state = estimator.take(reading)
            if state is not None and state.place is not None:
                truth = van.truth(state.at_s)
                at = Place(lat_deg=truth.lat_deg, lon_deg=truth.lon_deg)
                error_m = math.dist(flat.xy(state.place), flat.xy(at))
                errors_m.append(error_m)
                beyond_m.append(error_m - state.accuracy_m)

        bridge = run_bridge(
            config,
            publish,
            clock=clock,
            rng=Random(1),
            open_link=ports.open_link,
            lent=lent(),
        )
        tasks = [
            asyncio.ensure_future(receiver.run()),
            asyncio.ensure_future(bridge),
        ]
        while loop.time() < HOUR_S:
            if loop.time() >= van.arrives_s:
                home = rng.choice(town.addresses)
                van.drive(town.ways.way(van.halt(loop.time()), home.place), loop.time())
            during(loop.time(), receiver, cable)
            await asyncio.sleep(5.0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    simulate(main)
    return errors_m, beyond_m, readings


@pytest.mark.parametrize("seed", range(3))
def test_a_good_cable_gives_every_second_within_metres(seed):
    errors_m, _, readings = drive(WireFaults(), seed)
    assert len(errors_m) > 0.99 * HOUR_S
    assert max(errors_m) < 12
    assert all(isinstance(reading, GnssFix) for reading in readings)


@pytest.mark.parametrize("seed", range(3))
def test_a_bad_cable_loses_seconds_and_never_lies(seed):
    errors_m, beyond_m, readings = drive(BAD, seed)
    assert len(errors_m) > 0.5 * HOUR_S
    assert max(beyond_m) < 10
    assert max(errors_m) < 40
    assert sum(isinstance(reading, GnssFix) for reading in readings) < 0.98 * HOUR_S


def test_an_unusable_cable_is_named_and_never_lies():
    _, beyond_m, readings = drive(UNUSABLE, 1)
    assert any(isinstance(reading, DeviceSilent) for reading in readings)
    assert all(error_m < 10 for error_m in beyond_m)


def test_a_pulled_cable_is_noticed_within_three_seconds_and_back_within_five():
    pulled_s, back_s = 1000.0, 1600.0

    def during(now_s, receiver, cable):
        if pulled_s <= now_s < pulled_s + 5:
            cable.unplug()
        if back_s <= now_s < back_s + 5:
            cable.plug()

    errors_m, _, readings = drive(WireFaults(), 2, during)
    silent = next(r for r in readings if isinstance(r, DeviceSilent))
    back = next(r for r in readings if isinstance(r, DeviceBack))
    assert silent.received_s <= pulled_s + 3
    assert back.received_s <= back_s + 5
    assert not [
        r for r in readings if isinstance(r, GnssFix) and pulled_s + 1 < r.received_s < back_s
    ]
    assert max(errors_m) < 12
