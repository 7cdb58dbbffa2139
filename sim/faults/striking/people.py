"""People who err, doors that stay shut, roads that close, and those who mean harm."""

import asyncio
import base64
from datetime import timedelta

from edge.handover.proof import SigningKey
from edge.messages.broker import catalog
from edge.messages.commands import (
    AnyDriverAction,
    CancelStops,
    Command,
    HandOver,
    ScanParcel,
)
from edge.messages.view import DayView
from sim.chance import chance
from sim.faults.people import HostileCommand, NobodyHome, RoadClosed, WrongScan
from sim.faults.striking.network import INTRUDER
from sim.faults.striking.world import World

SOMEBODY = "somebody"
ANSWERS_S = 60.0


async def strike_scan(world: World, fault: WrongScan, name: str) -> None:
    """Press what must be refused."""
    vehicle = world.vehicles[name]
    view = vehicle.board.cab.views.value
    if view is None:
        return
    action = _slip(world, fault, name, view)
    if action is None:
        return
    world.note(fault, name)
    try:
        async with asyncio.timeout(ANSWERS_S):
            answer = await vehicle.board.cab.act(action)
    except TimeoutError:  # the daemon is down
        return
    if answer.accepted and fault.what != "again":
        world.accepted.append((name, fault.at_s, f"{type(action).__name__} ({fault.what})"))


async def strike_doors(world: World, fault: NobodyHome, name: str) -> None:
    """Let fewer customers open."""
    out = world.out.setdefault(name, [])
    world.note(fault, name)
    out.append(fault.frac)
    await asyncio.sleep(fault.lasts_s)
    out.remove(fault.frac)


async def strike_road(world: World, fault: RoadClosed, name: str) -> None:
    """Write down that a street is closed: the roads of the day know it since the morning."""
    world.note(fault, name)


async def strike_command(world: World, fault: HostileCommand, name: str) -> None:
    """Send an order that must be refused."""
    vehicle = world.vehicles[name]
    if fault.how == "replayed":
        heard = world.orders.get(name)
        if heard is not None:
            world.note(fault, name)
            world.broker.take(INTRUDER, heard[0], heard[1], 1, False)
        return
    view = vehicle.board.cab.views.value
    if view is None or view.route_id is None or not view.stops:
        return
    world.note(fault, name)
    utc = world.opens + timedelta(seconds=asyncio.get_running_loop().time())
    lots = chance(world.seed, "hostile", name, str(fault.at_s))
    valid_s = -60.0 if fault.how == "expired" else 3600.0
    key = world.station_key
    if fault.how == "forged":
        key = SigningKey.from_seed(lots.randbytes(32))
    command = Command(
        vehicle="van-999" if fault.how == "wrong_vehicle" else name,
        epoch=f"hostile-{lots.randrange(10**6):06d}",
        seq=1,
        issuer=SOMEBODY,
        issued_utc=utc - timedelta(hours=1),
        expires_utc=utc + timedelta(seconds=valid_s),
        order=CancelStops(
            route_id=view.route_id,
            stop_ids=tuple(stop.stop_id for stop in view.stops),
            reason=SOMEBODY,
        ),
        key_id=key.key_id,
    )
    topic = catalog.topic(world.org, name, "command")
    world.broker.take(INTRUDER, topic, key.seal(command), 1, False)


def _slip(world: World, fault: WrongScan, name: str, view: DayView) -> AnyDriverAction | None:
    """Return what the driver presses by mistake; None: there is nothing to mistake now."""
    action_id, driver = f"slip-{name}-{fault.at_s}", f"driver-{name}"

    def scan(parcel_id: str) -> ScanParcel:
        return ScanParcel(action_id=action_id, driver=driver, parcel_id=parcel_id)

    if fault.what == "unknown":
        lots = chance(world.seed, "slip", name, str(fault.at_s))
        unknown = base64.b32encode(lots.randbytes(5)).decode()
        return scan(f"NOBODYS-{unknown}")
    if fault.what == "again":
        loaded = [parcel for parcel in view.parcels if parcel.loaded]
        return scan(loaded[0].parcel_id) if loaded else None
    if fault.what == "foreign":
        own = {parcel.parcel_id for parcel in view.parcels}
        for other in world.vehicles.values():
            theirs = other.board.cab.views.value
            for parcel in theirs.parcels if theirs is not None else ():
                if parcel.parcel_id not in own:
                    return scan(parcel.parcel_id)
        return None
    later = view.stops[1:]
    if view.phase != "at_stop" or not later or not later[-1].parcels:
        return None
    return HandOver(
        stop_id=later[-1].stop_id,
        parcel_ids=(later[-1].parcels[0].parcel_id,),
        recipient=SOMEBODY,
        action_id=action_id,
        driver=driver,
    )
