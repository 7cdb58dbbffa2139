"""Real wires by their address: TCP and UDP sockets, serial ports."""

from firmware_bridge.links.links import open_link

__all__ = ["open_link"]
