"""What keeps the daemon alive and tidy: the watchdog, the status file, what is wiped."""

import asyncio
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

from edge.clock import VOUCHED, Clock
from edge.config import Config
from edge.daemon import telling
from edge.daemon.parts import Parts
from edge.executor.executor import Executor
from edge.health.beats import Beats
from edge.health.status import write_status
from edge.health.systemd import Notifier

log = logging.getLogger(__name__)

WATCH_S = 5.0
BEAT_EVERY_S = 30.0  # a re-plan and a slow disk together stay far below
HOUSEKEEPING_S = 3600.0


class Caretaker:
    """Looks after one daemon as long as it runs."""

    def __init__(
        self, config: Config, clock: Clock, notifier: Notifier, status_folder: Path | None
    ) -> None:
        self._config = config
        self._clock = clock
        self._notifier = notifier
        self._status_folder = status_folder
        self._shows_status = True
        self._beats = Beats()
        self.page_url = ""
        """Where the driver's page is, once it is served."""

    async def watch(self, parts: Parts) -> None:
        """Feed systemd's watchdog only while everything that must work does."""
        self._beats.expect("executor", BEAT_EVERY_S, self._clock.now_s())
        watchdog_s = self._notifier.watchdog_s
        pause_s = min(WATCH_S, watchdog_s / 3) if watchdog_s is not None else WATCH_S
        asked: asyncio.Task[None] | None = None
        async with asyncio.TaskGroup() as group:
            while True:
                now_s = self._clock.now_s()
                if asked is None or asked.done():
                    asked = group.create_task(self._beat(parts.executor), name="beat")
                stale = self._beats.stale(now_s)
                if stale:
                    log.error("no sign of life", extra={"parts": stale})
                else:
                    self._notifier.alive()
                parts.executor.backlog = parts.uplink.backlog()
                parts.executor.warnings = telling.warnings(self._config, parts)
                telling.show_status(self._config, self._clock, parts)
                if self._status_folder is not None:
                    status = telling.status(self._config, self._clock, parts, self.page_url)
                    await self._write_status(self._status_folder, status)
                await asyncio.sleep(pause_s)

    async def _write_status(self, folder: Path, status: dict[str, Any]) -> None:
        """Show it to `doorstep-edge status`; on a full disk the day goes on without."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(None, write_status, folder, status)
        except OSError as error:
            if self._shows_status:
                log.warning("status not written", extra={"why": str(error)})
            self._shows_status = False
        else:
            self._shows_status = True

    async def _beat(self, executor: Executor) -> None:
        await executor.still_there()
        self._beats.beat("executor", self._clock.now_s())

    async def keep_house(self, parts: Parts) -> None:
        """Wipe what the station has had for long enough."""
        keep = timedelta(days=self._config.store.keep_days)
        while True:
            if self._clock.source in VOUCHED:
                before_utc = self._clock.utc() - keep
                wiped = await parts.proofs.prune(before_utc) + await parts.facts.prune(
                    before_utc
                )
                log.debug("wiped", extra={"rows": wiped})
            await asyncio.sleep(HOUSEKEEPING_S)
