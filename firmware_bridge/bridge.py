"""From the configuration to sessions on links: what the daemon knows as its devices."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

from edge.clock import BUILD_UTC, Clock
from edge.config import Config, GnssSection
from edge.devices import Lent, Word
from edge.errors import ConfigError, LinkError
from edge.messages.machines.autopilot import AutopilotPresence
from edge.messages.readings import GnssFix, GnssNoFix
from edge.supervise import first_of, keep_alive
from firmware_bridge.drive import drive
from firmware_bridge.gnss.freshness import Freshness
from firmware_bridge.gnss.gpsd import GpsdSession
from firmware_bridge.gnss.nmea import NmeaSession
from firmware_bridge.on_board import run_lookout, run_mcu, run_obd
from firmware_bridge.port import OpenLink
from firmware_bridge.silence import SilenceWatch

GNSS = "gnss"
"""Name of the receiver in DeviceSilent and DeviceBack."""
LONGEST_PAUSE_S = 2.0  # a receiver on board is back 5 s after its return, pause included


async def run_bridge(
    config: Config,
    publish: Callable[[Word], None],
    lent: Lent,
    *,
    clock: Clock,
    rng: Random,
    open_link: OpenLink,
    link_key: bytes | None = None,
) -> None:
    """Run the sessions of every configured device for ever, publishing their words.

    `link_key` signs what is said to the autopilot. Raises ConfigError for a device that cannot
    be addressed.
    """
    gnss, autopilot = config.gnss, config.autopilot
    watch = SilenceWatch(GNSS, gnss.silent_after_s, clock.now_s())
    async with asyncio.TaskGroup() as tasks:
        if gnss.source != "autopilot":
            receiver = Receiver(
                gnss=gnss,
                address=address_of(gnss),
                publish=publish,
                clock=clock,
                open_link=open_link,
                watch=watch,
                freshness=Freshness(),
            )
            tasks.create_task(
                keep_alive(GNSS, receiver.connect, rng, longest_pause_s=LONGEST_PAUSE_S),
                name="bridge.gnss",
            )
        silences = report_silence(watch, gnss.silent_after_s, publish, clock)
        tasks.create_task(silences, name="bridge.gnss.silence")
        if autopilot is not None:
            positions = watch if gnss.source == "autopilot" else None
            # A van does without: MAVLink's messages take 8 MiB.
            from firmware_bridge.flight_controller import run_autopilot

            flying = run_autopilot(
                autopilot,
                partial(_pass_on, positions, publish),
                lent,
                clock=clock,
                rng=rng,
                open_link=open_link,
                key=link_key,
                flies=config.vehicle.kind == "drone",
            )
            tasks.create_task(flying, name="bridge.autopilot")
        if config.obd is not None:
            reading = run_obd(config.obd, publish, clock=clock, rng=rng, open_link=open_link)
            tasks.create_task(reading, name="bridge.obd")
        if config.mcu is not None:
            controlling = run_mcu(
                config.mcu, publish, lent, clock=clock, rng=rng, open_link=open_link
            )
            tasks.create_task(controlling, name="bridge.mcu")
        if config.lookout is not None:
            looking = run_lookout(
                config.lookout, publish, clock=clock, rng=rng, open_link=open_link
            )
            tasks.create_task(looking, name="bridge.lookout")


def _pass_on(watch: SilenceWatch | None, publish: Callable[[Word], None], word: Word) -> None:
    """Publish a word of the autopilot; its position only if no other receiver is to tell it."""
    if isinstance(word, GnssFix | GnssNoFix):
        if watch is None:
            return
        if back := watch.heard(word.received_s):
            publish(back)
    elif isinstance(word, AutopilotPresence) and not word.present and watch is not None:
        watch.suspect(f"the autopilot is lost: {word.why or 'no heartbeat'}")
    publish(word)


def address_of(gnss: GnssSection) -> str:
    """Return the address of the receiver's link. Raises ConfigError if it names no device."""
    if gnss.source == "gpsd":
        return f"tcp:{gnss.host}:{gnss.port}"
    if not gnss.device:
        raise ConfigError('[gnss] source "nmea" needs device, the receiver\'s stable path')
    return f"serial:{gnss.device}:{gnss.baud}"


@dataclass(frozen=True, slots=True)
class Receiver:
    """One receiver; what must outlive a link (silence, age of fixes) is kept here."""

    gnss: GnssSection
    address: str
    publish: Callable[[Word], None]
    clock: Clock
    open_link: OpenLink
    watch: SilenceWatch
    freshness: Freshness

    async def connect(self) -> None:
        """Open the link and drive a new session over it. Raises LinkError, also in a group."""
        try:
            async with self.open_link(self.address) as link:
                await drive(self._session(), link, self._heard, self.clock)
        except* LinkError as lost:
            self.watch.suspect(str(first_of(lost)))
            raise

    def _session(self) -> GpsdSession | NmeaSession:
        now_s = self.clock.now_s()
        if self.gnss.source == "gpsd":
            return GpsdSession(
                now_s,
                device=self.gnss.device,
                freshness=self.freshness,
                suspect=self.watch.suspect,
                not_before=BUILD_UTC,
            )
        return NmeaSession(
            now_s, freshness=self.freshness, suspect=self.watch.suspect, not_before=BUILD_UTC
        )

    def _heard(self, reading: GnssFix | GnssNoFix) -> None:
        if back := self.watch.heard(reading.received_s):
            self.publish(back)
        self.publish(reading)


async def report_silence(
    watch: SilenceWatch, silent_after_s: float, publish: Callable[[Word], None], clock: Clock
) -> None:
    """Say each silence once, also while there is no link at all."""
    while True:
        # While it is silent the earliest next silence is a whole span away.
        now_s = clock.now_s()
        due_s = min(watch.wake_at_s, now_s + silent_after_s)
        await asyncio.sleep(max(0.0, due_s - now_s))
        if silent := watch.wake(max(clock.now_s(), due_s)):
            publish(silent)
