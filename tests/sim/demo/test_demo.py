"""The demo as a newcomer runs it: real processes, a real broker, real sockets."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from itertools import pairwise

import psutil
import pytest

WITHOUT_MOSQUITTO = (
    "import station.broker; station.broker.find_mosquitto = lambda: None; "
    "from sim.__main__ import main; main()"
)
FIELDS = {
    "parcels", "outcomes", "balanced", "facts", "facts_lost", "facts_counted_twice",
    "facts_resent", "speed_factor", "wall_s", "log_sha256", "figures",
    "struck", "findings", "vehicle_h",
}  # fmt: skip

pytestmark = pytest.mark.xdist_group("demo")  # two at a time would only slow each other


@contextmanager
def demo(folder, *arguments, how=("-m", "sim")):
    """Start a demo; whatever becomes of it, nothing is left."""
    process = subprocess.Popen(
        [sys.executable, *how, "demo", "--folder", str(folder), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_ctrl_c,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def heed_ctrl_c():
    """Undo what a shell's `&` does to its children, and they to theirs: ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def family_of(process):
    return psutil.Process(process.pid).children(recursive=True)


def lines_until(process, start):
    """Read what it tells until a line begins so; return that line."""
    for line in process.stderr:
        if line.startswith(start):
            return line.rstrip()
    raise AssertionError(f"it ended without telling {start!r}")


def wait_for(what, real_s=20.0):
    until_s = time.monotonic() + real_s
    while True:
        with suppress(TimeoutError):  # of one question, on a busy machine: it is asked again
            if found := what():
                return found
        assert time.monotonic() < until_s, "in vain"
        time.sleep(0.05)


@pytest.mark.parametrize("how", [("-m", "sim"), ("-c", WITHOUT_MOSQUITTO)])
def test_a_headless_day_ends_with_one_line_and_a_report(tmp_path, how):
    options = ("--headless", "--json", "--vans", "2", "--stops", "8")
    with demo(tmp_path / "demo", *options, how=how) as process:
        out, err = process.communicate(timeout=100)
    assert process.returncode == 0, err
    (line,) = out.splitlines()
    result = json.loads(line)
    assert set(result) == FIELDS
    assert result["balanced"]
    assert result["vehicle_h"] == pytest.approx(
        2 * result["speed_factor"] * result["wall_s"] / 3600, rel=0.01
    )
    assert result["facts_lost"] == result["facts_counted_twice"] == 0
    assert sum(result["outcomes"].values()) == result["parcels"] >= 8
    reports = re.findall(r"^report: (.*)$", err, re.MULTILINE)
    assert [name.rpartition(".")[2] for name in reports] == ["html", "xlsx"]
    assert all(os.path.getsize(name) > 1000 for name in reports)
    assert (tmp_path / "demo" / "orders.xlsx").exists()


def post(url, name, token, body):
    request = urllib.request.Request(
        url + name,
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def state_of(url):
    with urllib.request.urlopen(url + "api/state", timeout=10) as answer:
        return json.load(answer)


def test_the_speed_is_changed_while_it_runs_and_ctrl_c_leaves_nothing(tmp_path):
    folder = tmp_path / "demo"
    with demo(folder, "--speed", "40", "--vans", "2", "--stops", "30") as process:
        url = lines_until(process, "console: ").partition(" ")[2]
        lines_until(process, "20")  # dispatched
        token = (folder / "console.token").read_text().strip()

        def places():
            live = state_of(url)["live"]
            found = [van.get("place") for van in live.values()]
            return found if len(found) == 2 and all(found) else None

        seen = [wait_for(places)]
        post(url, "api/speed", token, {"speed": 400.0})
        wait_for(lambda: state_of(url)["station"]["station"]["speed"] == 400.0)
        wait_for(lambda: seen.append(places()) or len({str(p) for p in seen if p}) > 5)
        assert any(before != after for before, after in pairwise(seen))
        family = family_of(process)
        assert len(family) == 3  # the broker and two vans
        sockets = [found for child in family for found in child.net_connections()]
        ports = [found.laddr.port for found in sockets if found.status == "LISTEN"]
        ports.append(int(re.search(r":(\d+)/", url)[1]))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        assert process.returncode == 130
    assert not [child for child in family if child.is_running()]
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))


def test_a_killed_demo_leaves_nothing_either(tmp_path):
    with demo(tmp_path / "demo", "--vans", "2", "--stops", "8") as process:
        lines_until(process, "20")
        family = wait_for(lambda: len(family_of(process)) == 3 and family_of(process))
        process.kill()
        process.wait()
    _, alive = psutil.wait_procs(family, timeout=15)
    assert alive == []


def test_a_folder_of_somebody_s_files_is_not_emptied(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with demo(tmp_path, "--headless", "--json") as process:
        out, err = process.communicate(timeout=30)
    assert process.returncode == 78
    assert out == ""
    assert "no earlier demo's" in err
    assert (tmp_path / "thesis.txt").exists()
