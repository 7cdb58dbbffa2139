"""Areas on the ground: round ones, and polygons with holes."""

from typing import Annotated

import msgspec
from msgspec import Meta

from edge.messages.geo import Place

Ring = Annotated[tuple[Place, ...], Meta(min_length=3, max_length=2000)]
"""Corners in order, either way round; the last is joined to the first, and not repeated."""


class Circle(msgspec.Struct, frozen=True, kw_only=True, tag="circle", tag_field="shape"):
    """A round area."""

    centre: Place
    radius_m: Annotated[float, Meta(gt=0, le=100_000)]


class Polygon(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag="polygon",
    tag_field="shape",
):
    """An area with corners, which may have holes; narrower than half of the earth."""

    outer: Ring
    holes: Annotated[tuple[Ring, ...], Meta(max_length=100)] = ()


Area = Circle | Polygon
