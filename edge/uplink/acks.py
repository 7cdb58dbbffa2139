"""Acknowledgements as bytes: sealed by who has committed, and believed only if they are.

An acknowledgement lets the other side forget. So it is signed as orders and facts are, and
names its vehicle. A peer of an older version signs none; its word is taken until the first
signed one has come, and never again after that.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from edge.errors import PeerError
from edge.handover.proof import SigningKey, VerifyingKey
from edge.messages.broker.stream import Ack, crc_of
from edge.messages.broker.wire import UndecodableError, from_json


def seal_ack(ack: Ack, *, vehicle: str, key: SigningKey) -> bytes:
    """Return what is said on `down/ack` or `up/ack` of a vehicle."""
    return key.seal(replace(ack, crc=crc_of(ack), vehicle=vehicle))


def read_ack(
    payload: bytes, *, vehicle: str, keys: Iterable[VerifyingKey], sealed_only: bool
) -> Ack:
    """Return an acknowledgement that may be believed; a signed one has a `signature`.

    Raises PeerError that says why it may not.
    """
    try:
        ack = from_json(payload, Ack)
    except UndecodableError as error:
        raise PeerError(f"not understood: {error}") from error
    if ack.signature:
        if not any(key.signed(payload) for key in keys):
            raise PeerError("its signature is of nobody known here")
        if ack.vehicle != vehicle:
            raise PeerError(f"it is meant for {ack.vehicle!r}")
    elif sealed_only:
        raise PeerError("not signed, and this peer signs")
    elif ack.crc is not None and ack.crc != crc_of(ack):
        raise PeerError("changed on the way")
    return ack
