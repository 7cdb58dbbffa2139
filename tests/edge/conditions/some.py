"""Layers to test with."""

import math
from datetime import UTC, datetime, timedelta

from edge.conditions.layers import Layers
from edge.messages.conditions import Layer
from edge.messages.geo import Place

NOW_UTC = datetime(2026, 11, 3, 8, tzinfo=UTC)
M_PER_DEG = 111_195.0


def hours(h):
    return NOW_UTC + timedelta(hours=h)


def east(metres, north=0.0):
    """A place so many metres east and north of 48° N 11° E."""
    scale = M_PER_DEG * math.cos(math.radians(48.0))
    return Place(lat_deg=48.0 + north / M_PER_DEG, lon_deg=11.0 + metres / scale)


def layer(name="traffic:city", version=1, *, issued=-1, expires=10, **what):
    times = {"issued_utc": hours(issued), "expires_utc": hours(expires)}
    return Layer(name=name, version=version, **times | what)


def layers_of(*factors, issued_utc=NOW_UTC, expires_utc):
    """Layers with these factors, taken when they were new."""
    one = Layer(
        name="traffic:test",
        version=1,
        issued_utc=min(issued_utc, expires_utc - timedelta(seconds=1)),
        expires_utc=expires_utc,
        factors=tuple(factor for factor in factors if factor.until_utc > factor.from_utc),
    )
    return Layers().take(one, one.issued_utc)
