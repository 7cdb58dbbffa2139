"""doorstep-sim replay: what is asked on the command line, and what is answered."""

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec

from sim.replay.picture import Album
from sim.replay.replay import Replayed, key_of, read_day, replay_day
from sim.replay.what_if import WhatIf, read_policy, what_if

Print = Callable[[str], None]


def add_replay(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", show: Print, tell: Print
) -> None:
    """Add the command; `show` prints its result, `tell` how far it is."""
    replay = commands.add_parser(
        "replay",
        help="a recorded day again, through the shipped daemon",
        description="Live a recorded day again and compare every fact with the recorded ones. "
        "A vehicle keeps its tapes in STORE/record/DAY; "
        "`doorstep-sim run --record --folder DIR` makes some. "
        "Exit 0: the same facts in the same order.",
    )
    replay.add_argument("day", type=Path, metavar="DAY", help="folder of tapes, or one tape")
    replay.add_argument("--key", type=Path, metavar="FILE", help="the vehicle's signing key")
    replay.add_argument("--files", type=Path, metavar="DIR", help="where its road file is now")
    replay.add_argument("--policy", type=Path, metavar="FILE", help="plan by another [planner]")
    replay.add_argument("--plot", type=Path, metavar="FILE", help="write a picture (SVG)")
    replay.add_argument("--json", action="store_true", help="one JSON line at the end")
    replay.add_argument("-v", "--verbose", action="store_true", help="log what happens")
    replay.set_defaults(run=partial(_run, show=show, tell=tell))


def _run(arguments: argparse.Namespace, *, show: Print, tell: Print) -> int:
    tapes = read_day(arguments.day, arguments.key)
    for tape in tapes:
        if tape.torn_b:
            tell(f"{tape.path}: the last {tape.torn_b} bytes were never finished; left out")
    key = key_of(tapes[0], arguments.key)
    if arguments.policy is not None:
        policy = read_policy(arguments.policy)
        found = what_if(tapes, policy, key=key, files=arguments.files)
        show(msgspec.json.encode(found).decode() if arguments.json else _told(found))
        return 0
    album = Album(tapes[0].begun.vehicle)
    replayed = replay_day(tapes, key=key, files=arguments.files, tell=tell, look=album.look)
    if arguments.plot is not None:
        arguments.plot.write_text(album.svg(), encoding="utf-8")
    for difference in replayed.differences:
        tell(difference)
    show(msgspec.json.encode(replayed).decode() if arguments.json else _lines(replayed))
    return 0 if replayed.same else 1


def _lines(replayed: Replayed) -> str:
    fields = msgspec.to_builtins(replayed)
    del fields["differences"]
    return "\n".join(f"{key:>16}  {value}" for key, value in fields.items())


def _told(found: WhatIf) -> str:
    lines = [f"{found.vehicle}: {len(found.recorded)} plans then, {len(found.planned)} now"]
    for name, plans in (("then", found.recorded), ("now", found.planned)):
        for plan in plans:
            left_out = f", without {' '.join(plan.dropped)}" if plan.dropped else ""
            lines.append(
                f"  {name:<4} {plan.utc:%H:%M:%S} {plan.trigger:<12} back {plan.back_utc:%H:%M}"
                f"  {' '.join(plan.stops)}{left_out}"
            )
    if found.first_other is not None:
        lines.append(f"the plans differ from {found.first_other:%H:%M:%S} on")
    if found.parted is not None:
        lines.append(f"the days part at {found.parted:%H:%M:%S}: {found.parted_by}")
    return "\n".join(lines)
