"""The vehicle's one process, put together: its parts, their tasks, what it tells of itself."""

from edge.daemon.daemon import Daemon, Devices

__all__ = ["Daemon", "Devices"]
