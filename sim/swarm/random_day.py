"""A random day from a seed: who works, for whom, over what network, and every fault of it."""

from random import Random

from msgspec.structs import replace

from sim.chance import chance
from sim.devices.receiver import ReceiverFaults
from sim.faults.fault import Faults
from sim.faults.schedule import draw
from sim.people.manners import CustomerManners, DriverManners
from sim.scenario import Day, Group, Scenario
from sim.town.orders import OrderBook
from sim.town.town import TownSize
from sim.wire import NetworkFaults, WireFaults

OPENS = "07:50"
KINDS = ("van", "contractor", "drone", "robot")
SHIFT_START = "07:56"
GRACE_H = 6.0
"""A day that is not over so long after its last fault has failed."""
STOPS_PER_H = {"van": 7.0, "contractor": 7.0, "drone": 3.0, "robot": 2.0}


def random_day(
    seed: int,
    *,
    minutes: float,
    kinds: tuple[str, ...] = KINDS,
    never: tuple[str, ...] = (),
) -> Scenario:
    """Return the day of a seed with its faults named one by one; about `minutes` of work.

    It has a vehicle at least, and five faults at least, none of a kind in `never`.
    """
    rng = chance(seed, "swarm")
    groups = _groups(rng, kinds)
    vehicles = sum(group.vehicles for group in groups)
    hours = minutes / 60
    stops = sum(STOPS_PER_H[group.kind] * group.vehicles for group in groups) * hours
    scenario = Scenario(
        name=f"seed {seed}",
        day=Day(opens=OPENS, limit_h=min(72.0, hours + GRACE_H)),
        town=_town(rng),
        group=groups,
        orders=_orders(rng, max(1, round(stops))),
        customers=_customers(rng),
        driver=_driver(rng),
        receiver=_receiver(rng),
        cable=_cable(rng),
        network=_network(rng),
        faults=Faults(
            per_h=min(3600.0, max(6 / hours, rng.uniform(4, 30) * vehicles)),
            never=never,
            hours=max(0.1, hours - 0.05),
        ),
    )
    while len(faults := draw(scenario, seed)) < 5:
        assert scenario.faults is not None, "set above"
        more = replace(scenario.faults, per_h=2 * scenario.faults.per_h)
        scenario = replace(scenario, faults=more)
    return replace(scenario, fault=faults, faults=None)


def _groups(rng: Random, kinds: tuple[str, ...]) -> tuple[Group, ...]:
    """Mostly one vehicle, sometimes a few of mixed kinds."""
    count = rng.choice((1, 1, 1, 1, 2, 2, 3))
    drawn = [rng.choice(kinds) for _ in range(count)]
    return tuple(_group(kind, drawn.count(kind)) for kind in KINDS if kind in drawn)


def _group(kind: str, vehicles: int) -> Group:
    return Group(name=kind, kind=kind, vehicles=vehicles, shift_start=SHIFT_START)  # type: ignore[arg-type]


def _town(rng: Random) -> TownSize:
    return TownSize(avenues=rng.choice((8, 16)), bridges=rng.choice((0, 0, 2)))


def _orders(rng: Random, stops: int) -> OrderBook:
    return OrderBook(
        stops=stops,
        more_parcels_frac=rng.choice((0.0, 0.25, 0.6)),
        window_frac=rng.choice((0.0, 0.2, 0.8)),
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
