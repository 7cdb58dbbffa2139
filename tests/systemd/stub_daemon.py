#!/usr/bin/python3
"""Stands for the daemon inside the private systemd: tells what the sandbox lets it do.

Its configuration file holds one word: `run`, `hang` (no signs of life) or `wrong` (exit 78).
"""

import ctypes
import json
import os
import pathlib
import socket
import sqlite3
import sys
import time

state = os.environ["STATE_DIRECTORY"]
credentials = pathlib.Path(os.environ["CREDENTIALS_DIRECTORY"])


def try_to(what):
    try:
        return what() or "yes"
    except OSError as error:
        return os.strerror(error.errno)


def openable(path):
    return try_to(lambda: os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)))


report = {
    "arguments": sys.argv[1:],
    "credentials": {path.name: path.read_text() for path in credentials.iterdir()},
    "read the keys": try_to(lambda: os.listdir("/etc/doorstep/van-7.keys") and None),
    "write /etc": try_to(lambda: open("/etc/doorstep/x", "w").close()),
    "write /tmp": try_to(lambda: open("/tmp/x", "w").close()),
    "read /root": try_to(lambda: os.listdir("/root") and None),
    "serial port": openable("/dev/ttyS0"),
    "a device that anyone may open": openable("/dev/foreign"),
    "raw socket": try_to(
        lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()
    ),
    "listen": try_to(lambda: socket.socket().bind(("127.0.0.1", 0))),
    "become root": try_to(lambda: os.setuid(0)),
    "processes seen": sum(name.isdigit() for name in os.listdir("/proc")),
    "wal": sqlite3.connect(f"{state}/facts.db")
    .execute("pragma journal_mode=wal")
    .fetchone()[0],
    "callback from C": ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 7)(),
}
with open(f"{state}/report.json", "w") as file:
    json.dump(report, file)
with open(sys.argv[2]) as file:
    order = file.read().strip()
if order == "wrong":
    sys.exit(78)

notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.connect(os.environ["NOTIFY_SOCKET"])
notify.send(b"READY=1")
while True:
    if order != "hang":
        notify.send(b"WATCHDOG=1")
    time.sleep(0.5)
