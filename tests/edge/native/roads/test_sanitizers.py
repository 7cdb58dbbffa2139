"""Absurd networks, put to a search that is watched by the address and behaviour sanitizers."""

import pytest

from tests.edge.native.sanitized import build_watched, run_watched

FUZZ = "tests.edge.native.roads.fuzz_kernel"


@pytest.fixture(scope="module", name="watched")
def _watched(tmp_path_factory):
    return build_watched(tmp_path_factory.mktemp("watched"))


def test_a_wrong_access_would_be_seen(watched):
    done = run_watched(watched, FUZZ, 0, 0, timeout_s=60)
    assert done.returncode != 0
    assert "heap-buffer-overflow" in done.stderr


def test_absurd_networks_break_nothing(watched):
    done = run_watched(watched, FUZZ, 1, 300, timeout_s=100)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", range(2, 12))
def test_many_absurd_networks_break_nothing(watched, seed):
    done = run_watched(watched, FUZZ, seed, 20_000, timeout_s=3600)
    assert done.returncode == 0, done.stderr[-3000:]
