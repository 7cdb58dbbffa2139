"""The same day under another policy: which plans would have been made, and when days part.

What came in is as it was, so the driver does what he did. From the first thing on that the
vehicle would not have let him do, the two days are different days.
"""

import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from msgspec.structs import replace

from edge.config import Config, PlannerSection
from edge.config.toml_file import read_toml
from edge.handover.proof import SigningKey
from edge.messages.broker.wire import read_fact
from edge.messages.facts import PlanChanged
from edge.record.tape import Tape
from sim.replay.life import live
from sim.replay.replay import facts_of, files_found, put_store

Edit = Callable[[Config], Config]
ROUNDS = 3000  # where the policy has only a limit of time, which would not repeat itself


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A policy file: the [planner] of a vehicle.toml."""

    planner: PlannerSection


class PlanTold(msgspec.Struct, frozen=True, kw_only=True):
    """One plan of a day."""

    utc: datetime
    number: int
    trigger: str
    stops: tuple[str, ...]
    dropped: tuple[str, ...]
    back_utc: datetime


class WhatIf(msgspec.Struct, frozen=True, kw_only=True):
    """Two days beside each other."""

    vehicle: str
    recorded: tuple[PlanTold, ...]
    planned: tuple[PlanTold, ...]
    """By the other policy."""
    first_other: datetime | None
    """When a plan first has another order; None: never."""
    parted: datetime | None
    """When the driver first did what the other plan does not allow; None: never."""
    parted_by: str = ""


def read_policy(path: Path) -> PlannerSection:
    """Read a policy file. Raises FaultyFileError."""
    return read_toml(path, Policy).planner


def what_if(
    tapes: Sequence[Tape], policy: PlannerSection, *, key: SigningKey, files: Path | None = None
) -> WhatIf:
    """Live the day twice, as it was and by the policy, each on the store it leaves itself."""
    was, refused_then = _day(tapes, key, files, lambda config: config)
    would_be, refused = _day(tapes, key, files, _by(policy))
    new = [(utc, why) for utc, why in refused if (utc, why) not in refused_then]
    orders = zip(was, would_be, strict=False)
    other = [b.utc for a, b in orders if (a.stops, a.dropped) != (b.stops, b.dropped)]
    return WhatIf(
        vehicle=tapes[0].begun.vehicle,
        recorded=tuple(was),
        planned=tuple(would_be),
        first_other=other[0] if other else None,
        parted=new[0][0] if new else None,
        parted_by=new[0][1] if new else "",
    )


def _by(policy: PlannerSection) -> Edit:
    """Return the edit that plans by a policy; what it knows of the roads stays."""

    def edit(config: Config) -> Config:
        planner = replace(
            policy,
            roads=policy.roads or config.planner.roads,
            travel_table=policy.travel_table or config.planner.travel_table,
            max_iterations=policy.max_iterations or ROUNDS,
        )
        return replace(config, planner=planner)

    return edit


def _both(first: Edit, then: Edit) -> Edit:
    return lambda config: then(first(config))


def _day(
    tapes: Sequence[Tape], key: SigningKey, files: Path | None, edit: Edit
) -> tuple[list[PlanTold], list[tuple[datetime, str]]]:
    """Return the plans of a day and what was refused on it."""
    refused: list[tuple[datetime, str]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = put_store(tapes[0], folder)
        before = len(facts_of(store))
        for tape in tapes:
            named = files_found(tape, files)
            lived = live(tape, folder, key, edit=_both(named, edit), deaf=True)
            begun = tape.begun
            refused += [
                (begun.utc + timedelta(seconds=at_s - begun.at_s), why)
                for at_s, why in lived.refused
            ]
            store = lived.store
            folder = store.parent
        events = [read_fact(sealed) for _, sealed in facts_of(store)[before:]]
    plans = [
        PlanTold(
            utc=event.time,
            number=event.data.number,
            trigger=event.data.why.trigger,
            stops=tuple(stop.stop_id for stop in event.data.stops),
            dropped=tuple(stop.stop_id for stop in event.data.dropped),
            back_utc=event.data.back_utc,
        )
        for event in events
        if isinstance(event.data, PlanChanged)
    ]
    return plans, refused
