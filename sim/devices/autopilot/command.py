"""doorstep-sim autopilot: one simulated vehicle in real time, for any ground station."""

import argparse
import asyncio
import json
import math
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from edge.errors import ConfigError
from sim.devices.autopilot.autopilot import Autopilot
from sim.devices.autopilot.build import SOMEWHERE, Setup, build
from sim.devices.autopilot.listen import Radio, listen

WATCH_S = 0.2
FASTEST = 20.0


def add_autopilot(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", say: Callable[[str], None]
) -> None:
    """Add the command to doorstep-sim; what it has to tell goes to `say`."""
    parser = commands.add_parser(
        "autopilot",
        help="one simulated vehicle that any ground station can fly or drive",
        description="A simulated flight controller on MAVLink, until it is interrupted.",
    )
    parser.add_argument("--kind", choices=("copter", "rover"), default="copter")
    parser.add_argument("--manner", choices=("ardupilot", "px4"), default="ardupilot")
    parser.add_argument(
        "--listen",
        default="udp:127.0.0.1:14550",
        metavar="ADDRESS",
        help="udp:HOST:PORT, tcp:HOST:PORT or serial:PATH (a PATH that is no port becomes a "
        "pseudo-terminal); port 0 is any free one (default %(default)s)",
    )
    lat, lon, alt = SOMEWHERE
    parser.add_argument(
        "--home", type=_place, default=SOMEWHERE, metavar="LAT,LON,ALT",
        help=f"where it stands, in degrees and metres (default {lat},{lon},{alt:g})",
    )  # fmt: skip
    parser.add_argument("--wind", type=_wind, default=(0.0, 0.0), metavar="MPS@DEG",
                        help="how strong it blows, and from where")  # fmt: skip
    parser.add_argument("--payload", type=float, default=0.0, metavar="KG")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--speed", type=float, default=1.0, metavar="N",
                        help="let its time go N times faster")  # fmt: skip
    parser.add_argument("--json", action="store_true",
                        help="a JSON line when it listens, and one at the end")  # fmt: skip
    parser.add_argument("-v", "--verbose", action="store_true", help="log what happens")
    parser.set_defaults(run=partial(run_autopilot, say))


def run_autopilot(say: Callable[[str], None], arguments: argparse.Namespace) -> int:
    """Run it until SIGINT or SIGTERM."""
    lat, lon, _ = arguments.home
    if not (abs(lat) <= 89 and abs(lon) <= 180):
        raise ConfigError(f"--home {lat},{lon}: latitude is within ±89, longitude ±180")
    if not 0 < arguments.speed <= FASTEST:
        raise ConfigError(f"--speed {arguments.speed:g} is not above 0 and at most {FASTEST:g}")
    if arguments.payload < 0:
        raise ConfigError(f"--payload {arguments.payload:g} kg is less than nothing")
    setup = Setup(
        kind=arguments.kind,
        manner=arguments.manner,
        home=arguments.home,
        wind_mps=arguments.wind[0],
        wind_from_deg=arguments.wind[1],
        payload_kg=arguments.payload,
        seed=arguments.seed,
    )
    asyncio.run(_fly(setup, arguments, say))
    return 0


async def _fly(setup: Setup, arguments: argparse.Namespace, say: Callable[[str], None]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    autopilot = build(setup, now_s=0.0, utc=datetime.now(UTC))
    radio = Radio(autopilot, speed=arguments.speed)
    async with listen(radio, arguments.listen) as address:
        if arguments.json:
            say(json.dumps({"listening": address}))
        else:
            what = f"{setup.manner} {setup.kind}"
            say(f"a simulated {what} on {address}, until Ctrl-C")
        watch = _Watch(autopilot)
        async with asyncio.TaskGroup() as tasks:
            living = (
                tasks.create_task(radio.run(), name="autopilot"),
                tasks.create_task(watch.run(), name="autopilot.watch"),
            )
            await stop.wait()
            for task in living:
                task.cancel()
    if arguments.json:
        say(json.dumps(watch.figures(radio.now_s)))


class _Watch:
    """What the vehicle really did, whatever its telemetry says."""

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self._modes: list[str] = []
        self._highest_m = self._farthest_m = 0.0
        self._armed = False
        self._flights = 0

    async def run(self) -> None:
        """Look at it for ever; a mode that lasts less than a look is not seen."""
        while True:
            self._look()
            await asyncio.sleep(WATCH_S)

    def _look(self) -> None:
        body = self._autopilot.plant.machine.body
        self._highest_m = max(self._highest_m, body.up_m)
        self._farthest_m = max(self._farthest_m, math.hypot(body.east_m, body.north_m))
        controller = self._autopilot.controller
        if controller is None:
            return
        craft = controller.craft
        mode = craft.manner.modes[craft.custom_mode][0]
        if not self._modes or self._modes[-1] != mode:
            self._modes = [*self._modes[-99:], mode]
        self._flights += craft.armed and not self._armed
        self._armed = craft.armed

    def figures(self, now_s: float) -> dict[str, object]:
        """Return the truth about what it has done."""
        self._look()
        machine = self._autopilot.plant.machine
        body, battery = machine.body, machine.battery
        return {
            "seconds": round(now_s, 1),
            "armed": self._armed,
            "flights": self._flights,
            "modes": self._modes,
            "up_m": round(body.up_m, 1),
            "off_m": round(math.hypot(body.east_m, body.north_m), 1),
            "highest_m": round(self._highest_m, 1),
            "farthest_m": round(self._farthest_m, 1),
            "crashed": body.crashed,
            "battery_pct": round(battery.left_frac * 100, 1),
        }


def _place(text: str) -> tuple[float, float, float]:
    try:
        lat, lon, alt = (float(part) for part in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not LAT,LON,ALT") from error
    return lat, lon, alt


def _wind(text: str) -> tuple[float, float]:
    speed, at, direction = text.partition("@")
    try:
        wind = float(speed), float(direction) % 360.0
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not MPS@DEG, such as 6@270") from error
    if not at or not 0 <= wind[0] <= 30:
        raise argparse.ArgumentTypeError(f"{text!r}: wind is 0 to 30 m/s")
    return wind
