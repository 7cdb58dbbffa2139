"""What a kind that moves by itself must say: how it moves, what it uses, what it stands."""

from dataclasses import dataclass
from typing import Literal

WeatherSort = Literal["wind", "gust", "rain", "visibility", "temperature", "ice", "darkness"]
PartSort = Literal["lid", "locks", "winch", "gripper"]


@dataclass(frozen=True, slots=True)
class MotionFigures:
    """How fast it may be and how soon it stands."""

    speed_mps: float
    """Over ground."""
    climb_mps: float
    descent_mps: float
    highest_m: float
    """Above home."""
    braking_mps2: float
    """What it brakes at least, laden and on a wet ground."""
    reaction_s: float
    """From a command to the first braking, at most."""
    size_m: float
    """From end to end."""
    worst_accuracy_m: float
    """A position worse than this is none."""
    vertical_m: float = 0.0
    """How far off a height may be."""


@dataclass(frozen=True, slots=True)
class EnergyFigures:
    """What moving takes at most; less is a gift."""

    mass_kg: float
    """Without payload."""
    most_payload_kg: float
    level_w: float
    """Without payload: the highest there is from standing in the air to `airspeed_mps`."""
    airspeed_mps: float
    """At which it goes to a landing place; on the ground, the speed it surely makes."""
    climb_mps: float
    descent_mps: float
    landing_s: float
    """What the last metres take besides the descent."""
    reserve_j: float
    """Still in the battery when it has landed."""
    way_frac: float
    """How many times the straight line the way to a landing place may be."""
    feels_wind: bool


@dataclass(frozen=True, slots=True)
class WeatherFigures:
    """Beyond these it does not set out."""

    most_wind_mps: float
    most_gust_mps: float
    most_rain_mm_h: float
    least_visibility_m: float
    least_temp_c: float
    most_temp_c: float
    in_ice: bool
    in_darkness: bool
    unknown_holds: frozenset[WeatherSort]
    """What must be known before it sets out."""


@dataclass(frozen=True, slots=True)
class MachineFigures:
    """One kind of machine."""

    moves: Literal["air", "ground"]
    motion: MotionFigures
    energy: EnergyFigures
    weather: WeatherFigures
    parts: frozenset[PartSort]
    most_tilt_deg: float
    """More than this is a fall or somebody's hand."""
