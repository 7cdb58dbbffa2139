"""Absurd walls and networks, put to C that the address and behaviour sanitizers watch."""

import pytest

from tests.edge.native.sanitized import build_watched, run_watched

FUZZ = "tests.edge.native.air.fuzz_air"


@pytest.fixture(scope="module", name="watched")
def _watched(tmp_path_factory):
    return build_watched(tmp_path_factory.mktemp("watched"))


def test_a_wrong_access_would_be_seen(watched):
    done = run_watched(watched, FUZZ, 0, 0, timeout_s=60)
    assert done.returncode != 0
    assert "AddressSanitizer" in done.stderr


def test_absurd_walls_and_networks_break_nothing(watched):
    done = run_watched(watched, FUZZ, 1, 500, timeout_s=100)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", range(2, 6))
def test_many_absurd_walls_and_networks_break_nothing(watched, seed):
    done = run_watched(watched, FUZZ, seed, 50_000, timeout_s=3600)
    assert done.returncode == 0, done.stderr[-3000:]
