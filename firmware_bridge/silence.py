"""Notice that a device has gone silent, once per silence, whatever its link is doing."""

import math

from edge.messages.readings import DeviceBack, DeviceSilent


class SilenceWatch:
    """Outlives links and sessions: a silence that spans three reconnects is one silence."""

    def __init__(self, device: str, silent_after_s: float, now_s: float) -> None:
        self._device = device
        self._silent_after_s = silent_after_s
        self._heard_s = now_s
        self._silent = False
        self._why = ""

    @property
    def wake_at_s(self) -> float:
        """When silence must be said unless the device is heard before; inf once it was said."""
        return math.inf if self._silent else self._heard_s + self._silent_after_s

    def suspect(self, why: str) -> None:
        """Remember the newest cause that could explain a silence."""
        self._why = why

    def heard(self, now_s: float) -> DeviceBack | None:
        """Take note of a usable reading."""
        was_silent = self._silent
        self._heard_s, self._silent, self._why = now_s, False, ""
        return DeviceBack(received_s=now_s, device=self._device) if was_silent else None

    def wake(self, now_s: float) -> DeviceSilent | None:
        """Return the news if the silence has just become long enough."""
        if now_s < self.wake_at_s:
            return None
        self._silent = True
        return DeviceSilent(
            received_s=now_s,
            device=self._device,
            silent_s=now_s - self._heard_s,
            why=self._why or "no data",
        )
