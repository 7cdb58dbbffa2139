"""A flight or drive by MAVSDK: python -m tests.real.autopilot.sdk_flight URL KIND MANNER OUT.

MAVSDK lives in the process that uses it and writes to its stdout: what it saw goes to a file.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

from mavsdk.asyncio import Configuration, Mavsdk
from mavsdk.asyncio.plugins.action import ActionAsync
from mavsdk.asyncio.plugins.mission_raw import MissionRawAsync
from mavsdk.asyncio.plugins.param import ParamAsync
from mavsdk.asyncio.plugins.telemetry import TelemetryAsync
from mavsdk.component_type import ComponentType
from mavsdk.plugins.mission_raw.mission_raw import (
    MissionItem,
    MissionRawError,
    MissionRawResult,
)

from tests.real.autopilot.mission import Step, mission_for

RATES_HZ = {"position": 5, "health": 2, "landed_state": 5, "gps_info": 2, "battery": 1}
UP_M = 4.0
AGAIN_S = 0.3


async def until(stream: AsyncGenerator[Any, None], ok: Callable[[Any], bool], within_s: float):
    async with asyncio.timeout(within_s):
        async for value in stream:
            if ok(value):
                return value
    raise RuntimeError("the stream ended")


async def fly(url: str, kind: str, manner: str, seen: dict[str, Any]) -> None:
    began_s = time.monotonic()
    config = Configuration.create_with_component_type(ComponentType.GROUND_STATION)
    async with Mavsdk(config) as sdk:
        await sdk.add_any_connection(url)
        system = await sdk.first_autopilot(20.0)
        assert system is not None, "no autopilot within 20 s"
        seen["connected_s"] = round(time.monotonic() - began_s, 2)
        action, telemetry = ActionAsync(system), TelemetryAsync(system)
        await look(telemetry, seen)
        seen["healthy_s"] = round(time.monotonic() - began_s, 2)
        await read_parameters(ParamAsync(system), manner, seen)
        missions = MissionRawAsync(system)
        await load(missions, mission_for(kind, manner), seen)
        await action.arm()
        if kind == "copter":
            await action.set_takeoff_altitude(UP_M + 1.0)
            await action.takeoff()
            up = await until(
                telemetry.subscribe_position(), lambda p: p.relative_altitude_m > UP_M, 30
            )
            seen["up_m"] = up.relative_altitude_m
            seen["in_air"] = await until(telemetry.subscribe_in_air(), bool, 10)
        await missions.start_mission()
        done = await until(
            missions.subscribe_mission_progress(), lambda p: 0 < p.total <= p.current, 60
        )
        seen["items_done"] = done.current
        if kind == "copter":
            await action.land()
            await until(telemetry.subscribe_in_air(), lambda flies: not flies, 60)
        else:
            await action.hold()
            await action.disarm()
        await until(telemetry.subscribe_armed(), lambda armed: not armed, 20)
        seen["disarmed"] = True


async def look(telemetry: TelemetryAsync, seen: dict[str, Any]) -> None:
    for name, hz in RATES_HZ.items():
        await getattr(telemetry, f"set_rate_{name}")(hz)
    await until(telemetry.subscribe_health_all_ok(), bool, 20)
    position = await until(
        telemetry.subscribe_position(), lambda p: abs(p.latitude_deg) > 1, 10
    )
    battery = await until(telemetry.subscribe_battery(), lambda b: b.voltage_v > 0, 10)
    gps = await until(telemetry.subscribe_gps_info(), lambda g: g.num_satellites > 0, 10)
    seen["place"] = (position.latitude_deg, position.longitude_deg)
    seen["battery_v"] = battery.voltage_v
    seen["satellites"] = gps.num_satellites


async def read_parameters(params: ParamAsync, manner: str, seen: dict[str, Any]) -> None:
    every = await params.get_all_params()
    seen["parameters"] = len(every.int_params) + len(every.float_params)
    name, value = ("RC3_DZ", 30) if manner == "ardupilot" else ("COM_DL_LOSS_T", -7)
    await params.set_param_int(name, value)
    seen["parameter_kept"] = await params.get_param_int(name) == value


async def load(missions: MissionRawAsync, steps: list[Step], seen: dict[str, Any]) -> None:
    items = [
        MissionItem(
            seq, s.frame, s.command, int(seq == 0), 1, 0, 0, 0, 0, s.lat_e7, s.lon_e7, s.z_m, 0
        )
        for seq, s in enumerate(steps)
    ]
    seen["refused"] = 0
    while True:
        try:
            await missions.upload_mission(items)
            break
        except MissionRawError as error:  # ArduPilot has no memory in its first seconds
            if error.result != MissionRawResult.TOO_MANY_MISSION_ITEMS or seen["refused"] > 20:
                raise
            seen["refused"] += 1
            await asyncio.sleep(AGAIN_S)
    got = await missions.download_mission()
    seen["downloaded"] = [(i.frame, i.command, i.x, i.y, i.z) for i in got]


def main() -> None:
    url, kind, manner, out = sys.argv[1:5]
    seen: dict[str, Any] = {}
    try:
        asyncio.run(fly(url, kind, manner, seen))
    finally:
        Path(out).write_text(json.dumps(seen), encoding="utf-8")


if __name__ == "__main__":
    main()
