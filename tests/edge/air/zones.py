"""Zones of every shape thrown on a chart, and an independent judge of flights round them."""

import heapq
import math

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon

from edge.air.airspace import ClosedZone
from edge.air.outline import Outline

MARGIN_M = 30.0


def star(rng, centre, radius_m, corners):
    """Return a ring round a centre that sees all of it: convex or dented."""
    angles = np.sort(rng.uniform(0, 2 * math.pi, corners))
    away = radius_m * rng.uniform(0.3, 1.0, corners)
    return centre + away[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])


def one_shape(rng, centre, radius_m):
    """Return a shape of a kind drawn by lot; the usual ones come up most."""
    kind = rng.choice(
        ["star", "star", "star", "disc", "box", "holed", "bowtie", "sliver", "tiny", "tangle"]
    )
    if kind == "disc":
        return Outline((centre[None, :],), float(radius_m))
    if kind == "box":
        corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * radius_m / 2
        return Outline((centre + corners,))
    if kind == "holed":
        outer, hole = star(rng, centre, radius_m, 9), star(rng, centre, radius_m * 0.8, 6)
        return Outline((outer, hole))
    if kind == "bowtie":
        return Outline((centre + radius_m * np.array([(-1, -1), (1, 1), (1, -1), (-1, 1)]),))
    if kind == "sliver":
        return Outline((centre + radius_m * np.array([(-1, 0), (1, 0.001), (0.2, 0)]),))
    if kind == "tiny":
        return Outline((centre + rng.uniform(-0.5, 0.5, (3, 2)),))
    if kind == "tangle":
        return Outline((centre + rng.uniform(-radius_m, radius_m, (7, 2)),))
    return Outline((star(rng, centre, radius_m, int(rng.integers(3, 12))),))


def thrown(rng, count, spread_m=2_000.0):
    """Return zones anywhere, with some that touch the one before or lie inside it."""
    zones = []
    for number in range(count):
        centre, radius_m = rng.uniform(-spread_m, spread_m, 2), rng.uniform(50, 600)
        if zones and rng.random() < 0.2:
            shape = zones[-1].shape
            centre = shape.rings_m[0][0] + rng.choice([0.0, radius_m, 40.0])
        zones.append(zone_of(one_shape(rng, centre, radius_m), f"z{number}"))
    return zones


def zone_of(shape, name="z"):
    return ClosedZone(name, shape, -math.inf, math.inf)


def drawn(shape):
    """Return a shape as Shapely knows it: its area by both readings, and its line."""
    outer, *holes = shape.rings_m
    if len(outer) == 1:
        return Point(outer[0]).buffer(shape.radius_m, quad_segs=90)
    inside = shapely.union_all([_filled(outer), LineString([*outer, outer[0]])])
    for hole in holes:
        inside = inside.difference(_filled(hole, only_both=True))
    return shapely.union_all(
        [inside, *(LineString([*ring, ring[0]]) for ring in shape.rings_m)]
    )


def _filled(ring, only_both=False):
    """Return what a ring encloses: everything it goes round, or what nobody can deny."""
    if len(ring) < 3:
        return Polygon()
    faces = shapely.get_parts(shapely.polygonize([shapely.node(LineString([*ring, ring[0]]))]))
    kept = []
    for face in faces:
        inner = face.representative_point()
        wound, odd = _wound(ring, inner.x, inner.y)
        if (wound and odd) if only_both else (wound or odd):
            kept.append(face)
    return shapely.union_all(kept) if kept else Polygon()


def _wound(ring, x, y):
    """Return whether the angle a ring sweeps is a full turn or more, and whether an odd one."""
    angles = np.arctan2(ring[:, 1] - y, ring[:, 0] - x)
    steps = np.diff(np.append(angles, angles[0]))
    sweep = round(((steps + math.pi) % (2 * math.pi) - math.pi).sum() / (2 * math.pi))
    crossed = 0
    for (ax, ay), (bx, by) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        if (ay > y) != (by > y) and ax + (bx - ax) * (y - ay) / (by - ay) > x:
            crossed += 1
    return sweep != 0, crossed % 2 == 1


def shortest_m(zones, start, end, margin_m):
    """Return the length of the shortest way by Shapely and a heap; None without one.

    Round corners are drawn inside the true ones, so nothing is shorter than this.
    """
    closed = shapely.union_all(
        [drawn(zone.shape).buffer(margin_m - 0.02, quad_segs=4) for zone in zones]
    )
    rings = shapely.get_rings(shapely.get_parts(closed))
    corners = shapely.get_coordinates(rings)
    nodes = np.concatenate([[start, end], corners])
    inner = shapely.buffer(closed, -0.01)
    shapely.prepare(inner)
    a, b = np.triu_indices(len(nodes), 1)
    lines = shapely.linestrings(np.stack([nodes[a], nodes[b]], axis=1))
    clear = ~shapely.intersects(inner, lines)
    around = [[] for _ in nodes]
    for i, j in zip(a[clear].tolist(), b[clear].tolist(), strict=True):
        away = math.dist(nodes[i], nodes[j])
        around[i].append((j, away))
        around[j].append((i, away))
    best, waiting = {0: 0.0}, [(0.0, 0)]
    while waiting:
        length, node = heapq.heappop(waiting)
        if node == 1:
            return length
        if length > best[node]:
            continue
        for other, away in around[node]:
            if length + away < best.get(other, math.inf):
                best[other] = length + away
                heapq.heappush(waiting, (length + away, other))
    return None
