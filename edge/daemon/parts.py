"""What a daemon is made of."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edge.conduct import Conduct
from edge.daemon.plan_hash import PlanHash
from edge.executor.executor import Executor
from edge.health.aboard import AboardWatch
from edge.health.autopilot_watch import AutopilotWatch
from edge.messages.state import Status
from edge.positions import Positions
from edge.store.facts import FactStore
from edge.store.proofs import ProofStore
from edge.store.track import TrackStore
from edge.streams import Latest
from edge.uplink.uplink import Uplink

if TYPE_CHECKING:
    from edge.assistance.line import HelpLine
    from edge.pilot.pilot import Pilot


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of one vehicle's daemon, opened and built."""

    facts: FactStore
    proofs: ProofStore
    track: TrackStore
    executor: Executor
    positions: Positions
    conduct: Conduct
    uplink: Uplink
    status: Latest[Status]
    autopilot: AutopilotWatch
    aboard: AboardWatch
    pilot: "Pilot | None"
    """None: a driver moves it."""
    helping: "HelpLine | None"
    """None: nobody helps it from afar."""
    plan_hash: PlanHash = field(default_factory=PlanHash)
