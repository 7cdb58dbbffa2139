"""A broker of the station's own: mosquitto if it is installed, else amqtt in a child process.

For demonstrations and for stations without a broker. It listens on the loopback only, lets
anybody in, and ends with the process that started it, however that ends.
"""

import asyncio
import ctypes
import logging
import os
import shutil
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from edge.errors import ConfigError, LinkError

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
PR_SET_PDEATHSIG = 1  # linux/prctl.h
END_S = 5.0

MOSQUITTO_CONF = """\
# Written by doorstep-station at each start; change station.toml instead.
listener {port} {host}
allow_anonymous true
{user}
# Nothing is kept: whoever sends keeps it until the far side has committed it.
persistence false
# 43 ms less for each acknowledgement
set_tcp_nodelay true
max_inflight_messages 200
max_queued_messages 0
max_queued_bytes 64000000
log_dest stderr
log_type error
log_type warning
log_type notice
log_type information
"""


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where a broker listens, and which MQTT it speaks."""

    host: str
    port: int
    protocol: Literal["5", "3.1.1"]


@asynccontextmanager
async def embedded_broker(
    folder: Path, port: int = 0, *, search_path: str | None = None
) -> AsyncIterator[BrokerAddress]:
    """Run a broker on this port of the loopback (0: a free one) as long as the block lasts.

    `folder` takes its configuration; mosquitto is looked for in `search_path`, by default
    in PATH. Raises ConfigError if the broker cannot start, and a group with a LinkError out
    of the block if it ends by itself.
    """
    port = port or _free_port()
    mosquitto = shutil.which("mosquitto", path=search_path)
    if mosquitto is not None:
        config = _write_conf(folder, port)
        command: Sequence[str] = (mosquitto, "-c", str(config))
        address = BrokerAddress(HOST, port, "5")
    else:
        command = (sys.executable, "-m", "station.broker", str(port))
        address = BrokerAddress(HOST, port, "3.1.1")
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=DEVNULL,
        stderr=PIPE,
        start_new_session=True,  # Ctrl-C is for us; we end it when we are done with it
        preexec_fn=_end_with_parent,
    )
    failed: Exception | None = None
    try:
        await _until_running(process, port)
        log.info("broker runs", extra={"command": command[0], "port": port})
        async with asyncio.TaskGroup() as tasks:
            watch = tasks.create_task(_watch(process), name="embedded broker")
            try:
                yield address
            except Exception as error:  # as it is, not wrapped by the group
                failed = error
            watch.cancel()
    finally:
        await _end(process)
    if failed is not None:
        raise failed


def _write_conf(folder: Path, port: int) -> Path:
    # As root, mosquitto would become a user who cannot read our folder.
    user = "user root" if os.geteuid() == 0 else ""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "mosquitto.conf"
    config.write_text(MOSQUITTO_CONF.format(port=port, host=HOST, user=user), encoding="utf-8")
    return config


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


_libc = ctypes.CDLL(None)


def _end_with_parent() -> None:
    """Between fork and exec: let the kernel end the child when its parent is killed.

    Not by SIGTERM: mosquitto forgets one that comes just after it said that it runs.
    """
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


async def _until_running(process: Process, port: int) -> None:
    assert process.stderr is not None, "started with a pipe"
    said = b""
    async for line in process.stderr:
        said += line
        if line.rstrip().endswith(b" running"):
            return
    last = said.decode(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
    raise ConfigError(
        f"the embedded broker does not start on {HOST}:{port}: {last[0]}: "
        "is the port taken? Name another one as broker.port"
    )


async def _watch(process: Process) -> None:
    """Pass on what the broker says; its end is a lost link."""
    assert process.stderr is not None, "started with a pipe"
    async for line in process.stderr:
        log.debug("broker says", extra={"line": line.decode(errors="replace").rstrip()})
    raise LinkError(f"the embedded broker ended with {await process.wait()}")


async def _end(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    with suppress(TimeoutError):
        async with asyncio.timeout(END_S):
            await process.communicate()
            return
    with suppress(ProcessLookupError):
        process.kill()
    await process.communicate()


async def _serve_amqtt(port: int) -> None:
    """Run amqtt until told to stop.

    Its defaults listen on every interface and log every packet: nothing is left to them.
    """
    from amqtt.broker import Broker

    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"{HOST}:{port}"}},
            "plugins": {
                "amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}
            },
        }
    )
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await broker.start()
    sys.stderr.write("amqtt running\n")
    sys.stderr.flush()
    await ended.wait()
    await broker.shutdown()


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    asyncio.run(_serve_amqtt(int(sys.argv[1])))
