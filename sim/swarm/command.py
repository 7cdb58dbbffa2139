"""doorstep-sim swarm: what is asked on the command line, and what is answered."""

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import msgspec

from edge.errors import ConfigError
from sim.compare.compare import seeds_of
from sim.faults.schedule import NAMES
from sim.swarm.random_day import KINDS
from sim.swarm.swarm import WALL_S, Swarmed, Wanted, swarm

Print = Callable[[str], None]


def add_swarm(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", show: Print, tell: Print
) -> None:
    """Add the command; `show` prints its result, `tell` how far it is."""
    adding = commands.add_parser(
        "swarm",
        help="thousands of random days with every fault, until one fails",
        description="Run the random day of each seed on every core. The first day that a "
        "checker objects to, that crashes or that hangs is made as small as it goes and "
        "written as a scenario: `doorstep-sim run FILE` shows the failure again. Exit 0: no "
        "day failed.",
    )
    adding.add_argument("--seeds", default="0:200", metavar="A:B", help="B not included")
    adding.add_argument(
        "--minutes", type=float, default=60.0, metavar="M",
        help="of work for the vehicles of a day, about (default 60)",
    )  # fmt: skip
    adding.add_argument("--jobs", type=int, metavar="N", help="processes (default: cores)")
    adding.add_argument(
        "--kinds", default=",".join(KINDS), metavar="KIND,…", help="of vehicles (default: all)"
    )
    adding.add_argument(
        "--never",
        default="",
        metavar="FAULT,…",
        help=f"faults to leave out, of {', '.join(NAMES)}",
    )
    adding.add_argument("--keep-going", action="store_true", help="after a failure, too")
    adding.add_argument(
        "--tries", type=int, default=150, metavar="N",
        help="days that making a failure small may take (default 150; 0: leave it large)",
    )  # fmt: skip
    adding.add_argument(
        "--wall", type=float, default=WALL_S, metavar="S",
        help=f"a day that takes longer in real time hangs (default {WALL_S:.0f})",
    )  # fmt: skip
    adding.add_argument(
        "--out", type=Path, default=Path("out") / "swarm", metavar="DIR",
        help="where failures are written (default out/swarm)",
    )  # fmt: skip
    adding.add_argument(
        "--log", type=Path, metavar="FILE",
        help="keep finished days there; the same command again goes on where it was ended",
    )  # fmt: skip
    adding.add_argument("--json", action="store_true", help="one JSON line at the end")
    adding.add_argument("-v", "--verbose", action="store_true", help="log what happens")
    adding.set_defaults(run=partial(_run, show=show, tell=tell))


def _run(arguments: argparse.Namespace, *, show: Print, tell: Print) -> int:
    if arguments.minutes < 2 or (arguments.jobs is not None and arguments.jobs < 1):
        raise ConfigError("--minutes must be at least 2, --jobs at least 1")
    swarmed = swarm(
        Wanted(
            seeds=seeds_of(arguments.seeds),
            minutes=arguments.minutes,
            jobs=arguments.jobs,
            kinds=_names("--kinds", arguments.kinds, KINDS),
            never=_names("--never", arguments.never, NAMES),
            keep_going=arguments.keep_going,
            tries=arguments.tries,
            wall_s=arguments.wall,
            out=arguments.out,
            log=arguments.log,
        ),
        tell,
    )
    show(msgspec.json.encode(swarmed).decode() if arguments.json else _lines(swarmed))
    return 1 if swarmed.failures else 0


def _names(option: str, text: str, known: Sequence[str]) -> tuple[str, ...]:
    names = tuple(name for name in text.split(",") if name)
    for name in names:
        if name not in known:
            raise ConfigError(f"{option}: no {name!r}; there are: {', '.join(known)}")
    return names


def _lines(swarmed: Swarmed) -> str:
    fields = msgspec.to_builtins(swarmed)
    del fields["failures"]
    lines = [f"{key:>20}  {value}" for key, value in fields.items()]
    lines += [f"seed {f.seed}: {f.checker}: {f.scenario}" for f in swarmed.failures]
    return "\n".join(lines)
