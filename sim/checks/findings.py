"""What a checker found: one sentence, whose it is, and when."""

import msgspec


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that must never be."""

    checker: str
    """"C1" … "C6", "custody", "promises", "guard", "liveness", "bounds"."""
    vehicle: str
    """"station" or "" for the whole day besides."""
    what: str
    at_s: float | None = None
    """Seconds after the opening, where one instant is meant."""
