"""The graph: growing it is as good as building it, and its bounds hold."""

import math

import numpy as np
import pytest

from edge.air.outline import UNCLEAR, Outline
from edge.air.sightlines import MOST_CORNERS, CrowdedError, Sightlines
from tests.edge.air.zones import MARGIN_M, thrown, zone_of

WITHIN_M = 20_000.0


def as_set(lines):
    """Return the lines that are seen, as pairs of rounded places: the order does not matter."""
    corners = [tuple(corner) for corner in np.round(lines.corners_m, 6).tolist()]
    return {frozenset((corners[a], corners[b])) for a, b in np.argwhere(lines.seen).tolist()}


@pytest.mark.parametrize("seed", range(25))
def test_a_zone_more_gives_the_graph_of_all(seed):
    zones = thrown(np.random.default_rng(seed), 6)
    grown = Sightlines.among(zones[:3], MARGIN_M, WITHIN_M)
    for zone in zones[3:]:
        grown = grown.with_zone(zone)
    built = Sightlines.among(zones, MARGIN_M, WITHIN_M)
    assert as_set(grown) == as_set(built)
    assert grown.seen.tolist() == grown.seen.T.tolist()
    assert not grown.seen.diagonal().any()
    assert grown.barrier.zones == built.barrier.zones


def test_a_zone_out_of_reach_changes_nothing():
    lines = Sightlines.among(thrown(np.random.default_rng(1), 3), MARGIN_M, WITHIN_M)
    away = zone_of(Outline((np.array([[60_000.0, 0.0]]),), 500.0))
    assert lines.with_zone(away) is lines
    assert Sightlines.among([away], MARGIN_M, WITHIN_M).barrier.zones == ()


def test_a_zone_without_a_shape_is_within_every_reach_and_closes_all():
    lines = Sightlines.among(thrown(np.random.default_rng(1), 3), MARGIN_M, WITHIN_M)
    for shut in (
        lines.with_zone(zone_of(UNCLEAR)),
        Sightlines.among([zone_of(UNCLEAR)], MARGIN_M, WITHIN_M),
    ):
        _, seen = shut.joined(np.array([(9_000.0, 9_000.0), (-9_000.0, 9_000.0)]))
        assert not seen.any()


def test_points_inside_one_zone_do_not_see_each_other():
    wide = zone_of(Outline((np.array([(-5e3, -5e3), (5e3, -5e3), (5e3, 5e3), (-5e3, 5e3)]),)))
    lines = Sightlines.among([wide], MARGIN_M, WITHIN_M)
    _, seen = lines.joined(np.array([(-100.0, 0.0), (100.0, 0.0), (6e3, 0.0), (6e3, 1.0)]))
    assert seen[2, 3]
    assert not seen[:2].any()
    assert not seen[:, :2].any()


def ragged(centre_m, corners):
    angles = np.linspace(0, 2 * math.pi, corners, endpoint=False)
    away = 300 + 20 * (np.arange(corners) % 2)
    return Outline(
        (centre_m + away[:, None] * np.column_stack([np.cos(angles), np.sin(angles)]),)
    )


def test_many_ragged_zones_are_flown_round_as_their_hulls():
    rng = np.random.default_rng(2)
    zones = [zone_of(ragged(rng.uniform(-9e3, 9e3, 2), 400)) for _ in range(8)]
    lines = Sightlines.among(zones, 25.0, WITHIN_M)
    assert 0 < len(lines.corners_m) <= 16 * 8
    for zone, plain in zip(zones, lines.barrier.zones, strict=True):
        assert plain.shape.holds(0.5 * (zone.shape.rings_m[0] + zone.shape.rings_m[0][0])).all()


def test_more_zones_than_can_be_searched_are_refused():
    rows = range(-9_000, 9_000, 1_000)
    discs = [
        zone_of(Outline((np.array([[float(e), float(n)]]),), 50.0)) for e in rows for n in rows
    ]
    with pytest.raises(CrowdedError, match=f"more than {MOST_CORNERS}"):
        Sightlines.among(discs, MARGIN_M, WITHIN_M)
    full = Sightlines.among(discs[:93], MARGIN_M, WITHIN_M)
    assert len(full.corners_m) == 93 * 16
    with pytest.raises(CrowdedError, match="94 zones have 1504 corners"):
        full.with_zone(discs[93])
