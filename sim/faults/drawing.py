"""Drawing a fault of each kind: whom it can strike, and how bad it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from sim.faults.base import BROKER, STATION
from sim.faults.computers import (
    BitRot,
    DiskFull,
    FailingDisk,
    Kill,
    PowerCut,
    RestartStorm,
    SlowDisk,
)
from sim.faults.fault import Fault
from sim.faults.machines import AutopilotReboot, BatterySag, JammedLocker, StuckLid
from sim.faults.network import (
    AsymmetricLoss,
    BrokerRestart,
    Damage,
    Delay,
    Duplication,
    HalfOpen,
    LinkLoss,
    Poison,
    QueueOverflow,
    Reordering,
)
from sim.faults.people import HostileCommand, NobodyHome, RoadClosed, WrongScan
from sim.faults.senses import (
    ClockStep,
    GnssFreeze,
    GnssJump,
    GnssOutage,
    GnssSpoof,
    GpsWeek,
    SerialGarbage,
    SwappedDevice,
)

CREWED: Final = ("van", "contractor")
FLYING: Final = ("drone",)
DRIVING: Final = ("robot",)
ALL: Final = (*CREWED, *FLYING, *DRIVING)
YEAR_S: Final = 31_556_952.0


@dataclass(frozen=True, slots=True)
class Lot:
    """How one kind of fault is drawn."""

    kinds: Sequence[str]
    """Kinds of vehicles it can strike, "station" and "broker" besides."""
    make: Callable[[Random, str, float], Fault]


def _exp(rng: Random, mean_s: float, most_s: float = 7200.0) -> float:
    return round(min(most_s, max(1.0, rng.expovariate(1 / mean_s))), 3)


def _cut(rng: Random) -> dict[str, Any]:
    """At an instant, in a write, or some awaits after one."""
    how = rng.random()
    if how < 0.2:
        return {}
    if how < 0.6:
        return {"writes": rng.randint(1, 40)}
    return {"writes": rng.randint(1, 20), "turns": rng.randint(1, 40)}


def _power_cut(rng: Random, who: str, at_s: float) -> Fault:
    kept = rng.choice((0.0, 0.2, 0.5, 0.8, 1.0))
    return PowerCut(
        vehicle=who,
        at_s=at_s,
        down_s=_exp(rng, 8.0, 900.0),
        kept_frac=kept,
        torn_frac=rng.choice((0.0, 0.3, 1.0)),
        **_cut(rng),
    )


def _kill(rng: Random, who: str, at_s: float) -> Fault:
    return Kill(vehicle=who, at_s=at_s, down_s=_exp(rng, 4.0, 900.0), **_cut(rng))


def _poison(rng: Random, who: str, at_s: float) -> Fault:
    lanes = ("fact", "track", "proof", "ack", "route", "command", "conditions")
    return Poison(vehicle=who, at_s=at_s, lane=rng.choice(lanes))  # type: ignore[arg-type]


def _clock_step(rng: Random, who: str, at_s: float) -> Fault:
    size_s = rng.choice((1.0, 30.0, 3600.0, 86_400.0, YEAR_S, 20 * YEAR_S))
    step_s = round(rng.choice((-1, 1)) * size_s * rng.uniform(0.5, 1.5), 3)
    return ClockStep(vehicle=who, at_s=at_s, step_s=step_s)


def _jump(rng: Random, who: str, at_s: float) -> Fault:
    far_m = rng.choice((30.0, 300.0, 5000.0))
    return GnssJump(
        vehicle=who,
        at_s=at_s,
        lasts_s=_exp(rng, 120.0),
        east_m=round(rng.uniform(-far_m, far_m), 1),
        north_m=round(rng.uniform(-far_m, far_m), 1),
    )


def _spoof(rng: Random, who: str, at_s: float) -> Fault:
    return GnssSpoof(
        vehicle=who,
        at_s=at_s,
        lasts_s=_exp(rng, 240.0),
        away_mps=round(rng.uniform(0.5, 8.0), 2),
        bearing_deg=round(rng.uniform(0, 359), 1),
    )


def _outage(rng: Random, who: str, at_s: float) -> Fault:
    how = rng.choice(("roof", "power", "unplugged"))
    return GnssOutage(vehicle=who, at_s=at_s, lasts_s=_exp(rng, 240.0), how=how)  # type: ignore[arg-type]


def _swapped(rng: Random, who: str, at_s: float) -> Fault:
    speaks = rng.choice(("elm327", "mavlink", "silence", "other_receiver"))
    return SwappedDevice(vehicle=who, at_s=at_s, lasts_s=_exp(rng, 120.0), speaks=speaks)  # type: ignore[arg-type]


def _wrong_scan(rng: Random, who: str, at_s: float) -> Fault:
    what = rng.choice(("foreign", "unknown", "again", "other_stop"))
    return WrongScan(vehicle=who, at_s=at_s, what=what)  # type: ignore[arg-type]


def _hostile(rng: Random, who: str, at_s: float) -> Fault:
    how = rng.choice(("replayed", "expired", "forged", "wrong_vehicle"))
    return HostileCommand(vehicle=who, at_s=at_s, how=how)  # type: ignore[arg-type]


def _bit_rot(rng: Random, who: str, at_s: float) -> Fault:
    row = rng.choice(("fact", "state", "track", "media"))
    return BitRot(vehicle=who, at_s=at_s, row=row)  # type: ignore[arg-type]


def _asymmetric(rng: Random, who: str, at_s: float) -> Fault:
    lost = rng.choice(("up", "down"))
    return AsymmetricLoss(vehicle=who, at_s=at_s, lasts_s=_exp(rng, 120.0), lost=lost)  # type: ignore[arg-type]


LOTS: Final[Mapping[str, Lot]] = {
    "power_cut": Lot((*ALL, STATION), _power_cut),
    "kill": Lot((*ALL, STATION), _kill),
    "restart_storm": Lot(
        (*ALL, STATION),
        lambda rng, who, at_s: RestartStorm(
            vehicle=who,
            at_s=at_s,
            times=rng.randint(2, 8),
            every_s=round(rng.uniform(0.2, 4.0), 2),
        ),
    ),
    "disk_full": Lot(
        (*ALL, STATION),
        lambda rng, who, at_s: DiskFull(
            vehicle=who,
            at_s=at_s,
            lasts_s=_exp(rng, 200.0),
            spare_b=rng.choice((0, 4096, 100_000)),
        ),
    ),
    "slow_disk": Lot(
        (*ALL, STATION),
        lambda rng, who, at_s: SlowDisk(
            vehicle=who,
            at_s=at_s,
            lasts_s=_exp(rng, 120.0),
            delay_s=round(rng.uniform(0.05, 3.0), 2),
        ),
    ),
    "failing_disk": Lot(
        (*ALL, STATION),
        lambda rng, who, at_s: FailingDisk(
            vehicle=who,
            at_s=at_s,
            lasts_s=_exp(rng, 60.0),
            failed_frac=rng.choice((0.02, 0.3, 1.0)),
        ),
    ),
    "bit_rot": Lot(ALL, _bit_rot),
    "link_loss": Lot(
        (*ALL, STATION),
        lambda rng, who, at_s: LinkLoss(vehicle=who, at_s=at_s, lasts_s=_exp(rng, 200.0)),
    ),
    "asymmetric_loss": Lot((*ALL, STATION), _asymmetric),
    "half_open": Lot(
        (*ALL, STATION),
        lambda rng, who, at_s: HalfOpen(vehicle=who, at_s=at_s, lasts_s=_exp(rng, 200.0)),
    ),
    "delay": Lot(
        ALL,
        lambda rng, who, at_s: Delay(
            vehicle=who,
            at_s=at_s,
            lasts_s=_exp(rng, 200.0),
            delay_s=round(rng.uniform(0.5, 20.0), 1),
        ),
    ),
    "reordering": Lot(
        ALL,
        lambda rng, who, at_s: Reordering(
            vehicle=who,
            at_s=at_s,
            lasts_s=_exp(rng, 300.0),
            spread_s=round(rng.uniform(0.5, 15.0), 1),
        ),
    ),
    "duplication": Lot(
        ALL,
        lambda rng, who, at_s: Duplication(vehicle=who, at_s=at_s, lasts_s=_exp(rng, 300.0)),
    ),
    "damage": Lot(
        ALL,
        lambda rng, who, at_s: Damage(
            vehicle=who,
            at_s=at_s,
            lasts_s=_exp(rng, 120.0),
            damaged_frac=rng.choice((0.05, 0.3, 0.9)),
        ),
    ),
    "broker_restart": Lot(
        (BROKER,),
        lambda rng, who, at_s: BrokerRestart(
            vehicle=who,
            at_s=at_s,
            lasts_s=_exp(rng, 60.0),
            keeps_state=rng.random() < 0.5,
        ),
    ),
    "queue_overflow": Lot(
        (*ALL, STATION),
        lambda rng, who, at_s: QueueOverflow(
            vehicle=who, at_s=at_s, lasts_s=_exp(rng, 120.0), most=rng.choice((0, 1, 3))
        ),
    ),
    "poison": Lot(ALL, _poison),
    "clock_step": Lot(CREWED, _clock_step),
    "gps_week": Lot(
        CREWED,
        lambda rng, who, at_s: GpsWeek(vehicle=who, at_s=at_s, lasts_s=_exp(rng, 300.0)),
    ),
    "gnss_outage": Lot(CREWED, _outage),
    "gnss_jump": Lot(CREWED, _jump),
    "gnss_spoof": Lot(CREWED, _spoof),
    "gnss_freeze": Lot(
        CREWED,
        lambda rng, who, at_s: GnssFreeze(vehicle=who, at_s=at_s, lasts_s=_exp(rng, 200.0)),
    ),
    "serial_garbage": Lot(
        CREWED,
        lambda rng, who, at_s: SerialGarbage(
            vehicle=who,
            at_s=at_s,
            lasts_s=_exp(rng, 120.0),
            damage_frac=rng.choice((0.001, 0.02)),
            noise_b_s=rng.choice((50, 2000)),
        ),
    ),
    "swapped_device": Lot(CREWED, _swapped),
    "wrong_scan": Lot(CREWED, _wrong_scan),
    "nobody_home": Lot(
        CREWED,
        lambda rng, who, at_s: NobodyHome(
            vehicle=who,
            at_s=at_s,
            lasts_s=_exp(rng, 1200.0),
            frac=round(rng.uniform(0.3, 1.0), 2),
        ),
    ),
    "road_closed": Lot(
        (BROKER,),  # one a day's draw, whoever drives
        lambda rng, _, at_s: RoadClosed(
            at_s=at_s,
            lasts_s=_exp(rng, 2400.0, 14_400.0),
            known_after_s=round(rng.uniform(0, 1200), 1),
        ),
    ),
    "hostile_command": Lot(ALL, _hostile),
    "autopilot_reboot": Lot(
        (*FLYING, *DRIVING),
        lambda _, who, at_s: AutopilotReboot(vehicle=who, at_s=at_s),
    ),
    "battery_sag": Lot(
        (*FLYING, *DRIVING),
        lambda rng, who, at_s: BatterySag(
            vehicle=who, at_s=at_s, lost_frac=round(rng.uniform(0.02, 0.25), 2)
        ),
    ),
    "stuck_lid": Lot(
        DRIVING,
        lambda rng, who, at_s: StuckLid(vehicle=who, at_s=at_s, lasts_s=_exp(rng, 120.0)),
    ),
    "jammed_locker": Lot(
        DRIVING,
        lambda rng, who, at_s: JammedLocker(vehicle=who, at_s=at_s, lasts_s=_exp(rng, 600.0)),
    ),
}
"""Road closed strikes the day, and is drawn as often as a fault of the broker."""
