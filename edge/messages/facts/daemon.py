"""What the daemon tells of itself, its clock, its store and its receiver."""

from edge.messages.facts.base import FactBody
from edge.messages.instants import Utc


class DaemonStarted(FactBody, frozen=True, kw_only=True, tag="daemon_started"):
    """The daemon came up; `phase` is where it resumed."""

    version: str
    boot: int
    """Counts the starts on this store."""
    phase: str


class ClockCorrected(FactBody, frozen=True, kw_only=True, tag="clock_corrected"):
    """The wall clock was set from a better source; order is by sequence, so nothing moves."""

    step_s: float
    source: str


class GnssLost(FactBody, frozen=True, kw_only=True, tag="gnss_lost"):
    """No usable position any more."""

    device: str
    silent_s: float
    why: str


class GnssRecovered(FactBody, frozen=True, kw_only=True, tag="gnss_recovered"):
    """Positions can be used again."""

    device: str


class TrackThinned(FactBody, frozen=True, kw_only=True, tag="track_thinned"):
    """Positions were given up under pressure of space."""

    points: int
    from_utc: Utc
    until_utc: Utc


class ItemQuarantined(FactBody, frozen=True, kw_only=True, tag="item_quarantined"):
    """Something received could not be read; it was kept aside and blocks nothing."""

    stream: str
    seq: int
    sha256: str
    why: str


class EpochStarted(FactBody, frozen=True, kw_only=True, tag="epoch_started"):
    """A new store began; `reason` says what became of the one before."""

    reason: str


DaemonFact = (
    DaemonStarted
    | ClockCorrected
    | GnssLost
    | GnssRecovered
    | TrackThinned
    | ItemQuarantined
    | EpochStarted
)
