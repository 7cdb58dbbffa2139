"""Every bench runs, on the smallest work there is, so that none of them rots."""

import json

import pytest

from tests.bench.__main__ import BENCHES, NEED_MOSQUITTO, NEED_POSTGRES, run
from tests.bench.report import Figure, Told, as_json, as_table, machine, quantile, rounded
from tests.real.ingest.cluster import find_postgres
from tests.real.mosquitto.broker import find_mosquitto

SLOW = frozenset({"ingest_live"})  # seven processes, however little they do


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name,
            marks=[
                *([pytest.mark.real] if name in NEED_MOSQUITTO else []),
                *([pytest.mark.soak] if name in SLOW else []),
            ],
        )
        for name in BENCHES
    ],
)
def test_every_bench_runs(name):
    if name in NEED_MOSQUITTO and find_mosquitto() is None:
        pytest.skip("mosquitto is not installed")
    if name in NEED_POSTGRES and find_postgres() is None:
        pytest.skip("postgresql is not installed")
    told, wall_s = run(name, tiny=True)
    line = json.loads(json.dumps(as_json(name, told, wall_s)))
    assert {"bench", "machine", "date", "figures"} <= line.keys()
    assert line["figures"]
    keys = [figure.key for figure in told.figures]
    assert len(keys) == len(set(keys))
    assert all(figure.value >= 0 for figure in told.figures)
    assert as_table(name, told, wall_s).count("\n") >= len(keys)


def test_a_quantile_is_a_value_that_was_measured():
    values = [float(number) for number in range(1, 101)]
    assert quantile(values, 0.5) == 50.0
    assert quantile(values, 0.99) == 99.0
    assert quantile([7.0], 0.99) == 7.0


def test_figures_are_rounded_to_three_digits():
    assert [rounded(value) for value in (0.0, 0.01234, 12.345, 1234.5)] == [
        0,
        0.0123,
        12.3,
        1234,
    ]


def test_a_goal_stands_beside_its_figure():
    told = Told([Figure("rss_mib", "RSS [MiB]", 61.24, "≤ 90")], ["a note"])
    row = as_table("daemon", told, 1.0).splitlines()[1]
    assert row.split() == ["RSS", "[MiB]", "61.2", "goal", "≤", "90"]


def test_the_machine_is_described_and_not_named():
    assert machine().keys() == {
        "cpu",
        "cores",
        "ram_gib",
        "kernel",
        "python",
        "sqlite",
        "load_1min",
    }
