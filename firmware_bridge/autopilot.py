"""The shell round a MAVLink session: its link, and the ground station that listens in."""

from collections.abc import Callable
from dataclasses import dataclass, field

from edge.clock import Clock
from edge.errors import LinkError
from edge.messages.machines.orders import AutopilotOrder, OrderAnswer
from edge.streams import Mailbox
from edge.supervise import first_of
from firmware_bridge.drive import drive
from firmware_bridge.mavlink.router import GroundSession, Passed, Router
from firmware_bridge.mavlink.session import MavlinkSession, News
from firmware_bridge.mavlink.vehicle.telemetry import Told
from firmware_bridge.port import OpenLink

MOST_ORDERS = 32
MOST_PASSED = 256  # frames; past it the newest are left out, the ends ask again

Word = Told | OrderAnswer


@dataclass(slots=True, kw_only=True)
class Autopilot:
    """One vehicle; `connect` and `serve_ground` are for `keep_alive`."""

    address: str
    session: MavlinkSession
    publish: Callable[[Word], None]
    clock: Clock
    open_link: OpenLink
    ground_address: str = ""
    router: Router | None = None
    shed: int = 0
    """Frames that were not passed on because a side was too slow."""
    _to_vehicle: Mailbox[AutopilotOrder | Passed] = field(
        default_factory=lambda: Mailbox("autopilot", MOST_ORDERS + MOST_PASSED)
    )
    _to_ground: Mailbox[Passed] = field(default_factory=lambda: Mailbox("ground", MOST_PASSED))

    def order(self, order: AutopilotOrder) -> None:
        """Give an order; it is refused at once if too many wait for the link."""
        if len(self._to_vehicle) < MOST_ORDERS + MOST_PASSED:
            self._to_vehicle.put(order)
            return
        why = "the autopilot's link takes no more orders"
        self.publish(
            OrderAnswer(
                received_s=self.clock.now_s(),
                order_id=order.order_id,
                result="refused",
                why=why,
            )
        )

    async def connect(self) -> None:
        """Open the link and drive the session over it. Raises LinkError, also in a group."""
        try:
            async with self.open_link(self.address) as link:
                await drive(self.session, link, self._heard, self.clock, self._to_vehicle)
        except* LinkError as lost:
            for news in self.session.link_lost(self.clock.now_s(), str(first_of(lost))):
                self._heard(news)
            raise

    async def serve_ground(self) -> None:
        """Pass frames on to a ground station and back. Raises LinkError, also in a group."""
        assert self.router is not None, "a ground station without a router"
        ground = GroundSession(self.router)
        async with self.open_link(self.ground_address) as link:
            await drive(ground, link, self._passed_down, self.clock, self._to_ground)

    def _heard(self, news: News) -> None:
        if not isinstance(news, Passed):
            self.publish(news)
        elif len(self._to_ground) < MOST_PASSED:
            self._to_ground.put(news)
        else:
            self.shed += 1

    def _passed_down(self, passed: Passed) -> None:
        # Orders find room though the ground floods us.
        if len(self._to_vehicle) < MOST_PASSED:
            self._to_vehicle.put(passed)
        else:
            self.shed += 1
