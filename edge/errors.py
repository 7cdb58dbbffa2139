"""What can go wrong, by who has to act on it."""


class DoorstepError(Exception):
    """Base of every error this project raises on purpose."""


class ConfigError(DoorstepError):
    """The operator must edit a file; the daemon exits with 78 and is not restarted."""


class LinkError(DoorstepError):
    """A wire or a network failed; the supervisor reconnects."""


class PeerError(DoorstepError):
    """The far side broke its own protocol; drop the frame or the connection."""


class RefusedError(DoorstepError):
    """The far side understood and said no; asking again unchanged will not help."""


class StoreError(DoorstepError):
    """A durable file cannot be written or read; nothing that depends on it may happen."""
