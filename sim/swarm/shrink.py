"""Delta debugging: the fewest and smallest parts of a day with which it still fails."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import msgspec
from msgspec.structs import asdict, replace

from sim.faults.fault import Fault
from sim.scenario import Group, Scenario

T = TypeVar("T")
Fails = Callable[[Scenario], bool]


class OutOfTriesError(Exception):
    """So many days as may be tried were tried."""


def shrink(scenario: Scenario, fails: Fails, *, tries: int = 200) -> Scenario:
    """Return a smaller day that still fails: fewer and smaller faults, vehicles, stops.

    `fails` runs a day; it is asked at most `tries` times, and the smallest day known by then
    is returned. The same arguments give the same answer.
    """
    budget = _Budget(scenario, fails, tries)
    try:
        before = None
        while before != budget.best:
            before = budget.best
            _fewer_faults(budget)
            _easier_world(budget)
            _fewer_vehicles(budget)
            _fewer_stops(budget)
            _smaller_faults(budget)
    except OutOfTriesError:
        pass
    return budget.best


class _Budget:
    """The smallest failing day so far, and how many more may be tried."""

    def __init__(self, scenario: Scenario, fails: Fails, tries: int) -> None:
        self.best = scenario
        self._fails = fails
        self._left = tries
        self._known: set[Scenario] = set()

    def take(self, smaller: Scenario) -> bool:
        """Take a day if it still fails. Raises OutOfTriesError."""
        if smaller == self.best or smaller in self._known:
            return False
        if self._left == 0:
            raise OutOfTriesError
        self._left -= 1
        self._known.add(smaller)
        if not self._fails(smaller):
            return False
        self.best = smaller
        return True


def minimal(parts: Sequence[T], fails: Callable[[Sequence[T]], bool]) -> list[T]:
    """Return parts none of which can be left out (ddmin, Zeller and Hildebrandt 2002)."""
    left, pieces = list(parts), 2
    while left:
        size = -(-len(left) // pieces)
        without = ([*left[:at], *left[at + size :]] for at in range(0, len(left), size))
        smaller = next((rest for rest in without if fails(rest)), None)
        if smaller is not None:
            left, pieces = smaller, max(2, pieces - 1)
        elif size == 1:
            break
        else:
            pieces = min(len(left), 2 * pieces)
    return left


def _fewer_faults(budget: _Budget) -> None:
    def fails(faults: Sequence[Fault]) -> bool:
        return budget.take(replace(budget.best, fault=tuple(faults)))

    minimal(budget.best.fault, fails)


def _easier_world(budget: _Budget) -> None:
    """Set whole tables back to what they are when nobody writes them."""
    plain = Scenario(name=budget.best.name)
    for table in ("cable", "receiver", "network", "driver", "customers", "town"):
        budget.take(replace(budget.best, **{table: getattr(plain, table)}))


def _fewer_vehicles(budget: _Budget) -> None:
    for group in budget.best.group:
        others = tuple(one for one in budget.best.group if one.name != group.name)
        if others and budget.take(_worked_by(budget.best, others)):
            continue
        while group.vehicles > 1:
            group = replace(group, vehicles=group.vehicles - 1)
            these = tuple(group if one.name == group.name else one for one in budget.best.group)
            if not budget.take(_worked_by(budget.best, these)):
                break


def _worked_by(scenario: Scenario, groups: tuple[Group, ...]) -> Scenario:
    """Return the day with these vehicles only, and only the faults that strike somebody."""
    there = {name for group in groups for name in group.names()} | {"*", "station", "broker"}
    faults = tuple(fault for fault in scenario.fault if fault.vehicle in there)
    return replace(scenario, group=groups, fault=faults)


def _fewer_stops(budget: _Budget) -> None:
    stops = budget.best.orders.stops
    for fewer in (1, 2, stops // 4, stops // 2, stops - 1):
        if 0 < fewer < stops:
            orders = replace(budget.best.orders, stops=fewer)
            if budget.take(replace(budget.best, orders=orders)):
                return


def _smaller_faults(budget: _Budget) -> None:
    """Make the figures of each fault smaller: 0 or 1, then half."""
    for number in range(len(budget.best.fault)):
        for smaller in _simpler(budget.best.fault[number]):
            faults = list(budget.best.fault)
            faults[number] = smaller
            budget.take(replace(budget.best, fault=tuple(faults)))


def _simpler(fault: Fault) -> Iterator[Fault]:
    for name, value in asdict(fault).items():
        if name == "vehicle" or isinstance(value, bool) or not isinstance(value, int | float):
            continue
        for smaller in _figures(name, value):
            try:
                changed = replace(fault, **{name: smaller})
                yield msgspec.convert(msgspec.to_builtins(changed), type(fault))
            except msgspec.ValidationError:
                continue


def _figures(name: str, value: float) -> Iterator[float]:
    if name == "at_s":
        yield float(round(value))
    elif isinstance(value, int):
        yield from (figure for figure in (0, 1, value // 2) if figure < value)
    elif value > 0:
        yield from (figure for figure in (1.0, float(round(value / 2))) if figure < value)
