"""The command itself, on real wires: it listens, is heard, and ends with what it has seen."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from sim.__main__ import main

PROGRAM = Path(sys.executable).parent / "doorstep-sim"


@contextmanager
def running(*options):
    process = subprocess.Popen(
        [PROGRAM, "autopilot", "--json", *options], stdout=subprocess.PIPE, text=True
    )
    try:
        yield process, json.loads(process.stdout.readline())["listening"]
    finally:
        process.kill()
        process.communicate()


def ended(process):
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    return json.loads(out)


def heartbeat(fd, within_s=5.0):
    """Read until a HEARTBEAT's header goes by."""
    heard, until_s = b"", time.monotonic() + within_s
    while b"\xfd\x09\x00\x00" not in heard and time.monotonic() < until_s:
        if select.select([fd], [], [], 0.2)[0]:
            heard += os.read(fd, 4096)
    return b"\xfd\x09\x00\x00" in heard


def test_by_tcp_for_two_at_a_time():
    with running("--kind", "rover", "--listen", "tcp:127.0.0.1:0") as (process, address):
        host, port = address.removeprefix("tcp:").split(":")
        with socket.create_connection((host, int(port))) as one:
            with socket.create_connection((host, int(port))) as two:
                assert heartbeat(one.fileno())
                assert heartbeat(two.fileno())
            assert heartbeat(one.fileno())
        figures = ended(process)
    assert figures["modes"][-1] == "MANUAL"
    assert figures["flights"] == 0


def test_by_a_pseudo_terminal_that_leaves_no_trace(tmp_path):
    path = tmp_path / "autopilot"
    with running("--manner", "px4", "--listen", f"serial:{path}") as (process, address):
        assert address == f"serial:{path}"
        fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
        assert heartbeat(fd)
        os.close(fd)
        assert ended(process)["modes"] == ["AUTO.LOITER"]
    assert not path.is_symlink()


@pytest.mark.parametrize(
    ("options", "status", "why"),
    [
        (["--listen", "udp:nowhere"], 78, "needs HOST:PORT"),
        (["--listen", "carrier:pigeon"], 78, "is none of"),
        (["--listen", "udp:127.0.0.1:99999"], 78, "needs HOST:PORT"),
        (["--listen", "udp:192.0.2.1:14550"], 1, "cannot listen on"),
        (["--wind", "60@10"], 2, "wind is 0 to 30"),
        (["--wind", "strong"], 2, "MPS@DEG"),
        (["--home", "1,2"], 2, "LAT,LON,ALT"),
        (["--home", "100,2,3"], 78, "latitude"),
        (["--speed", "0"], 78, "--speed"),
        (["--payload", "-1"], 78, "less than nothing"),
    ],
)
def test_what_cannot_be_is_said(options, status, why, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["doorstep-sim", "autopilot", *options])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == status
    assert why in capsys.readouterr().err
