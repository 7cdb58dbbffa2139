"""When a dispatcher must look: rules over what is known of each vehicle, without any state.

An alarm of these kinds stands as long as its cause does. Those that single facts raise
(`station.store.effects`) or the intake are not decided here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from station.store.alarms import AlarmKind

SILENT_S = 90.0  # a handover between cells takes less
GAP_S = 60.0  # a gap that a re-send would have closed by then
DEAF_S = 60.0  # orders not acknowledged although the vehicle is heard
LATE_S = 60.0  # later than this counts; a minute is within what a plan can know
NAMED = 3  # late stops told by name

AT_WORK = {"loading", "underway", "at_stop", "returning", "debriefing"}
DECIDED: tuple[AlarmKind, ...] = ("silent", "gap", "late", "deaf")
"""The kinds these rules raise and clear."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the rules need to know of one vehicle."""

    vehicle: str
    phase: str
    silent_s: float
    """Since anything was heard of it."""
    offline: bool = False
    """The broker said so."""
    gap_since_utc: datetime | None = None
    """Facts are missing below later ones since then."""
    deaf_s: float = 0.0
    """Orders have waited for its acknowledgement while it could be reached."""
    late: tuple[tuple[str, float], ...] = ()
    """(stop, seconds) that the plan is after the promise, of stops still to come."""


@dataclass(frozen=True, slots=True)
class Cause:
    """An alarm that should stand."""

    kind: AlarmKind
    vehicle: str
    text: str

    @property
    def key(self) -> str:
        """The alarm's key in the database."""
        return f"{self.kind}/{self.vehicle}"


def causes(looks: Iterable[Look], utc: datetime) -> dict[str, Cause]:
    """Return the alarms that should stand now, by key."""
    found = [cause for look in looks for cause in _causes_of(look, utc)]
    return {cause.key: cause for cause in found}


def changes(
    standing: Mapping[str, str], wanted: Mapping[str, Cause]
) -> tuple[list[Cause], list[str]]:
    """Return what to raise or tell anew, and the keys to clear."""
    raised = [cause for key, cause in wanted.items() if standing.get(key) != cause.text]
    return raised, [key for key in standing if key not in wanted]


def _causes_of(look: Look, utc: datetime) -> Iterable[Cause]:
    if look.phase in AT_WORK and look.silent_s > SILENT_S:
        what = "Connection lost" if look.offline else "Nothing heard"
        yield Cause("silent", look.vehicle, f"{what} while {_words(look.phase)}")
    if look.gap_since_utc is not None and (utc - look.gap_since_utc).total_seconds() > GAP_S:
        text = f"Facts are missing since {look.gap_since_utc:%H:%M} UTC"
        yield Cause("gap", look.vehicle, text)
    if look.deaf_s > DEAF_S and look.silent_s < SILENT_S:
        yield Cause("deaf", look.vehicle, "Is heard, but acknowledges no orders")
    late = sorted((stop for stop in look.late if stop[1] > LATE_S), key=lambda stop: -stop[1])
    if late:
        named = ", ".join(f"{stop} by {late_s / 60:.0f} min" for stop, late_s in late[:NAMED])
        more = f" and {len(late) - NAMED} more" if len(late) > NAMED else ""
        promise = "A promise" if len(late) == 1 else f"{len(late)} promises"
        yield Cause("late", look.vehicle, f"{promise} will be missed: {named}{more}")


def _words(phase: str) -> str:
    return {"at_stop": "at a stop", "underway": "under way"}.get(phase, phase)
