"""Absurd questions, put to all our C while the address and behaviour sanitizers watch it."""

import pytest

from tests.edge.native.sanitized import build_watched, run_watched

FUZZ = {
    "replan": ("tests.edge.native.replan.fuzz_kernel", 60, 5_000),
    "roads": ("tests.edge.native.roads.fuzz_kernel", 300, 20_000),
    "air": ("tests.edge.native.air.fuzz_air", 500, 50_000),
}
"""Of each kernel: what asks it, how often in a quick run, how often for each long seed."""


@pytest.fixture(scope="module", name="watched")
def _watched(tmp_path_factory):
    return build_watched(tmp_path_factory.mktemp("watched"))


@pytest.mark.parametrize("kernel", FUZZ)
def test_a_wrong_access_would_be_seen(watched, kernel):
    done = run_watched(watched, FUZZ[kernel][0], 0, 0, timeout_s=60)
    assert done.returncode != 0
    assert "AddressSanitizer" in done.stderr


@pytest.mark.parametrize("kernel", FUZZ)
def test_absurd_questions_break_nothing(watched, kernel):
    module, quick, _ = FUZZ[kernel]
    done = run_watched(watched, module, 1, quick, timeout_s=100)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.fuzz
@pytest.mark.parametrize("kernel", FUZZ)
@pytest.mark.parametrize("seed", range(2, 12))
def test_many_absurd_questions_break_nothing(watched, kernel, seed):
    module, _, many = FUZZ[kernel]
    done = run_watched(watched, module, seed, many, timeout_s=3600)
    assert done.returncode == 0, done.stderr[-3000:]
