"""A real mosquitto with its own configuration file, to be stopped, killed and restarted."""

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

STARTS_WITHIN_S = 10.0


def find_mosquitto() -> str | None:
    """Return the program's path, or None if it is not installed (Debian: /usr/sbin)."""
    return shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def free_port() -> int:
    """Return a TCP port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Mosquitto:
    """A broker on this machine; without `persistence` a kill forgets what it acknowledged."""

    host = "127.0.0.1"
    before: tuple[str, ...] = ()
    """What runs the program, if it is not run at once."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        persistence: bool = False,
        lines: Sequence[str] = (),
    ) -> None:
        """Write the configuration into `folder`; `lines` are added to it."""
        self.port = port or free_port()
        self.config = folder / "mosquitto.conf"
        self._log = folder / "mosquitto.log"
        self._process: subprocess.Popen[bytes] | None = None
        store = [
            "persistence true",
            f"persistence_location {folder}/",
            "autosave_on_changes true",
            "autosave_interval 1",
        ]
        written = [
            f"user {getpass.getuser()}",  # it may not read our folders as its own user
            f"listener {self.port} {self.host}",
            "allow_anonymous true",
            "set_tcp_nodelay true",
            "max_queued_messages 0",
            *(store if persistence else ["persistence false"]),
            *lines,
        ]
        self.config.write_text("\n".join(written) + "\n", encoding="utf-8")

    def __enter__(self) -> "Mosquitto":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def running(self) -> bool:
        """The process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start and wait until it accepts connections."""
        assert not self.running, "it runs already"
        program = find_mosquitto()
        assert program is not None, "mosquitto is not installed"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self.before, program, "-c", str(self.config)], stdout=log, stderr=log
            )
        deadline_s = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < deadline_s:
            try:
                socket.create_connection((self.host, self.port), 1.0).close()
            except OSError:
                assert self.running, self._log.read_text(errors="replace")[-2000:]
                time.sleep(0.02)
            else:
                return
        raise TimeoutError(f"mosquitto does not listen on {self.port}")

    def stop(self) -> None:
        """End it in an orderly way."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def kill(self) -> None:
        """End it as a power cut would (kill -9)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
