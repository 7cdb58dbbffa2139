"""What a daemon tells of itself: warnings for the driver, presence, and its status."""

from importlib.metadata import version

import msgspec

from edge.clock import Clock
from edge.config import Config
from edge.daemon.parts import Parts
from edge.messages.state import Status

VERSION = version("doorstep")


def warnings(config: Config, parts: Parts) -> tuple[str, ...]:
    """Say in the driver's words what is wrong now."""
    found = [parts.positions.warning, *parts.uplink.alarms, parts.facts.alarm]
    if config.autopilot is not None:
        found.append(parts.autopilot.warning)
    found += parts.aboard.warnings
    return tuple(warning for warning in found if warning)


def show_status(config: Config, clock: Clock, parts: Parts) -> None:
    """Set the retained status when something in it has changed."""
    mission, plan = parts.executor.mission, parts.executor.plan
    before = parts.status.value
    now = Status(
        vehicle=config.vehicle.name,
        state="online",
        utc=before.utc if before is not None else clock.utc(),
        version=VERSION,
        epoch=parts.facts.epoch,
        route_id=mission.progress.route_id or None,
        plan_number=plan.number if plan is not None else None,
        plan_hash=parts.plan_hash.of(plan),
    )
    if now != before:
        parts.status.set(msgspec.structs.replace(now, utc=clock.utc()))


def status(config: Config, clock: Clock, parts: Parts, page_url: str) -> dict[str, object]:
    """Return what `doorstep-edge status` prints."""
    mission, backlog = parts.executor.mission, parts.uplink.backlog()
    return {
        "vehicle": config.vehicle.name,
        "version": VERSION,
        "utc": clock.utc().isoformat(),
        "time_source": clock.source,
        "up_s": round(clock.now_s(), 1),
        "phase": mission.phase.value,
        "route": mission.progress.route_id,
        "stop": mission.progress.stop_id,
        "stops_left": len(mission.remaining()) if mission.route is not None else 0,
        "facts": parts.facts.last_seq,
        "facts_waiting": backlog.facts,
        "track_waiting": backlog.track,
        "proof_waiting": backlog.proof,
        "position": "known" if parts.positions.known else "unknown",
        "page": page_url,
        "warnings": list(warnings(config, parts)),
        "autopilot": parts.autopilot.status() if config.autopilot is not None else None,
        "car": parts.aboard.car() if config.obd is not None else None,
        "pilot": parts.pilot.status() if parts.pilot is not None else None,
        "controller": parts.aboard.controller() if config.mcu is not None else None,
    }
