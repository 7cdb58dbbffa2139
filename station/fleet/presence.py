"""Who was heard last, and what they said about themselves: in memory only, newest wins."""

from dataclasses import dataclass

from edge.messages.state import Live, Status


@dataclass(slots=True)
class Heard:
    """One vehicle as the live lanes tell it."""

    vehicle: str
    heard_s: float
    """When anything came from it last."""
    live: Live | None = None
    live_s: float = 0.0
    status: Status | None = None


class Presence:
    """The newest of every vehicle of the fleet; strangers are not let in."""

    def __init__(self, vehicles: tuple[str, ...], now_s: float) -> None:
        self.vehicles = {name: Heard(name, now_s) for name in vehicles}
        self.strangers = 0
        """Messages on the live lanes that belong to no vehicle of the fleet."""

    def heard(self, vehicle: str, now_s: float) -> bool:
        """Take note that a vehicle is there; False if it is not of the fleet."""
        seen = self.vehicles.get(vehicle)
        if seen is None:
            self.strangers += 1
            return False
        seen.heard_s = now_s
        return True

    def is_online(self, vehicle: str) -> bool:
        """Tell whether a vehicle says that it is there."""
        seen = self.vehicles.get(vehicle)
        return seen is not None and seen.status is not None and seen.status.state == "online"

    def take_live(self, vehicle: str, live: Live, now_s: float) -> bool:
        """Take a position; False if it is another vehicle's or older than the newest."""
        seen = self.vehicles.get(vehicle)
        if seen is None or live.vehicle != vehicle:
            self.strangers += 1
            return False
        seen.heard_s = now_s
        if seen.live is not None and live.utc < seen.live.utc and now_s - seen.live_s < FRESH_S:
            return False
        seen.live, seen.live_s = live, now_s
        return True

    def take_status(self, vehicle: str, status: Status, now_s: float) -> bool:
        """Take a status; a last will says that a vehicle is gone, not that it was heard."""
        seen = self.vehicles.get(vehicle)
        if seen is None or status.vehicle != vehicle:
            self.strangers += 1
            return False
        seen.status = status
        if status.state != "offline":
            seen.heard_s = now_s
        return True


FRESH_S = 30.0  # a clock that was set back is believed after this
