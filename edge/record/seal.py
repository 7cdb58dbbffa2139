"""What a tape holds is for whoever has the vehicle's key: names, PINs, codes, signatures.

Each tape has a key of its own, drawn from the vehicle's signing key and the tape's salt; each
piece is sealed (ChaCha20-Poly1305, RFC 8439) under its number in the tape.
"""

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from edge.handover.proof import SigningKey

SALT_B = 16
TAG_B = 16
NONCE_B = 12


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on a tape for everybody: whose it is, and which key opens it."""

    version: str
    vehicle: str
    folder: str
    """Where relative paths of the configuration begin."""
    key_file: str
    """As the configuration names it."""
    key_id: str
    salt: bytes
    """Never the same twice, or two tapes would have one key."""


class Seal:
    """Seals pieces, or opens them, one after another from the first."""

    def __init__(self, key: SigningKey, label: Label) -> None:
        self._cipher = ChaCha20Poly1305(key.secret(b"doorstep tape " + label.salt))
        self._number = 0

    def close(self, piece: bytes) -> bytes:
        """Return the next piece as it may be kept."""
        return self._cipher.encrypt(self._next(), piece, None)

    def open(self, sealed: bytes) -> bytes:
        """Return what the next piece was. Raises ValueError if it is not of this tape."""
        try:
            return self._cipher.decrypt(self._next(), sealed, None)
        except InvalidTag:
            raise ValueError("it was not sealed with this key, or not as this piece") from None

    def _next(self) -> bytes:
        nonce = self._number.to_bytes(NONCE_B, "little")
        self._number += 1
        return nonce
