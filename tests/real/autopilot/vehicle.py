"""`doorstep-sim autopilot` as a process, and what it says that the vehicle really did."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PROGRAM = Path(sys.executable).parent / "doorstep-sim"
SPEED = 2.5
"""How much faster its time goes; 2.5 heartbeats a second are nothing that a peer minds."""
UP_WITHIN_S = 30.0
ENDS_WITHIN_S = 10.0
ALL_FOUR = [(kind, manner) for kind in ("copter", "rover") for manner in ("ardupilot", "px4")]


@dataclass
class Vehicle:
    """One that runs; `truth` is there once it has ended."""

    kind: str
    manner: str
    address: str
    truth: dict = field(default_factory=dict)

    def url(self, scheme: str) -> str:
        """Its address as a peer writes it, `udpout://` or `udpout:`."""
        return scheme + self.address.removeprefix("udp:")


@contextmanager
def vehicle(
    kind: str, manner: str, listen: str = "udp:127.0.0.1:0", *, speed: float = SPEED
) -> Iterator[Vehicle]:
    """Run one as long as the block lasts."""
    process = subprocess.Popen(
        [
            PROGRAM, "autopilot", "--kind", kind, "--manner", manner, "--listen", listen,
            "--speed", str(speed), "--wind", "3@250", "--json",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        running = Vehicle(kind, manner, json.loads(process.stdout.readline())["listening"])
        yield running
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=ENDS_WITHIN_S)
        running.truth = json.loads(out)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
