"""The shipped program records its own lives, and they are lived again to the same facts."""

import signal
import subprocess
import sys
import time

import pytest

from edge.handover.proof import SigningKey
from edge.store.facts import FILE
from sim.replay.replay import facts_of, key_of, read_day, replay_day

SEED = bytes(32)
FILE_TEXT = f"""
[vehicle]
name = "van-9"
org = "o"
[keys]
signing_key_file = "key"
station_keys = ["{SigningKey.from_seed(SEED).public.to_hex()}"]
[store]
folder = "store"
[broker]
host = "127.0.0.1"
port = 1
[gnss]
source = "gpsd"
port = 2
"""
STARTS_S = 60.0


def live(folder, ending):
    """Run the daemon until it has written, and some seconds more; then end it."""
    daemon = subprocess.Popen(
        [sys.executable, "-m", "edge", "run", folder / "vehicle.toml"],
        stderr=subprocess.DEVNULL,
    )
    try:
        wal = folder / "store" / f"{FILE}-wal"
        until_s = time.monotonic() + STARTS_S
        before_b = wal.stat().st_size if wal.exists() else 0
        while not (wal.exists() and wal.stat().st_size > before_b):
            assert time.monotonic() < until_s, "the daemon wrote nothing"
            time.sleep(0.2)
        time.sleep(3.0)  # what it does without receiver and broker: try again and again
        daemon.send_signal(ending)
        daemon.wait(timeout=30)
    finally:
        daemon.kill()
        daemon.wait()


@pytest.mark.real
def test_a_killed_and_a_stopped_life_are_lived_again_to_the_same_facts(tmp_path):
    (tmp_path / "vehicle.toml").write_text(FILE_TEXT, encoding="utf-8")
    (tmp_path / "key").write_text(SEED.hex(), encoding="ascii")
    (tmp_path / "key").chmod(0o600)
    live(tmp_path, signal.SIGKILL)
    live(tmp_path, signal.SIGTERM)
    (day,) = (tmp_path / "store" / "record").iterdir()
    tapes = read_day(day)
    replayed = replay_day(tapes, key=key_of(tapes[0], None))
    assert replayed.differences == ()
    assert replayed.same
    assert replayed.lives == 2
    assert replayed.facts == len(facts_of(tmp_path / "store")) >= 3
    assert replayed.worst_s < STARTS_S
