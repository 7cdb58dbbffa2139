"""doorstep-sim: run | replay | swarm | compare | demo | autopilot; days without any wait."""

import argparse
import asyncio
import json
import logging
import sys
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec
from msgspec.structs import replace

from edge.clock import BUILD_UTC
from edge.errors import ConfigError, DoorstepError
from sim.compare.compare import calm, compare, seeds_of, table
from sim.demo.conductor import Demo, run_demo
from sim.demo.paced import Pace, PacedLoop
from sim.depot.tally import DayResult
from sim.devices.autopilot.command import add_autopilot
from sim.replay.command import add_replay
from sim.run import run_scenario
from sim.scenario import SHIPPED, Day, Fleet, Scenario, load_scenario
from sim.swarm.command import add_swarm
from sim.town.orders import OrderBook
from sim.trial.command import add_trial

EXIT_CONFIG = 78  # EX_CONFIG of sysexits.h
EXIT_INTERRUPTED = 130


def main() -> None:
    """Run the command line."""
    arguments = _parser().parse_args()
    logging.basicConfig(
        level=logging.INFO if arguments.verbose else logging.ERROR,
        format="%(levelname)s %(name)s: %(message)s",
    )
    try:
        sys.exit(arguments.run(arguments))
    except ConfigError as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_CONFIG)
    except DoorstepError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="doorstep-sim", description="Simulate a station's day, by the shipped software."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser(
        "run", help="a day on virtual time, as fast as it goes", description=_known_scenarios(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    run.add_argument("scenario", nargs="?", default="first_day", help="name or TOML file")
    run.add_argument("--amazon", type=Path, metavar="FILE", help="drive a recorded route")
    run.add_argument("--stops", type=Path, metavar="FILE", help="drive a spreadsheet's stops")
    run.add_argument("--record", action="store_true", help="let every vehicle keep its tapes")
    run.set_defaults(run=_run)
    comparing = commands.add_parser(
        "compare", help="the same days with and without re-planning on board"
    )
    comparing.add_argument("scenario", nargs="?", default="disruptions")
    comparing.add_argument("--seeds", default="1:9", metavar="A:B", help="B not included")
    comparing.add_argument("--calm", action="store_true", help="leave the disruptions out")
    comparing.add_argument("--jobs", type=int, metavar="N", help="processes (default: cores)")
    comparing.set_defaults(run=_compare)
    demo = commands.add_parser("demo", help="station, broker and vans as real processes")
    demo.add_argument("--headless", action="store_true", help="no console; as fast as it goes")
    demo.add_argument("--speed", type=float, default=60.0, help="at the start (default 60)")
    demo.add_argument("--port", type=int, default=0, help="of the console (0: any free one)")
    demo.add_argument("--vans", type=int, default=3, metavar="N")
    demo.add_argument(
        "--stops", metavar="N|FILE", help="how many (default 25 a van), or a spreadsheet's"
    )
    demo.set_defaults(run=_demo)
    add_replay(commands, partial(print, flush=True), _tell)
    add_swarm(commands, partial(print, flush=True), _tell)
    add_autopilot(commands, partial(print, flush=True))
    add_trial(commands, partial(print, flush=True), _tell)
    run.add_argument("--seed", type=int, metavar="N", help="instead of the scenario's, or 1")
    demo.add_argument("--seed", type=int, default=1, metavar="N")
    for command in (run, demo):
        command.add_argument("--folder", type=Path, metavar="DIR", help="keep all files here")
    for command in (run, comparing):
        command.add_argument("--roads", metavar="FILE", help="road file of the scenario's city")
    for command in (run, comparing, demo):
        command.add_argument("--json", action="store_true", help="one JSON line at the end")
        command.add_argument("-v", "--verbose", action="store_true", help="log what happens")
    return parser


def _known_scenarios() -> str:
    scenarios = [load_scenario(file.stem) for file in sorted(SHIPPED.glob("*.toml"))]
    lines = [f"  {scenario.name:<14} {scenario.summary}" for scenario in scenarios]
    return "\n".join(("Scenarios that come with it:", *lines))


def _run(arguments: argparse.Namespace) -> int:
    scenario = _scenario(arguments)
    result = run_scenario(
        scenario,
        _seed(arguments.seed, scenario),
        stops=arguments.stops,
        amazon=arguments.amazon,
        folder=arguments.folder,
        record=arguments.record,
        tell=_tell,
    )
    return _end(result, as_json=arguments.json)


def _seed(given: int | None, scenario: Scenario) -> int:
    if given is not None:
        return given
    return scenario.seed if scenario.seed is not None else 1


def _scenario(arguments: argparse.Namespace) -> Scenario:
    scenario = load_scenario(arguments.scenario)
    if arguments.roads is None:
        return scenario
    if scenario.city is None:
        raise ConfigError(f"--roads: {scenario.name} has no [city], its town is generated")
    return replace(scenario, city=replace(scenario.city, roads=arguments.roads))


def _compare(arguments: argparse.Namespace) -> int:
    if arguments.jobs is not None and arguments.jobs < 1:
        raise ConfigError("--jobs must be at least 1")
    scenario = _scenario(arguments)
    found = compare(
        calm(scenario) if arguments.calm else scenario,
        seeds_of(arguments.seeds),
        jobs=arguments.jobs,
        tell=_tell,
    )
    if arguments.json:
        print(msgspec.json.encode(found).decode(), flush=True)
    else:
        print(*table(found), sep="\n")
    return 0


def _demo(arguments: argparse.Namespace) -> int:
    """Play a demo; its `--stops` may also be a number, of stops in the generated town."""
    if arguments.vans < 1 or arguments.speed <= 0:
        raise ConfigError("a demo needs at least one van and a speed above 0")
    stops = arguments.stops
    count = int(stops) if stops is not None and stops.isdecimal() else 25 * arguments.vans
    today = max(datetime.now(UTC).date(), BUILD_UTC.date())
    demo = Demo(
        scenario=Scenario(
            name="demo",
            day=Day(on=today, opens="07:58"),
            fleet=Fleet(vehicles=arguments.vans),
            orders=OrderBook(stops=count, first_window=8, last_window=11),
        ),
        seed=arguments.seed,
        folder=arguments.folder or Path("out") / "demo",
        headless=arguments.headless,
        speed=arguments.speed,
        port=arguments.port,
        sheet=Path(stops) if stops is not None and not stops.isdecimal() else None,
        verbose=arguments.verbose,
        tell=_tell,
    )
    codes: list[int] = []

    def ended(result: DayResult) -> None:
        codes.append(_end(result, as_json=arguments.json))

    runner = asyncio.Runner(loop_factory=lambda: PacedLoop(Pace.starting_now(1.0)))
    with suppress(KeyboardInterrupt), runner:
        runner.run(run_demo(demo, ended))
    return codes[0] if codes else EXIT_INTERRUPTED


def _end(result: DayResult, *, as_json: bool) -> int:
    for problem in result.problems:
        _tell(problem)
    fields = msgspec.to_builtins(result)
    del fields["problems"]
    if as_json:
        print(json.dumps(fields), flush=True)
    else:
        figures = fields.pop("figures")
        for key, value in (fields | figures).items():
            print(f"{key:>20}  {value}")
    return 0 if result.good else 1


def _tell(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    main()
