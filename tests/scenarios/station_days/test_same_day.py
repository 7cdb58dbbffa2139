"""One seed is one day: in twenty processes, whatever their hashes and addresses."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

PROCESSES = 20
DAY = """
name = "same_day"
[fleet]
vehicles = 2
[orders]
stops = 8
pin_frac = 0.3
window_frac = 0.0
[cable]
split_frac = 0.2
damage_frac = 0.0003
[network]
jitter_s = 0.4
lost_frac = 0.05
twice_frac = 0.1
breaks_per_h = 60.0
[chaos]
kills_per_h = 90.0
station_kills_per_h = 40.0
"""


@pytest.mark.soak
def test_c4_the_same_seed_gives_the_same_hash_in_twenty_processes(tmp_path):
    scenario = tmp_path / "same_day.toml"
    scenario.write_text(DAY)

    def run(number):
        told = subprocess.run(
            [sys.executable, "-m", "sim", "run", str(scenario), "--seed", "7", "--json"],
            env=os.environ | {"PYTHONHASHSEED": str(number)},
            capture_output=True,
            check=False,
        )
        return json.loads(told.stdout)["log_sha256"]

    with ThreadPoolExecutor(os.cpu_count()) as two:
        hashes = list(two.map(run, range(PROCESSES)))
    assert len(hashes) == PROCESSES
    assert len(set(hashes)) == 1
