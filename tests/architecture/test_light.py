"""What a van with a driver does not need, it does not have in its memory."""

import subprocess
import sys


def test_the_daemon_starts_without_mavlinks_messages():
    code = "import edge.__main__, sys; print([n for n in sys.modules if 'mavlink' in n])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert told.stdout.strip() == b"[]"


def test_a_van_starts_without_the_pilot_of_machines():
    rooms = ("edge.pilot", "edge.flight", "edge.sidewalk", "edge.guard")
    code = f"import edge.daemon, sys; print([n for n in sys.modules if n.startswith({rooms})])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
