"""The day's faults, each at its instant."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from math import inf
from typing import Any, Final

from sim.chance import chance
from sim.faults.fault import Fault
from sim.faults.striking import computers, machines, network, people, senses
from sim.faults.striking.world import World

Strike = Callable[[World, Any, str], Coroutine[Any, Any, None]]
STRIKES: Final[dict[str, Strike]] = {
    "power_cut": computers.strike_cut,
    "kill": computers.strike_cut,
    "restart_storm": computers.strike_storm,
    "disk_full": computers.strike_full,
    "slow_disk": computers.strike_slow,
    "failing_disk": computers.strike_failing,
    "bit_rot": computers.strike_rot,
    "link_loss": network.strike_loss,
    "asymmetric_loss": network.strike_silence,
    "half_open": network.strike_silence,
    "delay": network.strike_trouble,
    "reordering": network.strike_trouble,
    "duplication": network.strike_trouble,
    "damage": network.strike_trouble,
    "queue_overflow": network.strike_trouble,
    "broker_restart": network.strike_broker,
    "poison": network.strike_poison,
    "clock_step": senses.strike_clock,
    "gps_week": senses.strike_week,
    "gnss_outage": senses.strike_outage,
    "gnss_jump": senses.strike_deceit,
    "gnss_spoof": senses.strike_deceit,
    "gnss_freeze": senses.strike_deceit,
    "serial_garbage": senses.strike_garbage,
    "swapped_device": senses.strike_swap,
    "wrong_scan": people.strike_scan,
    "nobody_home": people.strike_doors,
    "road_closed": people.strike_road,
    "hostile_command": people.strike_command,
    "autopilot_reboot": machines.strike_reboot,
    "battery_sag": machines.strike_battery,
    "stuck_lid": machines.strike_lid,
    "jammed_locker": machines.strike_doors,
}

LINGERS_S: Final = 15.0
"""On average, in the sub-state that it waits for, where a fault does not strike at once."""


async def play(world: World, faults: Iterable[Fault]) -> None:
    """Let every fault strike; for ever, so that what lasts can end."""
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as tasks:
        for number, fault in enumerate(faults):
            await asyncio.sleep(max(0.0, fault.at_s - loop.time()))
            for name in world.targets(fault):
                tasks.create_task(_strike(world, fault, name), name=f"fault {number} {name}")


async def _strike(world: World, fault: Fault, name: str) -> None:
    loop = asyncio.get_running_loop()
    await _reached(world, fault, name)
    world.troubles[name] = world.troubles.get(name, 0) + 1
    world.calm_since_s[name] = inf
    try:
        await STRIKES[fault.name](world, fault, name)
    finally:
        world.troubles[name] -= 1
        if world.troubles[name] == 0:
            world.calm_since_s[name] = loop.time()


async def _reached(world: World, fault: Fault, name: str) -> None:
    """Wait for the sub-state that a fault strikes in, and for some instant of it."""
    vehicle = world.vehicles.get(name)
    if fault.during is None or vehicle is None:
        return
    rng, version = chance(world.seed, "during", fault.name, name, str(fault.at_s)), 0
    while True:
        version, view = await vehicle.board.cab.views.newer_than(version)
        if view.phase != fault.during:
            continue
        if rng.random() < 0.5:
            await asyncio.sleep(rng.expovariate(1 / LINGERS_S))
        if vehicle.phase == fault.during and vehicle.board.machine.up:
            return
