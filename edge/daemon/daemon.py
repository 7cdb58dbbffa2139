"""The composition root: every part of the vehicle in one TaskGroup, nothing decided here."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from random import Random

from edge.clock import Clock
from edge.conduct import Conduct
from edge.config import Config
from edge.daemon import telling
from edge.daemon.caretaker import Caretaker
from edge.daemon.helping import help_line_of
from edge.daemon.page import Page
from edge.daemon.parts import Parts
from edge.daemon.piloting import airborne, pilot_of
from edge.daemon.telling import VERSION
from edge.devices import Lent, Word, new_controller_orders, new_orders
from edge.driver.desk import Desk
from edge.executor.asks import Limits
from edge.executor.executor import Executor
from edge.executor.replanning.planning import Carrier, Planning, Searching, in_worker
from edge.handover.proof import SigningKey, VerifyingKey
from edge.health.aboard import AboardWatch
from edge.health.autopilot_watch import AutopilotFact, AutopilotWatch
from edge.health.systemd import Notifier
from edge.messages.commands import Command, DirectMachine
from edge.messages.machines.autopilot import AutopilotReading
from edge.messages.readings import Reading
from edge.messages.state import Status, VehicleState
from edge.planner.travel.load import load_travel
from edge.planner.travel.roads import RoadTravel
from edge.positions import Positions
from edge.store.disk import HOST, Disk
from edge.store.facts import FactStore
from edge.store.proofs import ProofStore
from edge.store.track import TrackStore
from edge.streams import Latest, Mailbox
from edge.supervise import keep_alive
from edge.uplink.live import Burst
from edge.uplink.port import Connect
from edge.uplink.uplink import Uplink
from edge.vehicles import kind_named

log = logging.getLogger(__name__)

Devices = Callable[[Callable[[Word], None], Lent], Awaitable[None]]
"""Runs the device sessions for ever and publishes what they read."""
MOST_NEWS = 256  # facts of an autopilot that wait for the disk; the newest are left out then


class Daemon:
    """The vehicle's one process; everything it cannot make itself is handed in."""

    def __init__(
        self,
        config: Config,
        *,
        key: SigningKey,
        clock: Clock,
        rng: Random,
        devices: Devices,
        connect: Connect,
        folder: Path = Path(),
        notifier: Notifier | None = None,
        status_folder: Path | None = None,
        disk: Disk = HOST,
        at_desk: Callable[[Desk], Desk] = lambda desk: desk,
        searching: Searching = in_worker,
    ) -> None:
        """Build it.

        `at_desk` may stand between whoever acts for the driver and the desk, `searching`
        between the executor and the planner.
        """
        self._config = config
        self._key = key
        self._clock = clock
        self._rng = rng
        self._devices = devices
        self._connect = connect
        self._folder = folder
        self._disk = disk
        self._notifier = notifier or Notifier(None, None)
        self._caretaker = Caretaker(config, clock, self._notifier, status_folder)
        self._at_desk = at_desk
        self._searching = searching
        self._desk: Desk | None = None
        self._news: Mailbox[AutopilotFact] = Mailbox("news of the autopilot", MOST_NEWS)
        self._orders, self._controller_orders = new_orders(), new_controller_orders()
        self.page_url = ""
        """Where the driver's page is, once it is served."""
        self.ready = asyncio.Event()
        """Set when the mission has been taken up and the driver may act."""

    @property
    def desk(self) -> Desk:
        """The driver's side; only after `ready`."""
        assert self._desk is not None, "the daemon is not ready"
        return self._desk

    async def run(self) -> None:
        """Run until cancelled. Raises DoorstepError when it cannot go on."""
        async with AsyncExitStack() as stack:
            parts = await self._open(stack)
            try:
                async with asyncio.TaskGroup() as tasks:
                    await self._start(tasks, parts)
            finally:
                self._notifier.stopping()

    async def _open(self, stack: AsyncExitStack) -> Parts:
        """Open what is durable and build what decides."""
        config, clock = self._config, self._clock
        vehicle, folder = config.vehicle, self._folder / config.store.folder
        kind = kind_named(vehicle.kind)
        facts = await FactStore.open(
            folder,
            vehicle=vehicle.name,
            org=vehicle.org,
            key=self._key,
            clock=clock,
            new_epoch=self._new_epoch,
            disk=self._disk,
        )
        stack.push_async_callback(facts.close)
        proofs = await ProofStore.open(facts, folder, clock=clock, disk=self._disk)
        state = Latest[VehicleState]()
        planner = config.planner
        travel = airborne(config, kind) or load_travel(
            self._folder / planner.roads if planner.roads is not None else None,
            self._folder / planner.travel_table if planner.travel_table is not None else None,
            kind=kind,
            speed_mps=planner.speed_mps,
            detour=planner.detour,
        )
        carrier = Carrier.of(kind, vehicle.capacity_kg, vehicle.capacity_l)
        executor = Executor(
            vehicle=vehicle.name,
            version=VERSION,
            limits=Limits.of(kind, config.arrival.radius_m, config.arrival.dwell_s),
            store=facts,
            media=proofs,
            planning=Planning(config.planner, travel, clock, carrier, self._searching),
            clock=clock,
            state=state,
        )
        track = await TrackStore.open(
            folder,
            vehicle=vehicle.name,
            clock=clock,
            new_epoch=self._new_epoch,
            report=executor.record,
            max_mb=config.store.track_max_mb,
            disk=self._disk,
        )
        stack.push_async_callback(track.close)
        burst = Burst()
        positions = Positions(
            config, kind, executor=executor, track=track, state=state, clock=clock, burst=burst
        )
        conduct = Conduct(
            executor=executor,
            facts=facts,
            state=state,
            clock=clock,
            latency_s=config.gnss.latency_s,
            limit_at=travel.limits.limit_mps if isinstance(travel, RoadTravel) else None,
        )
        status = Latest[Status]()

        async def obey(command: Command, sealed: bytes) -> None:
            if pilot is not None and isinstance(command.order, DirectMachine):
                await pilot.obey(command, command.order)
            else:
                await executor.obey(command, sealed)

        keys = [VerifyingKey.from_hex(text) for text in config.keys.station_keys]
        uplink = Uplink(
            vehicle=vehicle.name,
            org=vehicle.org,
            facts=facts,
            track=track,
            proofs=proofs,
            key=self._key,
            keys=keys,
            connect=self._connect,
            clock=clock,
            rng=self._rng,
            live=positions.live,
            status=status,
            on_order=obey,
            on_refused=executor.record,
            burst=burst,
        )
        pilot = pilot_of(
            config, kind, executor=executor, facts=facts, uplink=uplink, state=state,
            clock=clock, lent=self._lent(facts), folder=self._folder, burst=burst,
        )  # fmt: skip
        helping = help_line_of(
            vehicle.name, kind, pilot, executor=executor, facts=facts, state=state,
            key=self._key, keys=keys, clock=clock,
        )  # fmt: skip
        if helping is not None:
            uplink.attend(helping)
        return Parts(
            facts=facts,
            proofs=proofs,
            track=track,
            executor=executor,
            positions=positions,
            conduct=conduct,
            uplink=uplink,
            status=status,
            autopilot=AutopilotWatch(),
            aboard=AboardWatch(),
            pilot=pilot,
            helping=helping,
        )

    async def _start(self, tasks: asyncio.TaskGroup, parts: Parts) -> None:
        """Take the mission up and start every task, in the order they depend on each other."""
        executor = parts.executor
        await executor.resume()
        telling.show_status(self._config, self._clock, parts)
        tasks.create_task(executor.run(), name="executor.run")
        tasks.create_task(executor.watch(), name="executor.watch")
        tasks.create_task(executor.follow_conditions(), name="executor.conditions")
        tasks.create_task(parts.positions.follow(), name="positions.follow")
        tasks.create_task(parts.positions.tick(), name="positions.tick")
        tasks.create_task(parts.conduct.run(), name="conduct")
        tasks.create_task(parts.track.run(), name="track")
        tasks.create_task(self._run_devices(parts), name="devices")
        tasks.create_task(self._record_news(executor), name="autopilot.news")
        tasks.create_task(parts.uplink.run(), name="uplink")
        if parts.pilot is not None:
            tasks.create_task(parts.pilot.run(), name="pilot")
        if parts.helping is not None:
            tasks.create_task(parts.helping.tell(), name="help")
        tasks.create_task(self._caretaker.watch(parts), name="watchdog")
        tasks.create_task(self._caretaker.keep_house(parts), name="housekeeping")
        self._desk = self._at_desk(executor)
        if self._config.driver_page is not None:
            page = Page(self._config.driver_page, self._desk, self._clock, self._rng)
            secret = await page.secret(parts.facts)
            serve = partial(page.serve, secret, self._show_page)
            tasks.create_task(keep_alive("driver's page", serve, self._rng), name="page")
        self.ready.set()
        self._notifier.ready(f"{executor.mission.phase.value}")

    def _lent(self, facts: FactStore) -> Lent:
        async def keep(name: str, blob: bytes) -> None:
            await facts.commit((), state={name: blob})

        return Lent(
            recall=facts.state,
            keep=keep,
            orders=self._orders,
            controller_orders=self._controller_orders,
        )

    async def _run_devices(self, parts: Parts) -> None:
        await self._devices(partial(self._hear, parts), self._lent(parts.facts))

    def _hear(self, parts: Parts, word: Word) -> None:
        """Give a device's word to who wants it."""
        if parts.pilot is not None:
            parts.pilot.hear(word)
        if parts.aboard.hear(word):
            return
        if parts.pilot is None:  # what a machine does is not how somebody drives
            parts.conduct.hear(word)
        if isinstance(word, Reading):
            parts.positions.publish(word)
        elif isinstance(word, AutopilotReading):
            for fact in parts.autopilot.hear(word):
                log.info("autopilot", extra={"news": type(fact).__name__})
                if len(self._news) < MOST_NEWS:
                    self._news.put(fact)

    async def _record_news(self, executor: Executor) -> None:
        while True:
            await executor.record(await self._news.get())

    def _show_page(self, url: str) -> None:
        self.page_url = self._caretaker.page_url = url

    def _new_epoch(self) -> str:
        return f"{self._rng.getrandbits(64):016x}"
