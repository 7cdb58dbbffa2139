"""Autopilots, batteries, lids and compartments of drones and robots."""

import asyncio
from typing import Protocol, runtime_checkable

from sim.devices.autopilot.cable import OnCable
from sim.faults.machines import AutopilotReboot, BatterySag, JammedLocker, StuckLid
from sim.faults.striking.world import World
from sim.vehicles.machines.strongbox import Strongbox

STANDS_MPS = 0.05
ON_GROUND_M = 0.3
ASKS_S = 5.0
GIVES_UP_S = 1800.0


@runtime_checkable
class Machine(Protocol):
    """A vehicle with an autopilot."""

    autopilot: OnCable


@runtime_checkable
class Boxed(Protocol):
    """A robot with its compartments."""

    box: Strongbox


async def strike_reboot(world: World, fault: AutopilotReboot, name: str) -> None:
    """Take the autopilot's power away; from a drone only where it stands, for it would fall."""
    vehicle = world.vehicles[name]
    if not isinstance(vehicle, Machine):
        return
    waited_s = 0.0
    while world.kinds[name] == "drone" and not _stands(vehicle):
        if waited_s >= GIVES_UP_S:
            return
        await asyncio.sleep(ASKS_S)
        waited_s += ASKS_S
    world.note(fault, name)
    vehicle.autopilot.reboot()


async def strike_battery(world: World, fault: BatterySag, name: str) -> None:
    """Let a part of the charge be gone."""
    vehicle = world.vehicles[name]
    if isinstance(vehicle, Machine):
        world.note(fault, name)
        battery = vehicle.autopilot.autopilot.plant.machine.battery
        battery.left_frac *= 1.0 - fault.lost_frac


async def strike_lid(world: World, fault: StuckLid, name: str) -> None:
    """Let the lid stay as it is."""
    vehicle = world.vehicles[name]
    if isinstance(vehicle, Boxed):
        world.note(fault, name)
        vehicle.box.stuck = True
        await asyncio.sleep(fault.lasts_s)
        vehicle.box.stuck = False


async def strike_doors(world: World, fault: JammedLocker, name: str) -> None:
    """Let the doors of the compartments stay shut, though their bolts are drawn."""
    vehicle = world.vehicles[name]
    if isinstance(vehicle, Boxed):
        world.note(fault, name)
        vehicle.box.jammed = True
        await asyncio.sleep(fault.lasts_s)
        vehicle.box.jammed = False


def _stands(machine: Machine) -> bool:
    body = machine.autopilot.autopilot.plant.machine.body
    return abs(body.up_m) < ON_GROUND_M and body.ground_speed_mps < STANDS_MPS
