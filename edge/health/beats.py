"""Signs of life: every part that must not hang says so, and the watchdog hears it."""


class Beats:
    """When each part last showed progress."""

    def __init__(self) -> None:
        self._limits_s: dict[str, float] = {}
        self._last_s: dict[str, float] = {}

    def expect(self, part: str, every_s: float, now_s: float) -> None:
        """From now on `part` must beat at least every so many seconds."""
        self._limits_s[part] = every_s
        self._last_s[part] = now_s

    def beat(self, part: str, now_s: float) -> None:
        """Note that `part` has shown progress."""
        self._last_s[part] = now_s

    def stale(self, now_s: float) -> list[str]:
        """Return the parts that have been quiet for too long."""
        return [
            part
            for part, limit_s in self._limits_s.items()
            if now_s - self._last_s[part] > limit_s
        ]
