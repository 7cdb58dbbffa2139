"""The autopilot at the far end of a simulated cable, spoken to by the shipped session."""

import asyncio
from datetime import UTC, datetime

import pytest

from edge.clock import LoopClock
from sim.chance import chance
from sim.devices.autopilot.build import Setup, build
from sim.devices.autopilot.cable import OnCable
from sim.wire import Cable, Ports, WireFaults
from tests.conftest import simulate
from tests.sim.devices.autopilot.peer import ALL_FOUR

ADDRESS = "serial:/dev/doorstep/autopilot:57600"
START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


async def spoken_with(kind, manner, during, faults):
    """Read the link as a daemon does, for as long as `during` lasts."""
    clock = LoopClock(asyncio.get_running_loop(), START, "simulated")
    cable, ports = Cable(chance(1, "cable"), faults), Ports()
    ports.attach("/dev/doorstep/autopilot", cable)
    autopilot = build(Setup(kind=kind, manner=manner), now_s=clock.now_s(), utc=START)
    device = OnCable(autopilot, cable, clock=clock)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(device.run())
        await during(ports, cable, device)
        running.cancel()
    return autopilot


@pytest.mark.parametrize(("kind", "manner"), ALL_FOUR)
def test_it_is_heard_over_a_cable_that_is_unplugged_and_reboots(kind, manner):
    beats = []

    async def during(ports, cable, device):
        for _ in range(2):
            async with ports.open_link(ADDRESS) as link:
                async with asyncio.timeout(5.0):
                    while b"\xfd\x09" not in (data := await link.read()):
                        pass
                beats.append(data)
                device.reboot()
                await asyncio.sleep(4.0)
        cable.unplug()
        await asyncio.sleep(1.0)
        cable.plug()
        async with ports.open_link(ADDRESS) as link, asyncio.timeout(5.0):
            while b"\xfd\x09" not in (data := await link.read()):
                pass
            beats.append(data)

    autopilot = simulate(
        lambda: spoken_with(kind, manner, during, WireFaults(split_frac=0.3, delay_s=0.1))
    )
    assert len(beats) == 3
    assert autopilot.boots == 3


@pytest.mark.parametrize(("kind", "manner"), ALL_FOUR)
def test_what_the_daemon_writes_arrives(kind, manner):
    async def during(ports, _, device):
        from pymavlink.dialects.v20 import ardupilotmega as mavlink

        mav = mavlink.MAVLink(None, 1, 191)
        async with ports.open_link(ADDRESS) as link:
            await asyncio.sleep(3.0)
            ask = mavlink.MAVLink_command_long_message(1, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0)
            await link.write(ask.pack(mav))
            await asyncio.sleep(1.0)
            assert device.autopilot.controller.craft.armed

    simulate(lambda: spoken_with(kind, manner, during, WireFaults()))
