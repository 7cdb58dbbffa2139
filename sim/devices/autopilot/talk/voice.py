"""What every conversation may use: the time, the manner, and a way to speak."""

from dataclasses import dataclass, field

from firmware_bridge.mavlink.wire.dialect import Message, mavlink
from firmware_bridge.mavlink.wire.outbox import Outbox
from sim.devices.autopilot.manners.manner import Manner

AUTOPILOT_COMPONENT = 1
TEXT_B = 50


@dataclass(slots=True)
class Voice:
    """The controller's one address on its link."""

    manner: Manner
    outbox: Outbox
    boot_s: float
    now_s: float
    said: dict[str, int] = field(default_factory=dict)
    """How many messages of each kind were said since the start."""

    @property
    def boot_ms(self) -> int:
        """Time since boot, as most messages carry it."""
        return int((self.now_s - self.boot_s) * 1e3) & 0xFFFFFFFF

    @property
    def boot_us(self) -> int:
        """The same, finer."""
        return int((self.now_s - self.boot_s) * 1e6)

    def say(self, message: Message) -> None:
        """Queue a message for everybody on the link."""
        name = message.get_type()
        self.said[name] = self.said.get(name, 0) + 1
        self.outbox.say(message, self.now_s)

    def tell(self, severity: int, text: str) -> None:
        """Say a text, cut to what one message holds."""
        self.say(mavlink.MAVLink_statustext_message(severity, text.encode("ascii")[:TEXT_B]))
