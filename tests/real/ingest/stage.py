"""A station at scale on this machine: broker, PostgreSQL, workers, fleet; real processes."""

import json
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from station.keys import write_private
from tests.real.ingest.cluster import Cluster
from tests.real.ingest.fleet import STATION_SEED, Plan, name_of
from tests.real.mosquitto.broker import Mosquitto
from tests.real.programs import PROGRAMS
from tests.station.live.vans import ORG, Van

READY_WITHIN_S = 600.0
HEAD = """\
[station]
name = "At scale"
org = "{org}"
timezone = "Europe/Berlin"
lat_deg = 48.1
lon_deg = 11.5
data_folder = "data"
signing_key_file = "station.key"

[broker]
port = {port}

[ingest]
database = "{url}"
password_file = "{password_file}"
"""


def write_station(folder: Path, vehicles: int, port: int, cluster: Cluster) -> Path:
    """Write a station.toml with the vehicles of a fleet."""
    write_private(folder / "station.key", STATION_SEED.hex())
    text = HEAD.format(
        org=ORG, port=port, url=cluster.url(), password_file=cluster.password_file
    )
    for number in range(vehicles):
        name = name_of(number)
        public = Van(name).key.public.to_hex()
        text += f'\n[[vehicle]]\nname = "{name}"\npublic_key = "{public}"\n'
    path = folder / "station.toml"
    path.write_text(text, encoding="utf-8")
    return path


class Worker:
    """One `doorstep-station ingest`, to be killed and started again."""

    def __init__(self, config: Path, name: str) -> None:
        self.name = name
        self.kills = 0
        self.cpu_s = 0.0
        """Of the lives that are over."""
        self._config = config
        self._log = config.parent / f"{name}.log"
        self._began_b = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._began_b = log.tell()
            self._process = subprocess.Popen(
                [
                    PROGRAMS / "doorstep-station",
                    "ingest",
                    f"--config={self._config}",
                    f"--name={self.name}",
                    "--json",
                    "--every=1",
                ],
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.lives, self.said
        self.kills += 1
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """End it in an orderly way; return its exit code."""
        return self._end(signal.SIGTERM)

    @property
    def lives(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def said(self) -> str:
        return self._log.read_text(errors="replace")[-3000:]

    @property
    def taking(self) -> bool:
        """It is connected to everything."""
        progress = self.progress
        return bool(progress) and progress[-1]["taking"]

    @property
    def progress(self) -> list[dict[str, Any]]:
        """What it said of its work in this life, oldest first."""
        lines = self._log.read_bytes()[self._began_b :].decode().splitlines(keepends=True)
        return [
            json.loads(line)
            for line in lines
            if line.startswith('{"worker"') and line.endswith("}\n")
        ]

    def _end(self, number: signal.Signals) -> int:
        assert self._process is not None, "it was started"
        with reaped(self):
            self._process.send_signal(number)
            status = self._process.wait(60)
        self._process = None
        return status


@contextmanager
def reaped(whose: Any) -> Iterator[None]:
    """Add the processor time of the process that ends within to its `cpu_s`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    yield
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    whose.cpu_s += after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class Child:
    """A module run as a process: says `ready`, waits for a line, answers with JSON."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[3],
        )

    def until_ready(self) -> None:
        """Wait until it is prepared."""
        assert self._process.stdout is not None, "a pipe"
        assert self._process.stdout.readline() == b"ready\n", "it did not get ready"

    def go(self) -> None:
        assert self._process.stdin is not None, "a pipe"
        self._process.stdin.write(b"go\n")
        self._process.stdin.flush()

    @property
    def done(self) -> bool:
        """It has answered, or ended."""
        assert self._process.stdout is not None, "a pipe"
        readable, _, _ = select.select([self._process.stdout], [], [], 0)
        return bool(readable)

    def answer(self) -> dict[str, Any]:
        """Wait until it is done; return what it said."""
        out, _ = self._process.communicate()
        assert self._process.returncode == 0, "it failed"
        said: dict[str, Any] = json.loads(out.splitlines()[-1])
        return said

    def end(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        if self._process.stdout is not None and not self._process.stdout.closed:
            self._process.communicate()


class Fleet(Child):
    """A process of simulated vehicles."""

    def __init__(self, plan: Plan) -> None:
        super().__init__("tests.real.ingest.fleet", msgspec.json.encode(plan).decode())


def ask(config: Path, question: str) -> tuple[int, Any]:
    """Ask `doorstep-station ingest --QUESTION`; return exit code and answer."""
    done = subprocess.run(
        [
            PROGRAMS / "doorstep-station",
            "ingest",
            f"--{question}",
            "--json",
            "--config",
            config,
        ],
        capture_output=True,
        text=True,
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


def until(what: Any, within_s: float, why: str) -> None:
    """Wait until something is so."""
    deadline_s = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < deadline_s, why
        time.sleep(0.05)


BROKER_LINES = ("max_inflight_messages 200",)


@contextmanager
def staged(folder: Path, cluster: Cluster, vehicles: int, workers: int) -> Iterator[Any]:
    """Have a broker and workers on an empty database; yields (broker, config, workers)."""
    cluster.empty()
    with Mosquitto(folder, lines=BROKER_LINES) as broker:
        config = write_station(folder, vehicles, broker.port, cluster)
        all_of_them = [Worker(config, f"w{number}") for number in range(workers)]
        try:
            for worker in all_of_them:
                worker.start()
            yield broker, config, all_of_them
        finally:
            for worker in all_of_them:
                if worker.lives:
                    worker.kill()
