import random
import struct

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.roads.graph import RoadGraph
from edge.roads.stored.file import OPENING, VERSION, digest_holds, read_graph_file
from edge.roads.stored.layout import ARRAYS, GraphFileError

SIDE = 5


@pytest.fixture(scope="module")
def graph():
    """A grid of streets, every one both ways."""
    nodes = np.arange(SIDE * SIDE)
    pairs = [(int(n), int(n) + 1) for n in nodes if n % SIDE < SIDE - 1]
    pairs += [(int(n), int(n) + SIDE) for n in nodes[:-SIDE]]
    pairs += [(there, here) for here, there in pairs]
    tails, heads = zip(*pairs, strict=True)
    return RoadGraph.of_arrays(
        480_000_000 - nodes // SIDE * 9_000,
        110_000_000 + nodes % SIDE * 13_000,
        tails,
        heads,
        arc_name=[n % 3 for n in range(len(tails))],
        names=("", "Hauptstraße", "Am Bach"),
    )


@pytest.fixture(scope="module")
def written(graph, tmp_path_factory):
    path = tmp_path_factory.mktemp("roads") / "grid.roads"
    graph.write(path)
    return path


def use_all(graph):
    """Follow every index of a graph, as searches and guidance do."""
    for arc in range(graph.arcs):
        graph.name(arc)
        graph.shape(arc)
        graph.osm_nodes(arc)
    pairs = np.stack([graph.point_osm[:-1], graph.point_osm[1:]], axis=1)
    found = graph.arcs_of_pairs(pairs)
    assert ((found >= -1) & (found < graph.arcs)).all()
    for values in (graph.turn_to, graph.arc_reverse, graph.pair_arc):
        assert graph.arc_length_dm[values].min(initial=1) > 0
    assert graph.node_lat_e7[graph.arc_head].size == graph.arcs


def opened(path):
    """Return the graph, or None if it is refused as it should be."""
    try:
        return RoadGraph.open(path)
    except GraphFileError as error:
        told = str(error)
    assert told.startswith(f"{path}: ")
    assert "; " in told, "there is a cure"
    return None


def test_what_is_written_is_read_again(graph, written):
    read = RoadGraph.open(written)

    for name, values in graph.arrays().items():
        assert np.array_equal(values, read.arrays()[name]), name
    assert (read.digest, read.bounds, read.country) == (
        graph.digest,
        graph.bounds,
        graph.country,
    )
    assert list(read.names) == ["", "Hauptstraße", "Am Bach"]
    use_all(read)
    assert digest_holds(written)


def test_arrays_cannot_be_written_to_and_lie_on_cache_lines(written):
    for name, values in RoadGraph.open(written).arrays().items():
        assert not values.flags.writeable
        assert values.ctypes.data % 64 == 0, name
        assert values.dtype == np.dtype(ARRAYS[name][0])


def test_a_file_is_replaced_whole_and_an_open_graph_keeps_its_own(graph, tmp_path):
    path = tmp_path / "city.roads"
    graph.write(path)
    before = RoadGraph.open(path)
    RoadGraph.of_arrays([0, 0], [0, 9], [0, 1], [1, 0]).write(path)

    assert before.arcs == graph.arcs
    use_all(before)
    assert RoadGraph.open(path).arcs == 2
    assert [each.name for each in tmp_path.iterdir()] == ["city.roads"]


def test_a_folder_that_is_not_there_is_named(graph, tmp_path):
    with pytest.raises(GraphFileError, match=r"nowhere/x\.roads: cannot be written"):
        graph.write(tmp_path / "nowhere" / "x.roads")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "too short"),
        (b"DOORROAD", "too short"),
        (b"PK\3\4" + bytes(100), "is no road graph"),
        (OPENING.pack(b"DOORROAD", VERSION + 1, 2, bytes(32)) + b"{}", "has version 2"),
        (OPENING.pack(b"DOORROAD", VERSION, 2**31, bytes(32)) + b"{}", "a header of"),
        (OPENING.pack(b"DOORROAD", VERSION, 2, bytes(32)) + b"{}", "header is unreadable"),
        (
            OPENING.pack(b"DOORROAD", VERSION, 2, bytes(32)) + b"\xff\xff",
            "header is unreadable",
        ),
    ],
)
def test_what_is_no_graph_is_refused_with_file_and_cure(tmp_path, content, told):
    path = tmp_path / "x.roads"
    path.write_bytes(content)

    with pytest.raises(GraphFileError, match=rf"x\.roads: .*{told}.*; "):
        RoadGraph.open(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(GraphFileError, match=r"gone\.roads: cannot be opened"):
        RoadGraph.open(tmp_path / "gone.roads")
    with pytest.raises(GraphFileError, match="cannot be opened"):
        RoadGraph.open(tmp_path)


@pytest.mark.parametrize(
    ("name", "index", "value", "told"),
    [
        ("arc_head", 3, SIDE * SIDE, "arc_head points outside the nodes"),
        ("arc_tail", 3, -1, "arc_tail points outside the nodes"),
        ("arc_tail", 0, 1, "first_arc does not agree"),
        ("first_arc", 2, 10**6, "first_arc does not rise"),
        ("first_arc", 0, 1, "first_arc does not rise"),
        ("turn_to", 0, -1, "turn_to points outside"),
        ("turn_to", 0, 0, "a turn does not join"),
        ("arc_reverse", 0, -2, "arc_reverse points outside"),
        ("arc_reverse", 0, 5, "arc_reverse does not agree"),
        ("arc_piece", 0, -(10**6), "arc_piece points outside"),
        ("arc_name", 0, 3, "arc_name points outside"),
        ("arc_class", 0, 200, "arc_class is not a class"),
        ("arc_access", 0, 16, "arc_access has unknown bits"),
        ("turn_access", 0, 255, "turn_access has unknown bits"),
        ("arc_length_dm", 0, 0, "arc_length_dm is not positive"),
        ("arc_speed_kmh", 0, 0, "arc_speed_kmh is not positive"),
        ("shape_point", 0, SIDE * SIDE, "shape_point points outside"),
        ("first_shape", 1, 1, "a piece has no two points"),
        ("name_first", 1, -4, "name_first does not rise"),
        ("point_osm", 1, 1, "point_osm does not rise"),
        ("pair_key", 1, 0, "pair_key does not rise"),
        ("pair_arc", 1, 10**6, "pair_arc points outside"),
        ("node_lat_e7", 1, 10**9, "node_lat_e7 is off the globe"),
        ("point_lon_e7", 1, -(2**31), "point_lon_e7 is off the globe"),
    ],
)
def test_an_index_out_of_range_is_refused_at_opening(
    written, tmp_path, name, index, value, told
):
    header, arrays, _ = read_graph_file(written)
    (length,) = struct.unpack_from("<I", written.read_bytes(), 12)
    begin = -(-(OPENING.size + length) // 64) * 64
    (entry,) = (entry for entry in header.arrays if entry.name == name)
    content = bytearray(written.read_bytes())
    item = np.dtype(entry.dtype).itemsize
    at = begin + entry.offset + index * item
    content[at : at + item] = np.array(value).astype(entry.dtype).tobytes()
    path = tmp_path / "x.roads"
    path.write_bytes(content)

    with pytest.raises(GraphFileError, match=rf"x\.roads: is damaged: {told}"):
        RoadGraph.open(path)
    assert arrays[name].size > index


@pytest.mark.parametrize(
    "change",
    [
        lambda entries: entries[:-1],
        lambda entries: (*entries, entries[0]),
        lambda entries: (msgspec.structs.replace(entries[0], dtype="<i8"), *entries[1:]),
        lambda entries: (msgspec.structs.replace(entries[0], name="nodes"), *entries[1:]),
        lambda entries: (msgspec.structs.replace(entries[0], offset=2**40), *entries[1:]),
        lambda entries: (msgspec.structs.replace(entries[0], offset=4), *entries[1:]),
        lambda entries: (msgspec.structs.replace(entries[0], items=7), *entries[1:]),
        lambda entries: (msgspec.structs.replace(entries[2], items=0), *entries[1:]),
    ],
)
def test_a_header_that_does_not_fit_is_refused(written, tmp_path, change):
    header, _, _ = read_graph_file(written)
    changed = msgspec.structs.replace(header, arrays=change(header.arrays))
    text = msgspec.json.encode(changed)
    path = tmp_path / "x.roads"
    opening = OPENING.pack(b"DOORROAD", VERSION, len(text), bytes(32))
    path.write_bytes((opening + text).ljust(4096, b"\0") + written.read_bytes()[4096:])

    assert opened(path) is None


def test_a_flipped_bit_that_fits_is_found_by_the_digest(written, tmp_path):
    content = bytearray(written.read_bytes())
    content[-70] ^= 1  # in a name, or behind it
    place = content.index("Hauptstraße".encode())
    content[place] ^= 1
    path = tmp_path / "x.roads"
    path.write_bytes(content)

    assert opened(path) is not None
    assert not digest_holds(path)


@given(keep=st.floats(0, 1))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_cut_file_is_refused(written, tmp_path, keep):
    content = written.read_bytes()
    path = tmp_path / "x.roads"
    path.write_bytes(content[: int(keep * (len(content) - 64))])

    assert opened(path) is None


def damaged(content, rng):
    """Return a file with some bytes flipped, cut out, doubled or overwritten."""
    content = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8))):
        at = rng.randrange(len(content))
        kind = rng.randrange(4)
        if kind == 0:
            content[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            content[at : at + 4] = struct.pack(
                "<i", rng.choice((-1, 0, 1, 2**31 - 1, -(2**31)))
            )
        elif kind == 2:
            del content[at : at + rng.randrange(1, 200)]
        else:
            content[at:at] = content[at : at + rng.randrange(1, 200)]
    return bytes(content)


def try_damaged(written, folder, rounds, seed):
    content, rng = written.read_bytes(), random.Random(seed)
    path = folder / "x.roads"
    refused = 0
    for _ in range(rounds):
        path.write_bytes(damaged(content, rng))
        graph = opened(path)
        if graph is None:
            refused += 1
        else:
            use_all(graph)
        path.unlink()  # what is still mapped is not written over
    return refused


def test_a_damaged_file_is_refused_or_harmless(written, tmp_path):
    assert try_damaged(written, tmp_path, 300, seed=1) > 100


@pytest.mark.fuzz
def test_damaged_files_by_the_thousand(written, tmp_path):
    assert try_damaged(written, tmp_path, 50_000, seed=2) > 10_000
