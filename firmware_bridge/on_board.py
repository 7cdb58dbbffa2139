"""The car behind OBD, controller and lookout: their sessions on their links, their silence."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Generic, Never, Protocol, TypeVar

from edge.clock import Clock
from edge.config import LookoutSection, McuSection, ObdSection
from edge.devices import Lent, Word
from edge.errors import LinkError
from edge.messages.machines.controller import CompartmentEvent, ControllerOrder, KeptEvent
from edge.streams import Mailbox
from edge.supervise import first_of, keep_alive
from firmware_bridge.drive import drive
from firmware_bridge.lookout.session import LookoutSession
from firmware_bridge.mcu.session import McuSession
from firmware_bridge.obd.pids import Identifier
from firmware_bridge.obd.session import ObdSession
from firmware_bridge.port import OpenLink
from firmware_bridge.session import Session
from firmware_bridge.silence import SilenceWatch

OBD, MCU, LOOKOUT = "obd", "mcu", "lookout"
"""Names of the devices in DeviceSilent and DeviceBack."""
LONGEST_PAUSE_S = 2.0  # as for a receiver
LOOK_S = 0.1
C = TypeVar("C")
C_contra = TypeVar("C_contra", contravariant=True)


class Heard(Session[C_contra, Word], Protocol[C_contra]):
    """A session that knows when its device was last heard."""

    heard_s: float

    def is_excused(self, now_s: float, /) -> bool:
        """Return whether the device has a reason to be silent."""
        ...


@dataclass(slots=True, kw_only=True)
class Line(Generic[C]):
    """One device; what must outlive a link (its silence) is kept here."""

    address: str
    begin: Callable[[], Heard[C]]
    """Return the session for a link that was opened."""
    publish: Callable[[Word], None]
    clock: Clock
    open_link: OpenLink
    watch: SilenceWatch
    orders: Mailbox[C] | None = None
    lost: Callable[[str], Sequence[Word]] = lambda _why: ()
    _session: Heard[C] | None = None
    _heard_s: float = 0.0

    async def connect(self) -> None:
        """Open the link and drive a session over it. Raises LinkError, also in a group."""
        try:
            async with self.open_link(self.address) as link:
                self._session = self.begin()
                await drive(self._session, link, self.publish, self.clock, self.orders)
        except* LinkError as lost:
            why = str(first_of(lost))
            self.watch.suspect(why)
            for word in self.lost(why):
                self.publish(word)
            raise
        finally:
            self._session = None

    async def report_silence(self) -> None:
        """Say each silence once, also while there is no link at all; for ever."""
        while True:
            await asyncio.sleep(LOOK_S)
            now_s, session = self.clock.now_s(), self._session
            if session is not None:
                heard_s = now_s if session.is_excused(now_s) else session.heard_s
                if heard_s > self._heard_s:
                    self._heard_s = heard_s
                    if back := self.watch.heard(heard_s):
                        self.publish(back)
            if silent := self.watch.wake(now_s):
                self.publish(silent)


async def run_obd(
    section: ObdSection,
    publish: Callable[[Word], None],
    *,
    clock: Clock,
    rng: Random,
    open_link: OpenLink,
) -> None:
    """Read the car for ever."""
    identifiers = identifiers_of(section)
    line: Line[Never] = Line(
        address=address_of(section),
        begin=lambda: ObdSession(clock.now_s(), identifiers),
        publish=publish,
        clock=clock,
        open_link=open_link,
        watch=SilenceWatch(OBD, section.silent_after_s, clock.now_s()),
    )
    await _run(OBD, line, rng)


async def run_mcu(
    section: McuSection,
    publish: Callable[[Word], None],
    lent: Lent,
    *,
    clock: Clock,
    rng: Random,
    open_link: OpenLink,
) -> None:
    """Speak with the controller for ever."""
    session = McuSession(clock.now_s())

    def hear(word: Word) -> None:
        publish(word)
        if isinstance(word, CompartmentEvent):  # whoever wants it has it now
            order_id = f"kept-{word.boot_id}-{word.event_id}"
            kept = KeptEvent(order_id=order_id, boot_id=word.boot_id, event_id=word.event_id)
            session.send(kept, clock.now_s())

    line: Line[ControllerOrder] = Line(
        address=address_of(section),
        begin=lambda: session.link_opened(clock.now_s()),
        publish=hear,
        clock=clock,
        open_link=open_link,
        watch=SilenceWatch(MCU, section.silent_after_s, clock.now_s()),
        orders=lent.controller_orders,
        lost=lambda why: session.link_lost(clock.now_s(), why),
    )
    await _run(MCU, line, rng)


async def run_lookout(
    section: LookoutSection,
    publish: Callable[[Word], None],
    *,
    clock: Clock,
    rng: Random,
    open_link: OpenLink,
) -> None:
    """Listen to the lookout for ever."""
    line: Line[Never] = Line(
        address=address_of(section),
        begin=lambda: LookoutSession(clock.now_s()),
        publish=publish,
        clock=clock,
        open_link=open_link,
        watch=SilenceWatch(LOOKOUT, section.silent_after_s, clock.now_s()),
    )
    await _run(LOOKOUT, line, rng)


async def _run(name: str, line: Line[C], rng: Random) -> None:
    alive = partial(keep_alive, rng=rng, longest_pause_s=LONGEST_PAUSE_S)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(alive(name, line.connect), name=f"bridge.{name}")
        tasks.create_task(line.report_silence(), name=f"bridge.{name}.silence")


def address_of(section: ObdSection | McuSection | LookoutSection) -> str:
    """Return the address of the device's link."""
    is_serial = section.link.startswith("serial:")
    return f"{section.link}:{section.baud}" if is_serial else section.link


def identifiers_of(section: ObdSection) -> tuple[Identifier, ...]:
    """Return the maker's values as they are asked."""
    return tuple(
        Identifier(
            name=value.name,
            unit=value.unit.upper(),
            identifier=int(value.identifier, 16),
            first=value.first_byte,
            length=value.bytes,
            scale=value.scale,
            offset=value.offset,
            signed=value.signed,
        )
        for value in section.values
    )
