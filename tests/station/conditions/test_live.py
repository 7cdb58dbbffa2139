"""Conditions of a running station, over a bad network, to vehicles that come and go."""

import asyncio
from datetime import timedelta

from edge.conditions.layers import NO_LAYERS
from edge.messages.broker.wire import from_json
from edge.messages.commands import Command, NewConditions
from sim.broker import NetworkFaults
from tests.conftest import simulate
from tests.station.live.house import House
from tests.station.live.vans import NOON

BAD = NetworkFaults(delay_s=0.2, jitter_s=0.5, lost_frac=0.1, twice_frac=0.2, breaks_per_h=60)
BIG = "".join(
    f"{9_000_000_000 + n},{9_000_000_001 + n},{n % 90}\n" for n in range(9000)
).encode()


def known(vehicle):
    """Return what a vehicle makes of its orders."""
    layers = NO_LAYERS
    for sealed in vehicle.orders:
        order = from_json(sealed, Command).order
        assert isinstance(order, NewConditions)
        assert layers.refusal(order.layer, NOON) == ""
        layers = layers.take(order.layer, NOON)
    return layers


def states(answer):
    return {(layer.name, one.vehicle): one.state for layer in answer.layers
            for one in layer.vehicles}  # fmt: skip


def test_every_vehicle_gets_every_layer_whole_and_a_deaf_one_only_the_newest(tmp_path):
    async def main():
        house = House(tmp_path, BAD, 3)
        station = await house.open()
        desk = station.office.conditions
        deaf = house.vehicles[2]
        deaf.deaf = True
        async with asyncio.TaskGroup() as tasks:
            living = [tasks.create_task(station.run())]
            living += [tasks.create_task(v.run()) for v in house.vehicles]
            await station.ready.wait()
            told = await desk.import_file("city.csv", BIG, expires_in_s=36_000)
            assert told.parts == 3
            for kmh in range(10, 60, 10):
                text = f"1,2,{kmh}\n".encode()
                await desk.import_file("jam.csv", text, expires_in_s=36_000)
                await asyncio.sleep(120)
            shown = states(await desk.show())
            assert {state for (_, name), state in shown.items() if name != "van-3"} == {
                "acknowledged"
            }
            assert shown["traffic:jam", "van-3"] == "waiting"
            deaf.deaf = False
            await asyncio.sleep(300)
            assert set(states(await desk.show()).values()) == {"acknowledged"}
            await desk.clear("traffic:city")
            await asyncio.sleep(120)
            for task in living:
                task.cancel()
        await house.database.close()
        return house

    house = simulate(main)
    for vehicle in house.vehicles:
        assert [s.kmh for s in known(vehicle).segments(NOON + timedelta(hours=1))] == [50]
    per_vehicle = [len(vehicle.orders) for vehicle in house.vehicles]
    assert per_vehicle == [3 + 5 + 1, 3 + 5 + 1, 3 + 2 + 1]
