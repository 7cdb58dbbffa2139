"""A PostgreSQL of our own in a temporary folder, as a user that is not root."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from tests.real.mosquitto.broker import free_port

USER = "doorstep"
PASSWORD = "a password for tests"
NOBODY = "nobody"  # PostgreSQL refuses to run as root
STARTS_WITHIN_S = 60.0
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "40",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
}


def find_postgres() -> Path | None:
    """Return the folder of the newest server's programs; None if none is installed."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    return max(found, key=lambda folder: float(folder.parent.name), default=None)


class Cluster:
    """One server; `empty` gives the address of its database."""

    def __init__(self, parent: Path | None = None) -> None:
        """Make its files below `parent` (default: where temporary files are)."""
        programs = find_postgres()
        assert programs is not None, "postgresql is not installed"
        self._programs = programs
        self._user = NOBODY if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="doorstep-pg-", dir=parent))
        self.password_file = self.folder / "password"
        self.password_file.write_text(PASSWORD, encoding="utf-8")
        if self._user is not None:
            shutil.chown(self.folder, self._user)
            shutil.chown(self.password_file, self._user)
        self.port = free_port()
        self.cpu_s = 0.0
        """Processor time, for whoever measures it."""
        self._process: subprocess.Popen[bytes] | None = None
        self._run(
            "initdb",
            f"--pgdata={self.folder}/data",
            f"--username={USER}",
            f"--pwfile={self.password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        )

    def start(self, **settings: str) -> None:
        """Start it and wait until it answers."""
        options = [f"-c{name}={value}" for name, value in {**SETTINGS, **settings}.items()]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    self._programs / "postgres",
                    f"-D{self.folder}/data",
                    f"-p{self.port}",
                    f"-k{self.folder}",
                    *options,
                ],
                stdout=log,
                stderr=log,
                user=self._user,
                cwd=self.folder,
            )
        deadline_s = time.monotonic() + STARTS_WITHIN_S
        while not self._answers():
            assert self._process.poll() is None, self._said()
            assert time.monotonic() < deadline_s, self._said()
            time.sleep(0.05)

    def crash(self) -> None:
        """End it and all its processes at once, as a power cut would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(60)
            self._process = None

    def remove(self) -> None:
        """End it and delete its files."""
        self.crash()
        shutil.rmtree(self.folder)

    def empty(self, name: str = "postgres") -> str:
        """Make a database as good as new; return its address."""
        self.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public", name)
        return self.url(name)

    def url(self, name: str = "postgres") -> str:
        """Return the address of a database."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run a statement by psql; return what it says."""
        return self._run(
            "psql",
            "--no-psqlrc",
            "--quiet",
            "--tuples-only",
            "--no-align",
            f"--command={statement}",
            self.url(database),
        )

    def _run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            [self._programs / program, *arguments],
            capture_output=True,
            text=True,
            user=self._user,
            cwd=self.folder,
            env={**os.environ, "PGPASSWORD": PASSWORD, "LC_ALL": "C"},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1.0).close()
        except OSError:
            return False
        probe = [self._programs / "pg_isready", "-q", "-h127.0.0.1", f"-p{self.port}"]
        return subprocess.run(probe).returncode == 0

    def _said(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-2000:]
