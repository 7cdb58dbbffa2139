"""The vehicle's unit under a real systemd: restarted, watched, locked away from the rest."""

import contextlib
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import psutil
import pytest

HERE = Path(__file__).parent
UNIT = "doorstep-edge@van-7"
HIERARCHIES = (Path("/sys/fs/cgroup"), *Path("/sys/fs/cgroup").glob("*/"))

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("systemd")]


class PrivateMachine:
    """A systemd that runs in namespaces of its own; commands are run inside."""

    def __init__(self, pid):
        self._enter = ["nsenter", "--target", str(pid), "--all"]

    def run(self, *command):
        done = subprocess.run(
            [*self._enter, *command], capture_output=True, text=True, check=False, timeout=60
        )
        return done.stdout.strip()

    def until(self, condition, within_s):
        """Wait for a shell condition inside; return how long it took."""
        started_s = time.monotonic()
        loop = f"until {condition}; do sleep 0.05; done"
        command = ["timeout", str(within_s), *self._enter, "sh", "-c", loop]
        done = subprocess.run(command, stderr=subprocess.DEVNULL, check=False)
        assert done.returncode == 0, f"not within {within_s} s: {condition}\n{self.status()}"
        return time.monotonic() - started_s

    def start(self, order):
        self.run("sh", "-c", f"echo {order} >/etc/doorstep/van-7.toml")
        self.run("systemctl", "stop", UNIT)
        self.run("systemctl", "reset-failed", UNIT)
        self.run("systemctl", "start", UNIT)

    def show(self, name):
        return self.run("systemctl", "show", "--value", "--property", name, UNIT)

    def status(self):
        return self.run("systemctl", "status", "--no-pager", "--full", UNIT)


@pytest.fixture(scope="module")
def machine():
    if os.geteuid() != 0 or not Path("/lib/systemd/systemd").exists():
        pytest.skip("a private systemd needs root and Debian's systemd")
    if shutil.which("unshare") is None or shutil.which("mount") is None:
        pytest.skip("no unshare or mount on PATH: a private machine cannot be made")
    if Path("/run/systemd/system").exists():
        pytest.skip("this machine runs a systemd already, whose control groups are its own")
    name = f"doorstep-test-{os.getpid()}"
    outer = subprocess.Popen(
        [HERE / "boot.sh", name, HERE.parents[1] / "systemd", HERE / "stub_daemon.py"],
        stdin=subprocess.DEVNULL,
    )
    try:
        yield PrivateMachine(first_process(outer))
    finally:
        outer.kill()
        outer.wait()
        remove_groups(name)


def first_process(outer):
    """Return the private systemd, once it answers."""
    deadline_s = time.monotonic() + 20
    while time.monotonic() < deadline_s:
        assert outer.poll() is None, "the private systemd ended at once"
        for child in psutil.Process(outer.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):
                machine = PrivateMachine(child.pid)
                if machine.run("systemctl", "is-system-running", "--wait") == "running":
                    return child.pid
    raise AssertionError("the private systemd did not come up")


def remove_groups(name):
    """Remove the control groups, children first; the kernel needs a moment to reap the dead."""
    for top in (hierarchy / name for hierarchy in HIERARCHIES):
        deadline_s = time.monotonic() + 5
        while top.exists() and time.monotonic() < deadline_s:
            for folder, _, _ in os.walk(top, topdown=False):
                with contextlib.suppress(OSError):
                    os.rmdir(folder)


def test_the_daemon_gets_what_it_needs_and_nothing_else(machine):
    machine.start("run")
    assert machine.show("ActiveState") == "active", machine.status()
    report = json.loads(machine.run("cat", "/var/lib/private/doorstep/van-7/report.json"))
    assert report == {
        "arguments": ["run", "/etc/doorstep/van-7.toml"],
        "credentials": {"key_signing.key": "secret\n"},
        "read the keys": "Permission denied",
        "write /etc": "Read-only file system",
        "write /tmp": "yes",
        "read /root": "Permission denied",
        "serial port": "yes",
        "a device that anyone may open": "Operation not permitted",
        "raw socket": "Operation not permitted",
        "listen": "yes",
        "become root": "Operation not permitted",
        "processes seen": 1,
        "wal": "wal",
        "callback from C": 7,
    }


def test_a_killed_daemon_is_back_within_five_seconds(machine):
    machine.start("run")
    machine.run("systemctl", "kill", "--signal=KILL", UNIT)
    machine.until(f'[ "$(systemctl show --value -p NRestarts {UNIT})" = 1 ]', within_s=5)
    machine.until(f"systemctl is-active --quiet {UNIT}", within_s=5)


def test_a_daemon_that_shows_no_sign_of_life_is_ended_and_started_again(machine):
    machine.run("mkdir", "-p", "/run/systemd/system/doorstep-edge@.service.d")
    shorter = "/run/systemd/system/doorstep-edge@.service.d/shorter.conf"
    machine.run("sh", "-c", f"printf '[Service]\nWatchdogSec=2\n' >{shorter}")
    machine.run("systemctl", "daemon-reload")
    machine.start("hang")
    machine.until(f'[ "$(systemctl show --value -p NRestarts {UNIT})" = 1 ]', within_s=10)
    machine.run("rm", shorter)
    machine.run("systemctl", "daemon-reload")


def test_a_wrong_configuration_waits_for_the_operator(machine):
    machine.start("wrong")
    machine.until(f"systemctl is-failed --quiet {UNIT}", within_s=5)
    assert machine.show("ExecMainStatus") == "78"
    assert machine.show("NRestarts") == "0"
