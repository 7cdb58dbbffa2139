"""The line to a person who helps from afar, put together; only what rolls by itself has one."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from edge.clock import Clock
from edge.executor.executor import Executor
from edge.handover.proof import SigningKey, VerifyingKey
from edge.messages.state import VehicleState
from edge.store.facts import FactStore
from edge.streams import Latest
from edge.vehicles.kind import VehicleKind

if TYPE_CHECKING:
    from edge.assistance.line import HelpLine, Stand
    from edge.pilot.pilot import Pilot


def help_line_of(
    vehicle: str,
    kind: VehicleKind,
    pilot: "Pilot | None",
    *,
    executor: Executor,
    facts: FactStore,
    state: Latest[VehicleState],
    key: SigningKey,
    keys: Sequence[VerifyingKey],
    clock: Clock,
) -> "HelpLine | None":
    """Return the line; None: a driver moves it, or it flies, which nobody does from afar."""
    if pilot is None or kind.machine is None or kind.machine.moves != "ground":
        return None
    from edge.assistance.lease import Lease
    from edge.assistance.line import HelpLine

    return HelpLine(
        Lease(vehicle, keys, f"{facts.epoch[:8]}.{facts.boot}"),
        vehicle,
        key=key,
        clock=clock,
        stand=partial(_stand, pilot, state),
        hear=pilot.hear,
        record=executor.record,
    )


def _stand(pilot: "Pilot", state: Latest[VehicleState]) -> "Stand":
    from edge.assistance.lease import Helped
    from edge.assistance.line import Stand
    from edge.sidewalk.machine import MAY_BE_HELPED
    from edge.sidewalk.progress import DriveProgress

    progress, here = pilot.progress, state.value
    assert isinstance(progress, DriveProgress), "what rolls by itself"
    phase = progress.phase
    why_not = "" if phase in MAY_BE_HELPED else f"it is {phase.value.replace('_', ' ')}"
    return Stand(
        phase=phase.value,
        helped=Helped(progress.operator, "" if progress.operator else why_not),
        refused=progress.refused,
        place=here.place if here is not None else None,
        heading_deg=here.heading_deg if here is not None else None,
        speed_mps=here.speed_mps if here is not None else None,
    )
