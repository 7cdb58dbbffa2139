"""What the station says about its conditions."""

from datetime import datetime
from typing import Literal

from msgspec import Struct


class ConditionsImported(Struct, frozen=True, kw_only=True):
    """What became of a file."""

    file: str
    kind: str
    name: str
    version: int
    parts: int
    size: int
    """Bytes of all parts."""
    counts: dict[str, int]
    ignored: int
    notes: tuple[str, ...]
    expires_utc: datetime
    told: tuple[str, ...]
    """Vehicles it went out to; others get it when they have taken what came before."""

    @property
    def summary(self) -> str:
        """One line for people."""
        what = ", ".join(f"{count} {name}" for name, count in self.counts.items()) or "nothing"
        cut = f" in {self.parts} parts" if self.parts > 1 else ""
        left = f", {self.ignored} ignored" if self.ignored else ""
        return (
            f"{self.name} version {self.version}: {what}{left} ({self.size:,} bytes{cut}); "
            f"until {self.expires_utc:%Y-%m-%d %H:%M} UTC; sent to {len(self.told)} vehicles"
        )


class VehicleLayer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far one layer has come in one vehicle."""

    vehicle: str
    state: Literal["not sent", "waiting", "acknowledged", "refused"]
    version: int = 0
    """That was last sent."""
    why: str = ""
    sent_utc: datetime | None = None


class LayerStanding(Struct, frozen=True, kw_only=True):
    """One layer, and who has it."""

    name: str
    version: int
    kind: str
    file: str
    parts: int
    counts: dict[str, int]
    issued_utc: datetime
    expires_utc: datetime
    vehicles: tuple[VehicleLayer, ...]


class ConditionsAnswer(Struct, frozen=True, kw_only=True):
    """Every layer, and who has it."""

    layers: tuple[LayerStanding, ...]

    @property
    def summary(self) -> str:
        """One line for people."""
        behind = {
            one.vehicle
            for layer in self.layers
            for one in layer.vehicles
            if one.state != "acknowledged"
        }
        who = f"; not yet everywhere: {', '.join(sorted(behind))}" if behind else ""
        return f"{len(self.layers)} layers{who}"
