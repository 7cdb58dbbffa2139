"""A broker that goes away while the client is about to read or write."""

import asyncio
import os

from edge.uplink.mqtt import connector

CONNACK = b"\x20\x03\0\0\0"


async def broker(reader, writer):
    await reader.read(1000)
    writer.write(CONNACK)
    await reader.read()
    writer.close()


async def test_the_loop_watches_no_socket_that_was_closed_before_its_turn():
    """Its number may be another file's by then."""
    loop, complaints = asyncio.get_running_loop(), []
    loop.set_exception_handler(lambda _, told: complaints.append(told["message"]))
    server = await asyncio.start_server(broker, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with connector("127.0.0.1", port, client_id="van-1", timeout_s=1.0)((), None) as link:
        client, paho = link._client, link._client._client
        sock = paho.socket()
        number = sock.fileno()
        client._on_socket_open(paho, None, sock)
        client._on_socket_register_write(paho, None, sock)
        paho._sock_close()
        opened = os.pipe()
        assert number in opened, "whoever opens something next gets the number"
        await asyncio.sleep(0.05)
        assert number not in loop._selector.get_map()
        assert complaints == []
        for one in opened:
            os.close(one)
    server.close()
