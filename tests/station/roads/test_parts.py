import networkx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from station.roads.parts import largest_part

EDGES = st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), max_size=60)


@given(EDGES)
def test_the_part_is_a_largest_one_that_networkx_finds(edges):
    part = largest_part(
        np.array([start for start, _ in edges], dtype=np.int64),
        np.array([end for _, end in edges], dtype=np.int64),
        15,
    )
    graph = networkx.DiGraph(edges)
    sizes = [each for each in networkx.strongly_connected_components(graph) if len(each) > 1]

    found = set(np.flatnonzero(part).tolist())
    if sizes:
        assert found in sizes
        assert len(found) == max(map(len, sizes))
    else:
        assert not found
