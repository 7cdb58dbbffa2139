"""The table that says where the broker is: vehicle and station have the same."""

from typing import Annotated, Literal

from msgspec import Meta

from edge.config.toml_file import Section

Port = Annotated[int, Meta(ge=1, le=65535)]
NodeAddress = Annotated[
    str,
    Meta(
        pattern=r"^(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]+):[1-9]\d{0,4}$",
        examples=["node-2.example.org:1883"],
    ),
]
"""HOST:PORT; an IPv6 address stands in brackets."""


class BrokerSection(Section, frozen=True, kw_only=True):
    """Where the broker is."""

    host: str
    port: Port = 1883
    other_nodes: tuple[NodeAddress, ...] = ()
    """More nodes of the same cluster: whichever answers will do."""
    protocol: Literal["5", "3.1.1"] = "5"
    subscribe_qos: Literal[0, 1] = 1
    """0 where a subscription with 1 is costly, as on NATS; nothing depends on it."""
    username: str | None = None
    password_file: str | None = None
    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None
    timeout_s: Annotated[float, Meta(gt=0, le=3600)] = 10.0
    keepalive_s: Annotated[int, Meta(ge=5, le=3600)] = 30
