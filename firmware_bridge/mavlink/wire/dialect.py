"""What the messages look like: the only file that imports pymavlink, and of it one dialect.

Importing it costs some 0.05 s and 13 MiB, so only a vehicle with an autopilot does. ArduPilot's
dialect holds all of `common`; what PX4 sends besides is framed and forwarded, not decoded.
"""

from typing import Any

import fastcrc
from pymavlink.dialects.v20 import ardupilotmega as mavlink

from edge.errors import PeerError

__all__ = ["CRC_EXTRA", "Message", "crc_of", "mavlink", "message_from"]

Message = Any
"""A message of the dialect; pymavlink ships no types."""

NOT_DECODED = {
    # Of MAVLink's development.xml and events.xml, which PX4 speaks; computed from their fields.
    410: 160,  # EVENT
    411: 106,  # CURRENT_EVENT_SEQUENCE
    412: 33,  # REQUEST_EVENT
    413: 77,  # RESPONSE_EVENT_ERROR
    435: 134,  # CURRENT_MODE
    436: 193,  # AVAILABLE_MODES
    437: 30,  # AVAILABLE_MODES_MONITOR
}
CRC_EXTRA: dict[int, bytes] = {
    number: bytes([extra])
    for number, extra in {
        **{number: entry.crc_extra for number, entry in mavlink.mavlink_map.items()},
        **NOT_DECODED,
    }.items()
}
"""By message id: the byte that the checksum takes in besides, so that both ends must agree."""


def crc_of(frame_without_magic: bytes, message_id: int) -> int:
    """Return the checksum of a frame. Raises KeyError for an id that is not known."""
    return fastcrc.crc16.mcrf4xx(frame_without_magic + CRC_EXTRA[message_id])


def message_from(message_id: int, payload: bytes) -> Message:
    """Decode a payload whose checksum was right; cut zeros come back, what is newer is cut.

    Raises PeerError for an id that is only forwarded.
    """
    kind = mavlink.mavlink_map.get(message_id)
    if kind is None:
        raise PeerError(f"message {message_id} is not decoded")
    size = kind.unpacker.size
    values = kind.unpacker.unpack(payload[:size].ljust(size, b"\0"))
    if len(values) != len(kind.orders):
        values = _gathered(values, kind.lengths)
    fields = (values[place] for place in kind.orders)
    return kind(
        *[field.rstrip(b"\0") if isinstance(field, bytes) else field for field in fields]
    )


def _gathered(values: tuple[Any, ...], lengths: list[int]) -> list[Any]:
    """Put the elements of an array together; a text is one value already."""
    fields: list[Any] = []
    at = 0
    for length in lengths:
        if length <= 1 or isinstance(values[at], bytes):
            fields.append(values[at])
            at += 1
        else:
            fields.append(list(values[at : at + length]))
            at += length
    return fields
