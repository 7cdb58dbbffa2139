"""A broker behind `port.Connect`, by aiomqtt: MQTT 5 or 3.1.1.

Sessions are clean on purpose: what the broker kept for us would only be sent twice, since the
reliable stream starts again behind the last end-to-end acknowledgement after each connection.
So it does no harm either that aiomqtt acknowledges before we have stored, hides the reason of
a refused publish, and drops what a full queue cannot take.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal
from zlib import crc32

import aiomqtt
from paho.mqtt.client import Client as Paho

from edge.config import BrokerSection
from edge.errors import ConfigError, LinkError
from edge.uplink.nodes import any_of, parted
from edge.uplink.port import BrokerLink, Connect, Will

Protocol = Literal["5", "3.1.1"]

MOST_INCOMING = 1000  # messages that wait for us; more are dropped, and sent again end to end
NO_DELAY = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)  # 43 ms less (docs: Nagle)


@dataclass(frozen=True, slots=True)
class Tls:
    """Certificates of a connection; no authority means the system's."""

    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None

    def context(self) -> ssl.SSLContext:
        """Read the files. Raises OSError."""
        context = ssl.create_default_context(cafile=self.ca_file)
        if self.certificate_file is not None:
            context.load_cert_chain(self.certificate_file, self.key_file)
        return context


def connector(
    host: str,
    port: int,
    *,
    client_id: str,
    protocol: Protocol = "5",
    subscribe_qos: int = 1,
    username: str | None = None,
    password: str | None = None,
    timeout_s: float = 10.0,
    keepalive_s: int = 30,
    tls: Tls | None = None,
) -> Connect:
    """Return how to connect to this broker."""

    def connect(
        filters: tuple[str, ...], will: Will | None
    ) -> AbstractAsyncContextManager[BrokerLink]:
        options: dict[str, Any] = {
            "identifier": client_id,
            "username": username,
            "password": password,
            "timeout": timeout_s,
            "keepalive": keepalive_s,
            "max_queued_incoming_messages": MOST_INCOMING,
            "socket_options": NO_DELAY,
        }
        if protocol == "5":
            options |= {"protocol": aiomqtt.ProtocolVersion.V5, "clean_start": True}
        else:
            options |= {"protocol": aiomqtt.ProtocolVersion.V311, "clean_session": True}
        if will is not None:
            options["will"] = aiomqtt.Will(will.topic, will.payload, will.qos, will.retained)
        subscriptions = [(name, subscribe_qos) for name in filters]
        return _connected(f"{host}:{port}", host, port, subscriptions, options, tls)

    return connect


def connector_of(broker: BrokerSection, folder: Path, *, client_id: str) -> Connect:
    """Return how to connect as the file says, to whichever node answers.

    Its paths start at `folder`. Raises ConfigError if the password cannot be read.
    """
    password = None
    if broker.password_file is not None:
        try:
            password = (folder / broker.password_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"broker.password_file: {error}") from error

    def path(name: str | None) -> Path | None:
        return None if name is None else folder / name

    files = (broker.ca_file, broker.certificate_file, broker.key_file)
    tls = Tls(*(path(name) for name in files)) if any(files) else None
    nodes = [(broker.host, broker.port), *(parted(node) for node in broker.other_nodes)]
    return any_of(
        [
            connector(
                host,
                port,
                client_id=client_id,
                protocol=broker.protocol,
                subscribe_qos=broker.subscribe_qos,
                username=broker.username,
                password=password,
                timeout_s=broker.timeout_s,
                keepalive_s=broker.keepalive_s,
                tls=tls,
            )
            for host, port in nodes
        ],
        first=crc32(client_id.encode()),
    )


class _Client(aiomqtt.Client):
    """aiomqtt's client, which leaves nothing behind when a connection does not come about."""

    def __init__(self, host: str, port: int, **options: Any) -> None:  # noqa: ANN401
        super().__init__(host, port, **options)
        self._client.connect_timeout = options["timeout"]
        self.dropped = False
        self._disconnected.add_done_callback(_look_at)
        self._connected.add_done_callback(_look_at)

    def drop(self) -> None:
        """Cut whatever connection there is or will be; the broker then says our will."""
        self.dropped = True
        sock = self._client.socket()
        if isinstance(sock, socket.socket):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    # aiomqtt names a socket to the loop by its number, and when the loop comes to it the socket
    # may be closed and the number another's. So these ask again.

    def _on_socket_open(self, client: Paho, userdata: Any, sock: Any) -> None:  # noqa: ANN401, ARG002
        def watch() -> None:
            is_open = client.socket() is sock
            if is_open:
                self._loop.add_reader(sock, self._come_true, partial(_read, client))
            self._misc_task = self._loop.create_task(self._misc_loop())

        self._loop.call_soon_threadsafe(watch)

    def _on_socket_register_write(self, client: Paho, userdata: Any, sock: Any) -> None:  # noqa: ANN401, ARG002
        def watch() -> None:
            is_open = client.socket() is sock
            if is_open:
                self._loop.add_writer(sock, self._come_true, client.loop_write)

        self._loop.call_soon_threadsafe(watch)

    def _come_true(self, move: Callable[[], object]) -> None:
        """Read or write; what fails there is the end of the connection."""
        try:
            move()
        except Exception as error:
            if not self._disconnected.done():
                self._disconnected.set_exception(error)

    def _client_connect(self) -> None:
        # In a thread, which may come back long after nobody waits for it any more.
        super()._client_connect()
        if self.dropped:
            self._loop.call_soon_threadsafe(self.drop)


def _read(client: Paho) -> None:
    """Read what came; what TLS has decoded already wakes nobody again."""
    client.loop_read()
    while getattr(client.socket(), "pending", int)() > 0:
        client.loop_read()


def _look_at(future: "asyncio.Future[None]") -> None:
    """Look at an error that is told elsewhere, or asyncio complains that nobody did."""
    if not future.cancelled():
        future.exception()


class _Link:
    """One living connection."""

    def __init__(self, peer: str, client: aiomqtt.Client) -> None:
        self._peer = peer
        self._client = client

    async def publish(
        self, topic: str, payload: bytes, *, qos: int, retained: bool = False
    ) -> None:
        """Hand a message to the broker. Raises LinkError when the connection is gone."""
        try:
            with _cancellation_kept():
                await self._client.publish(topic, payload, qos=qos, retain=retained)
        except aiomqtt.MqttError as error:
            raise LinkError(f"{self._peer}, publishing {topic}: {error}") from error

    async def messages(self) -> AsyncIterator[tuple[str, bytes]]:
        """Yield (topic, payload) as they come. Raises LinkError when the connection is gone."""
        try:
            async for message in self._client.messages:
                payload = message.payload
                assert isinstance(payload, bytes), "paho gives bytes"
                yield str(message.topic), payload
        except aiomqtt.MqttError as error:
            cause = error.__cause__ or error
            raise LinkError(f"{self._peer}: {cause}") from error


@contextmanager
def _cancellation_kept() -> Iterator[None]:
    """Raise what `asyncio.wait_for` of Python 3.11 swallows when it is done just then."""
    task = asyncio.current_task()
    before = task.cancelling() if task is not None else 0
    yield
    if task is not None and task.cancelling() > before:
        raise asyncio.CancelledError


@asynccontextmanager
async def _connected(
    peer: str,
    host: str,
    port: int,
    subscriptions: list[tuple[str, int]],
    options: dict[str, Any],
    tls: Tls | None,
) -> AsyncIterator[BrokerLink]:
    if tls is not None:
        loop = asyncio.get_running_loop()
        try:
            options["tls_context"] = await loop.run_in_executor(None, tls.context)
        except OSError as error:
            raise LinkError(f"{peer}: certificates: {error}") from error
    client = _Client(host, port, **options)
    try:
        with _cancellation_kept():
            await client.__aenter__()
            await _subscribe(client, subscriptions)
    except aiomqtt.MqttError as error:
        client.drop()
        raise LinkError(f"{peer}: {error}") from error
    except BaseException:
        client.drop()
        raise
    try:
        yield _Link(peer, client)
    finally:
        try:
            with _cancellation_kept():
                await client.__aexit__(None, None, None)
        except aiomqtt.MqttError:
            client.drop()


async def _subscribe(client: aiomqtt.Client, subscriptions: list[tuple[str, int]]) -> None:
    if not subscriptions:
        return
    granted: Any = await client.subscribe(subscriptions)
    for (name, _), code in zip(subscriptions, granted, strict=True):
        if getattr(code, "value", code) >= 0x80:
            raise LinkError(f"the broker refuses the subscription to {name}: {code}")
