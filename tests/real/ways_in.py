"""How the tests reach a broker on this machine."""

from edge.uplink.mqtt import connector


def way_in(broker, name, protocol="5", **options):
    return connector(
        "127.0.0.1",
        broker.port,
        client_id=name,
        protocol=protocol,
        timeout_s=options.pop("timeout_s", 5.0),
        keepalive_s=5,
        **options,
    )


async def collect(link, messages):
    async for name, payload in link.messages():
        messages.append((name, payload))
