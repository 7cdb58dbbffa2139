"""PINs: kept only as keyed hashes, compared in constant time, five tries.

A short PIN can be found by trying all of them against its hash and key, so the hash protects
against reading it in passing, not against whoever holds the route; what protects the door is
that the vehicle counts the tries.
"""

import hashlib
import hmac

from edge.messages.parcels import HandoverRequirements

PIN_TRIES = 5
"""Wrong entries after which a parcel is locked; the mission counts them durably."""


def make_pin_hash(pin: str, key: str) -> str:
    """Return HMAC-SHA-256 of a PIN, hex; `key` is the parcel's own random key, hex.

    Raises ValueError if the PIN is empty or the key is not hex of at least 16 bytes.
    """
    secret = bytes.fromhex(key)
    if len(secret) < 16:
        raise ValueError(f"a PIN key of {len(secret)} bytes is too short")
    entered = normal_pin(pin)
    if not entered:
        raise ValueError("an empty PIN")
    return hmac.new(secret, entered.encode(), hashlib.sha256).hexdigest()


def pin_fits(pin: str, required: HandoverRequirements) -> bool:
    """Tell whether this is the parcel's PIN; False too where it cannot be checked."""
    if required.pin_hash is None or required.pin_key is None:
        return False
    try:
        made = make_pin_hash(pin, required.pin_key)
    except ValueError:
        return False
    return hmac.compare_digest(made.encode(), required.pin_hash.lower().encode())


def normal_pin(pin: str) -> str:
    """Return a PIN as it is hashed: without the blanks and dashes people read it out with."""
    return "".join(pin.split()).replace("-", "")
