"""A random day from a seed: who works, for whom, over what network, and every fault of it."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Final, Literal

from msgspec.structs import replace

from sim.chance import chance
from sim.devices.receiver import ReceiverFaults
from sim.faults.fault import NAMES, Faults, by_instant
from sim.faults.schedule import draw
from sim.faults.striking.play import STRIKES
from sim.people.manners import CustomerManners, DriverManners
from sim.scenario import Day, Group, Scenario
from sim.swarm.aiming import aimed
from sim.town.orders import OrderBook
from sim.town.town import TownSize
from sim.wire import NetworkFaults, WireFaults

OPENS = "07:50"
Kind = Literal["van", "contractor", "drone", "robot"]
KINDS: Final[tuple[Kind, ...]] = ("van", "contractor", "drone", "robot")
UNPLAYED: Final = tuple(name for name in NAMES if name not in STRIKES)
"""Faults that scenarios can name, and nobody plays yet."""
SHIFT_START = "07:51"
DRAWN = 3.0
"""Faults of a day that strike anybody at any time, at the least, on average."""
FEW = 2  # stops, of a short day: nobody waits for a window then
SHORT_MIN = 10.0
"""Of work: below it a day has one vehicle in a village, so that hundreds cost a minute."""
LEAST_H = 1.0
"""So long every other day goes on, though all work is done; vehicles are off by then."""
CREWS: Final[tuple[Kind, ...]] = ("van", "contractor")
TURNS: Final[tuple[Kind, ...]] = (*CREWS * 4, "drone", *CREWS * 5, "robot")
"""The kind of a day's first vehicle, by its seed: an hour of a machine takes twenty times the
processor time of a van's."""
GRACE_H, SHORT_GRACE_H = 6.0, 1.5
"""A day that is not over so long after its work has failed; and a short one."""
CAPACITIES: Final[Mapping[str, tuple[float, float]]] = {
    "drone": (2.0, 60.0),
    "robot": (20.0, 120.0),
}
"""Of machines [kg, l]."""
PINS: Final[Mapping[tuple[str, ...], float]] = {("drone",): 0.0, ("robot",): 1.0}
"""Of the orders, how many must be handed to somebody: none by drones, all by robots."""
STOPS_PER_H = {"van": 7.0, "contractor": 7.0, "drone": 3.0, "robot": 2.0}


def random_day(
    seed: int,
    *,
    minutes: float,
    kinds: Sequence[str] = KINDS,
    never: Sequence[str] = (),
) -> Scenario:
    """Return the day of a seed with its faults named one by one; about `minutes` of work.

    It has a vehicle at least, and five faults at least, none of a kind in `never`.
    """
    rng = chance(seed, "swarm")
    turns = tuple(kind for kind in TURNS if kind in kinds)
    first = turns[seed % len(turns)]
    groups = _groups(rng, first, turns, minutes)
    vehicles = sum(group.vehicles for group in groups)
    hours = minutes / 60
    stops = sum(STOPS_PER_H[group.kind] * group.vehicles for group in groups) * hours
    scenario = Scenario(
        name=f"seed {seed}",
        day=Day(
            opens=OPENS,
            limit_h=hours + (GRACE_H if minutes >= SHORT_MIN else SHORT_GRACE_H),
            least_h=LEAST_H if minutes >= SHORT_MIN else 0.0,
        ),
        town=_town(rng, minutes, groups),
        group=groups,
        orders=_orders(rng, max(1, round(stops + rng.uniform(-0.3, 0.7))), groups),
        customers=_customers(rng),
        driver=_driver(rng),
        receiver=_receiver(rng),
        cable=_cable(rng),
        network=_network(rng),
        faults=Faults(
            per_h=min(3600.0, max(DRAWN / hours, rng.uniform(4, 30) * vehicles)),
            never=(*UNPLAYED, *never),
            hours=max(0.1, hours - 0.05),
        ),
    )
    turn = seed // len(turns) * turns.count(first) + turns[: seed % len(turns)].count(first)
    aims = aimed(rng, f"{first}-1", first, turn, (*UNPLAYED, *never))
    faults = by_instant((*draw(scenario, seed), *aims))
    return replace(scenario, fault=faults, faults=None)


def _groups(
    rng: Random, first: Kind, turns: Sequence[Kind], minutes: float
) -> tuple[Group, ...]:
    """Mostly one vehicle, sometimes a few of mixed kinds; one on a short day."""
    count = rng.choice((1, 1, 1, 1, 1, 1, 2, 3)) if minutes >= SHORT_MIN else 1
    drawn = [first, *(rng.choice(turns) for _ in range(count - 1))]
    return tuple(_group(rng, kind, drawn.count(kind)) for kind in KINDS if kind in drawn)


def _group(rng: Random, kind: Kind, vehicles: int) -> Group:
    capacity_kg, capacity_l = CAPACITIES.get(kind, (900.0, 8000.0))
    return Group(
        name=kind,
        kind=kind,
        vehicles=vehicles,
        capacity_kg=capacity_kg,
        capacity_l=capacity_l,
        shift_start=SHIFT_START,
        manner=rng.choice(("ardupilot", "px4")),
    )


def _town(rng: Random, minutes: float, groups: Sequence[Group]) -> TownSize:
    if minutes < SHORT_MIN or any(group.kind == "robot" for group in groups):
        return TownSize(avenues=4, streets=4, block_m=70.0)
    return TownSize(avenues=rng.choice((8, 16)), bridges=rng.choice((0, 0, 2)))


def _orders(rng: Random, stops: int, groups: tuple[Group, ...]) -> OrderBook:
    kinds = {group.kind for group in groups}
    if not kinds.isdisjoint(CAPACITIES):  # what they can carry and hand over
        return OrderBook(
            stops=stops,
            most_kg=1.8,
            more_parcels_frac=0.0,
            window_frac=0.0,
            photo_frac=0.0,
            signature_frac=0.0,
            pin_frac=PINS.get(tuple(sorted(kinds)), 0.4),
            age_frac=0.0,
        )
    return OrderBook(
        stops=stops,
        more_parcels_frac=rng.choice((0.0, 0.25, 0.6)),
        window_frac=rng.choice((0.0, 0.2, 0.8)) if stops > FEW else 0.0,
        hour_frac=rng.choice((0.0, 0.5)),
        photo_frac=rng.choice((0.0, 0.6, 1.0)),
        signature_frac=rng.choice((0.0, 0.25)),
        pin_frac=rng.choice((0.0, 0.1, 0.5)),
        age_frac=rng.choice((0.0, 0.1)),
        first_window=8,
        last_window=rng.choice((9, 10, 12)),
    )


def _customers(rng: Random) -> CustomerManners:
    return CustomerManners(
        away_frac=rng.choice((0.0, 0.06, 0.3)),
        refuses_frac=rng.choice((0.01, 0.1)),
        wrong_pin_frac=rng.choice((0.15, 0.6)),
        forgot_pin_frac=rng.choice((0.02, 0.2)),
        under_age_frac=rng.choice((0.05, 0.5)),
    )


def _driver(rng: Random) -> DriverManners:
    return DriverManners(
        missing_frac=rng.choice((0.004, 0.1)),
        stray_frac=rng.choice((0.005, 0.1)),
        twice_frac=rng.choice((0.01, 0.2)),
        lost_frac=rng.choice((0.0, 0.2)),
        photo_kb=rng.choice((0, 0, 40, 150)),
    )


def _receiver(rng: Random) -> ReceiverFaults:
    return ReceiverFaults(drift_m=rng.choice((1.2, 4.0)))


def _cable(rng: Random) -> WireFaults:
    if rng.random() < 0.5:
        return WireFaults()
    return WireFaults(
        split_frac=rng.choice((0.0, 0.3)),
        loss_frac=rng.choice((0.0, 0.0002)),
        damage_frac=rng.choice((0.0, 0.0005)),
    )


def _network(rng: Random) -> NetworkFaults:
    """As good as it must be for the checker of liveness; the faults are drawn besides."""
    return NetworkFaults(
        delay_s=rng.choice((0.02, 0.08, 0.6)),
        jitter_s=rng.choice((0.0, 0.3)),
        twice_frac=rng.choice((0.0, 0.2)),
        breaks_per_h=rng.choice((0.0, 0.0, 10.0, 60.0)),
        notices_s=rng.choice((3.0, 12.0, 60.0)),
    )
