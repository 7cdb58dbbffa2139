"""What a tape holds: how a life began, and everything that came in from outside.

Each entry says when it came: the loop's time, and which round of the loop it was at that time
(0 where rounds are not counted). The tag of an entry is never used for anything else.
"""

from typing import Literal

import msgspec

from edge.messages.instants import Utc

FORMAT = 2


class Begun(msgspec.Struct, frozen=True, array_like=True, tag=0):
    """A daemon started; always the first entry, and the only one of its kind."""

    format: int
    version: str
    vehicle: str
    at_s: float
    round: int
    utc: Utc
    source: str
    """Who vouches for `utc`."""
    chance: tuple[int, ...]
    """The state of the daemon's generator of chance."""
    config: bytes
    """The configuration, as JSON."""
    folder: str
    """Where relative paths of the configuration begin."""
    store: dict[str, bytes]
    """The files of the store as they were, by name; in format 2 as `StorePart`s behind this."""


class StorePart(msgspec.Struct, frozen=True, array_like=True, tag=14):
    """A part of a file of the store as it was; they follow `Begun`, in order."""

    at_s: float
    round: int
    name: str
    content: bytes


class Opened(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """A device's link was opened."""

    at_s: float
    round: int
    link: int
    address: str


class NotOpened(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """A device's link could not be opened."""

    at_s: float
    round: int
    address: str
    why: str


class Came(msgspec.Struct, frozen=True, array_like=True, tag=3):
    """Bytes of a device; none: its link has ended."""

    at_s: float
    round: int
    link: int
    content: bytes


class NotWritten(msgspec.Struct, frozen=True, array_like=True, tag=4):
    """A device took no bytes."""

    at_s: float
    round: int
    link: int
    number: int
    """Which write on this link, from 1."""
    why: str


class Connected(msgspec.Struct, frozen=True, array_like=True, tag=5):
    """The broker took us in."""

    at_s: float
    round: int
    link: int


class NotConnected(msgspec.Struct, frozen=True, array_like=True, tag=6):
    """The broker could not be reached."""

    at_s: float
    round: int
    why: str


class Message(msgspec.Struct, frozen=True, array_like=True, tag=7):
    """A message of the broker."""

    at_s: float
    round: int
    link: int
    topic: str
    payload: bytes


class Lost(msgspec.Struct, frozen=True, array_like=True, tag=8):
    """The connection to the broker was lost."""

    at_s: float
    round: int
    link: int
    why: str


class Published(msgspec.Struct, frozen=True, array_like=True, tag=9):
    """The broker acknowledged a message of ours, or could not."""

    at_s: float
    round: int
    link: int
    number: int
    """Which message on this connection, from 1."""
    why: str
    """Empty: it was taken."""


class Acted(msgspec.Struct, frozen=True, array_like=True, tag=10):
    """The driver pressed a button."""

    at_s: float
    round: int
    action: bytes
    """As JSON."""


class Attached(msgspec.Struct, frozen=True, array_like=True, tag=11):
    """The driver handed in a photo or a signature."""

    at_s: float
    round: int
    content: bytes
    media_type: str


class Searched(msgspec.Struct, frozen=True, array_like=True, tag=13):
    """The planner came so far in its time; with a number of rounds it would again."""

    at_s: float
    round: int
    made: bytes
    """As JSON."""


class Ended(msgspec.Struct, frozen=True, array_like=True, tag=12):
    """The last entry, if there was time for one."""

    at_s: float
    round: int
    how: Literal["stopped", "killed", "full"]
    """`full`: the daemon lived on, but the tape had reached its bound."""


Entry = (
    Begun
    | StorePart
    | Opened
    | NotOpened
    | Came
    | NotWritten
    | Connected
    | NotConnected
    | Message
    | Lost
    | Published
    | Acted
    | Attached
    | Searched
    | Ended
)
