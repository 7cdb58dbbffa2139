"""What can only be seen while the day goes on: who is heard, and whether backlogs shrink."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from sim.broker import SimBroker
from sim.checks.findings import Finding
from sim.devices.autopilot.cable import OnCable
from sim.devices.lookout import Lookout
from sim.faults.base import BROKER, STATION
from sim.faults.striking.world import World
from sim.vehicles.machines.strongbox import Strongbox

LOOKS_S = 10.0
GUARDS_S = 0.25
MOVES_MPS = 0.3
NEAR_M, NEARS_MPS = 1.1, 0.7
"""The guard stops before it comes as near to anybody in front; the walker may come on."""
SETTLED_S = 60.0  # of a link, before the vehicle must be heard
MOST_AGE_S = 2.0
AWAY_S = 300.0  # without a link though nothing is wrong: longer than any pause between tries
SHRINKS_S = 120.0
FEW = 60  # facts that may wait while work goes on
MOST_STORED_B = 300_000_000  # [store] track_max_mb, and the facts of a year of days
CLOSED = "closed"
WORKING = ("loading", "underway", "at_stop", "returning", "debriefing")


@runtime_checkable
class Robot(Protocol):
    """A vehicle with a lid, among people."""

    autopilot: OnCable
    box: Strongbox
    lookout: Lookout


@dataclass(slots=True)
class Watch:
    """Looks at every vehicle all day."""

    world: World
    broker: SimBroker
    findings: list[Finding] = field(default_factory=list)
    _live_s: dict[str, float] = field(default_factory=dict)
    _backlog: dict[str, tuple[float, int]] = field(default_factory=dict)
    _away_s: dict[str, float] = field(default_factory=dict)

    def heard(self, at_s: float, topic: str) -> None:
        """Take note of a message that reached the broker."""
        if topic.endswith("/up/live"):
            self._live_s[topic.split("/")[-3]] = at_s

    async def run(self) -> None:
        """Look every ten seconds, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOKS_S)
            for name in self.world.vehicles:
                self._look(name, loop.time())

    async def guard(self) -> None:
        """Look how fast a robot goes with its lid open, or with people before it, for ever."""
        loop = asyncio.get_running_loop()
        robots = {
            name: vehicle
            for name, vehicle in self.world.vehicles.items()
            if isinstance(vehicle, Robot)
        }
        while robots:
            await asyncio.sleep(GUARDS_S)
            for name, robot in robots.items():
                speed_mps = robot.autopilot.autopilot.truth.speed_mps
                if robot.box.lid_frac > 0.0 and speed_mps > MOVES_MPS:
                    what = f"it moves at {speed_mps:.1f} m/s with its lid open"
                    self._find("guard", name, what, loop.time())
                if speed_mps > NEARS_MPS and robot.lookout.nearest_ahead_m() < NEAR_M:
                    what = f"it goes on at {speed_mps:.1f} m/s into somebody before it"
                    self._find("guard", name, what, loop.time())
        await asyncio.Event().wait()

    def stored(self, used_b: Mapping[str, int]) -> None:
        """Look at what is on the disks after the day."""
        for name, size_b in used_b.items():
            if size_b > MOST_STORED_B:
                self._find("bounds", name, f"{size_b:,} bytes on the disk", None)

    def _look(self, name: str, now_s: float) -> None:
        link = self.broker.client(name).link
        calm_s = now_s - self._disturbed_s(name)
        vehicle = self.world.vehicles[name]
        works = vehicle.phase in WORKING
        if calm_s < SETTLED_S or not (works or vehicle.phase == CLOSED):
            self._away_s.pop(name, None)
            self._backlog.pop(name, None)
            return
        if link is None:
            away_s = now_s - self._away_s.setdefault(name, now_s)
            if away_s > AWAY_S:
                self._find("liveness", name, f"no link for {away_s:.0f} s", now_s)
            return
        self._away_s.pop(name, None)
        if now_s - link.since_s < SETTLED_S:
            return
        age_s = now_s - self._live_s.get(name, 0.0)
        if works and age_s > MOST_AGE_S + self.broker.client(name).faults.delay_s:
            self._find("liveness", name, f"link up, position {age_s:.1f} s old", now_s)
        self._look_at_backlog(name, now_s)

    def _look_at_backlog(self, name: str, now_s: float) -> None:
        vehicle = self.world.vehicles[name]
        view = vehicle.board.cab.views.value
        if view is None or view.backlog is None:
            return
        facts = view.backlog.facts
        since_s, before = self._backlog.setdefault(name, (now_s, facts))
        few = FEW if vehicle.phase in WORKING else 0
        if facts < before or facts <= few:
            self._backlog[name] = (now_s, facts)
        elif now_s - since_s > SHRINKS_S:  # and when work is over, none may wait so long
            self._find("liveness", name, f"{facts} facts wait and get no fewer", now_s)

    def _disturbed_s(self, name: str) -> float:
        """Return when something was last wrong with a vehicle, or with what it speaks to."""
        calm = self.world.calm_since_s
        began_s = max(
            self.world.machine(name).since_s,
            self.world.station.since_s,
            *(calm.get(each, 0.0) for each in (name, STATION, BROKER)),
        )
        running = self.broker.running
        covered = running and all(self.broker.client(each).covered for each in (name, STATION))
        up = self.world.machine(name).up and self.world.station.up
        return began_s if covered and up else float("inf")

    def _find(self, checker: str, name: str, what: str, at_s: float | None) -> None:
        """Tell it once for each vehicle and checker."""
        known = {(each.checker, each.vehicle) for each in self.findings}
        if (checker, name) not in known:
            self.findings.append(Finding(checker=checker, vehicle=name, what=what, at_s=at_s))
