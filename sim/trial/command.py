"""doorstep-sim trial: a delivery by whatever ArduPilot or PX4 answers on a link."""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from edge.errors import ConfigError
from sim.trial.trial import Trial, as_fields, run_trial

LEAST_M, MOST_M = 30.0, 1500.0


def add_trial(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    say: Callable[[str], None],
    tell: Callable[[str], None],
) -> None:
    """Add the command to doorstep-sim; results go to `say`, progress to `tell`."""
    parser = commands.add_parser(
        "trial",
        help="a delivery by a real autopilot, in the air or on its wheels",
        description="Carry out a delivery with whatever ArduPilot or PX4 answers on a link: a "
        "drone takes off, brings a parcel some 300 m, drops it, comes back and lands; a robot "
        "goes to two doors and opens its lid. The shipped daemon and station are laid round "
        "the place where the vehicle stands; what it lacks (gripper, look below, lid) is stood "
        "in for, and said so. IT MOVES: keep people away and a remote control at hand.",
    )
    parser.add_argument(
        "--link", required=True, metavar="ADDRESS",
        help="udp:HOST:PORT (speaks there, then waits there), tcp:HOST:PORT or serial:PATH",
    )  # fmt: skip
    parser.add_argument("--kind", choices=("drone", "robot"), required=True)
    parser.add_argument(
        "--distance", type=float, default=300.0, metavar="M",
        help="to the drone's place; a robot's doors are a quarter as far (default %(default)g)",
    )  # fmt: skip
    parser.add_argument(
        "--bearing",
        type=float,
        default=45.0,
        metavar="DEG",
        help="where to (default %(default)g)",
    )
    parser.add_argument(
        "--minutes", type=float, default=20.0, metavar="N",
        help="then it is called back (default %(default)g)",
    )  # fmt: skip
    parser.add_argument(
        "--patience", type=float, default=60.0, metavar="S",
        help="for the autopilot to answer, with a position (default %(default)g)",
    )  # fmt: skip
    parser.add_argument(
        "--keep-parameters", action="store_true",
        help="refuse unsafe parameters (failsafes, fence) instead of setting them safe",
    )  # fmt: skip
    parser.add_argument("--folder", type=Path, metavar="DIR", help="keep all files here")
    parser.add_argument("--json", action="store_true", help="one JSON line at the end")
    parser.add_argument("-v", "--verbose", action="store_true", help="log what happens")
    parser.set_defaults(run=partial(_run, say, tell))


def _run(
    say: Callable[[str], None], tell: Callable[[str], None], arguments: argparse.Namespace
) -> int:
    if not LEAST_M <= arguments.distance <= MOST_M:
        raise ConfigError(f"--distance {arguments.distance:g} is not {LEAST_M:g} to {MOST_M:g}")
    if arguments.minutes <= 0 or arguments.patience <= 0:
        raise ConfigError("--minutes and --patience must be above 0")
    if arguments.folder is not None and arguments.folder.exists():
        raise ConfigError(f"--folder {arguments.folder} exists: name a new one")
    with tempfile.TemporaryDirectory(prefix="doorstep-trial-") as name:
        folder = Path(name)
        if arguments.folder is not None:
            folder = arguments.folder
            folder.mkdir(parents=True)
        trial = Trial(
            link=arguments.link,
            kind=arguments.kind,
            folder=folder,
            distance_m=arguments.distance,
            bearing_deg=arguments.bearing,
            limit_s=arguments.minutes * 60,
            patience_s=arguments.patience,
            may_set=not arguments.keep_parameters,
            tell=tell,
        )
        result = asyncio.run(run_trial(trial))
    if arguments.json:
        say(json.dumps(as_fields(result)))
    else:
        for key, value in as_fields(result).items():
            if isinstance(value, list):
                say(f"{key:>20}:")
                for row in value:
                    say(f"{'':>22}{row}")
            else:
                say(f"{key:>20}  {value}")
    return 0 if result.delivered else 1
