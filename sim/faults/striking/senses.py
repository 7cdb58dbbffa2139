"""Clocks, receivers and cables."""

import asyncio
import math
from collections.abc import Callable
from typing import Protocol, runtime_checkable

from msgspec.structs import replace

from sim.chance import chance
from sim.devices.receiver import Receiver, with_fix
from sim.faults.senses import (
    ClockStep,
    GnssFreeze,
    GnssJump,
    GnssOutage,
    GnssSpoof,
    GpsWeek,
    SerialGarbage,
    SwappedDevice,
)
from sim.faults.striking.clocks import WallClock
from sim.faults.striking.world import World
from sim.town.streets import M_PER_DEG
from sim.vehicles.vehicle import Vehicle
from sim.wire import Cable
from sim.world import Truth

WEEKS_S = (
    1024 * 7 * 86_400.0
)  # the week has ten bits in the old messages (IS-GPS-200, 20.3.3.3.1.1)
DOWN_S = 2.0
ELM = b"SEARCHING...\r\rUNABLE TO CONNECT\r\r>NO DATA\r\r>"
MAVLINK = bytes.fromhex("fd09000000010100000000000000020c51040303e9a1")
FAR_DEG = 3.0


@runtime_checkable
class Sensing(Protocol):
    """A vehicle with a receiver on a cable, and a clock of its own."""

    receiver: Receiver
    cable: Cable
    wall: WallClock


async def strike_clock(world: World, fault: ClockStep, name: str) -> None:
    """Let the wall clock jump and the daemon start again on it."""
    vehicle = world.vehicles[name]
    world.note(fault, name)
    wall = _sensing(vehicle).wall
    wall.off_s += fault.step_s
    wall.trusted = False
    vehicle.board.machine.kill(DOWN_S)
    await asyncio.sleep(0)


async def strike_week(world: World, fault: GpsWeek, name: str) -> None:
    """Let the receiver count from the wrong epoch, on a board that must ask it for the time."""
    vehicle = world.vehicles[name]
    sensing = _sensing(vehicle)
    receiver = sensing.receiver
    world.note(fault, name)
    receiver.late_s += WEEKS_S
    sensing.wall.trusted = False
    vehicle.board.machine.kill(DOWN_S)
    await asyncio.sleep(fault.lasts_s)
    receiver.late_s -= WEEKS_S


async def strike_outage(world: World, fault: GnssOutage, name: str) -> None:
    """Take the position away."""
    sensing = _sensing(world.vehicles[name])
    world.note(fault, name)
    if fault.how == "unplugged":
        sensing.cable.unplug()
    elif fault.how == "roof":
        sensing.receiver.sees_sky = False
    else:
        sensing.receiver.has_power = False
    await asyncio.sleep(fault.lasts_s)
    sensing.receiver.sees_sky = sensing.receiver.has_power = True
    sensing.cable.plug()


async def strike_deceit(
    world: World, fault: GnssJump | GnssSpoof | GnssFreeze, name: str
) -> None:
    """Make the receiver believe that it is elsewhere."""
    receiver = _sensing(world.vehicles[name]).receiver
    deceive = _deceit(fault)
    world.note(fault, name)
    receiver.deceived.append(deceive)
    await asyncio.sleep(fault.lasts_s)
    receiver.deceived.remove(deceive)


async def strike_garbage(world: World, fault: SerialGarbage, name: str) -> None:
    """Send noise down the cable."""
    cable = _sensing(world.vehicles[name]).cable
    rng = chance(world.seed, "garbage", name, str(fault.at_s))
    world.note(fault, name)
    cable.more_damage_frac = fault.damage_frac
    ends_s = asyncio.get_running_loop().time() + fault.lasts_s
    while (left_s := ends_s - asyncio.get_running_loop().time()) > 0:
        cable.inject(rng.randbytes(fault.noise_b_s))
        await asyncio.sleep(min(1.0, left_s))
    cable.more_damage_frac = 0.0


async def strike_swap(world: World, fault: SwappedDevice, name: str) -> None:
    """Let something else answer on the receiver's port."""
    sensing = _sensing(world.vehicles[name])
    world.note(fault, name)
    sensing.cable.swapped = True
    ends_s = asyncio.get_running_loop().time() + fault.lasts_s
    while (left_s := ends_s - asyncio.get_running_loop().time()) > 0:
        match fault.speaks:
            case "elm327":
                sensing.cable.inject(ELM)
            case "mavlink":
                sensing.cable.inject(MAVLINK)
            case "other_receiver":
                sensing.cable.inject(_elsewhere(sensing.receiver))
            case "silence":
                pass
        await asyncio.sleep(min(1.0, left_s))
    sensing.cable.swapped = False


def _sensing(vehicle: Vehicle) -> Sensing:
    assert isinstance(vehicle, Sensing), "a fault of senses strikes who has them"
    return vehicle


def _deceit(fault: GnssJump | GnssSpoof | GnssFreeze) -> Callable[[Truth], Truth]:
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    frozen: list[Truth] = []

    def deceive(truth: Truth) -> Truth:
        match fault:
            case GnssJump():
                return _moved(truth, fault.east_m, fault.north_m)
            case GnssSpoof():
                away_m = (loop.time() - began_s) * fault.away_mps
                bearing_rad = math.radians(fault.bearing_deg)
                return _moved(
                    truth, away_m * math.sin(bearing_rad), away_m * math.cos(bearing_rad)
                )
            case GnssFreeze():
                if not frozen:
                    frozen.append(truth)
                return frozen[0]

    return deceive


def _moved(truth: Truth, east_m: float, north_m: float) -> Truth:
    per_deg_m = M_PER_DEG * math.cos(math.radians(truth.lat_deg))
    return replace(
        truth,
        lat_deg=truth.lat_deg + north_m / M_PER_DEG,
        lon_deg=truth.lon_deg + east_m / per_deg_m,
    )


def _elsewhere(receiver: Receiver) -> bytes:
    """Return what a receiver far away says."""
    truth = receiver.truth()
    return with_fix(
        receiver.utc(), truth.lat_deg - FAR_DEG, truth.lon_deg + FAR_DEG, truth, 2.0
    )
