"""A kerb map's file: what is written is read; what is damaged or absurd is named."""

import json
from random import Random

import pytest

from edge.roads.stored.kerbs import (
    KEPT,
    KerbFileError,
    kerb_map,
    last_good,
    read_kerbs,
    write_kerbs,
)
from edge.roads.stored.layout import Source

SQUARE = [(470_000_000, 80_000_000), (470_000_000, 80_001_000), (470_001_000, 80_001_000)]
ISLAND = [(471_000_000, 80_000_000), (471_000_000, 80_001_000), (471_001_000, 80_001_000)]


def made(*rings):
    return kerb_map(rings or (SQUARE, ISLAND), Source(file="town.osm"), "1" * 64)


def written(path, kerbs=None):
    write_kerbs(path, kerbs or made())
    return path


def test_what_is_written_is_read(tmp_path):
    path = written(tmp_path / "town.kerbs")
    assert read_kerbs(path) == made()
    assert read_kerbs(path).corners == 6


@pytest.mark.parametrize(
    ("ring", "what"),
    [
        ([*SQUARE[:2], (950_000_000, 80_000_000)], r"\$.rings\[1\] \[4\] is at 95.0, 8.0"),
        ([*SQUARE[:2], (471_000_000, 80_000_000)], r"\$.rings\[1\] \[2\] is 11 km from"),
    ],
)
def test_an_absurd_ring_is_named_with_its_place(ring, what, tmp_path):
    path = tmp_path / "town.kerbs"
    with pytest.raises(KerbFileError, match=what):
        write_kerbs(path, made(SQUARE, ring))
    assert not path.exists()


def test_a_figure_that_was_changed_is_noticed(tmp_path):
    path = written(tmp_path / "town.kerbs")
    path.write_bytes(path.read_bytes().replace(b"80001000", b"80001001", 1))
    with pytest.raises(KerbFileError, match=r"town.kerbs: is damaged: its rings do not fit"):
        read_kerbs(path)


def test_a_field_of_the_wrong_kind_is_named(tmp_path):
    path = written(tmp_path / "town.kerbs")
    told = json.loads(path.read_text())
    told["rings"][1][3] = "east"
    path.write_text(json.dumps(told))
    with pytest.raises(KerbFileError, match=r"rings\[1\]"):
        read_kerbs(path)
    with pytest.raises(KerbFileError, match="cannot be opened"):
        read_kerbs(tmp_path / "none.kerbs")


def damaged(content, rng):
    content = bytearray(content)
    for _ in range(rng.randint(1, 8)):
        content[rng.randrange(len(content))] = rng.randrange(256)
    return bytes(content[: rng.randint(0, len(content))])


def fault_of(path, whole):
    """Return what is told of a file; what is read must be what was written."""
    try:
        assert read_kerbs(path).rings == whole.rings
    except KerbFileError as error:
        return str(error)
    return str(path)


@pytest.mark.parametrize("seeds", [150, pytest.param(50_000, marks=pytest.mark.fuzz)])
def test_any_damage_is_an_error_or_nothing_was_lost(seeds, tmp_path):
    whole, path = made(), tmp_path / "town.kerbs"
    content = written(path, whole).read_bytes()
    for seed in range(seeds):
        path.write_bytes(damaged(content, Random(seed)))
        assert fault_of(path, whole).startswith(str(path))


def test_s2_a_damaged_map_leaves_the_last_good_one(tmp_path, caplog):
    store, path = tmp_path / "store", written(tmp_path / "town.kerbs")
    assert last_good(path, store) == made()
    path.write_text("{}")
    assert last_good(path, store) == made()
    assert "town.kerbs" in caplog.records[-1].why
    newer = written(path, made(SQUARE))
    assert last_good(newer, store) == made(SQUARE)
    assert read_kerbs(store / KEPT) == made(SQUARE)


def test_s2_without_any_good_map_it_does_not_start(tmp_path):
    path = tmp_path / "town.kerbs"
    path.write_text("{}")
    with pytest.raises(KerbFileError, match=r"town.kerbs: is no kerb map"):
        last_good(path, tmp_path / "store")
