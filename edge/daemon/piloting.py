"""The pilot of a vehicle that moves by itself, put together.

It is imported only where it is needed: a van would pay 3 MiB and a sixth of its start for it.
"""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from edge.clock import Clock
from edge.config import Config, FlightSection
from edge.devices import Lent
from edge.executor.executor import Executor
from edge.messages.state import VehicleState
from edge.planner.travel.airborne import Airborne
from edge.store.facts import FactStore
from edge.streams import Latest
from edge.uplink.live import Burst
from edge.uplink.uplink import Uplink
from edge.vehicles.kind import VehicleKind

if TYPE_CHECKING:
    from edge.pilot.pilot import Pilot


def pilot_of(
    config: Config,
    kind: VehicleKind,
    *,
    executor: Executor,
    facts: FactStore,
    uplink: Uplink,
    state: Latest[VehicleState],
    clock: Clock,
    lent: Lent,
    folder: Path,
    burst: Burst,
) -> "Pilot | None":
    """Return the pilot; None: a driver moves it."""
    if kind.machine is None:
        return None
    from edge.pilot.crafts import craft_of
    from edge.pilot.pilot import Pilot

    craft = craft_of(config, kind, folder)
    if craft is None:
        return None
    return Pilot(
        craft,
        executor,
        recall=facts.state,
        boot=facts.boot,
        orders=lent.orders,
        controller_orders=lent.controller_orders,
        state=state,
        online=lambda: uplink.online,
        report_often=lambda often: burst.ask(often=often, now_s=clock.now_s()),
        clock=clock,
    )


def airborne(config: Config, kind: VehicleKind) -> Airborne | None:
    """Return the travel times of what flies; None: it does not."""
    figures = kind.machine
    if figures is None or figures.moves != "air":
        return None
    from edge.pilot.drones.airways import air_travel

    section = config.flight or FlightSection()
    return Airborne(partial(air_travel, section=section, figures=figures))
