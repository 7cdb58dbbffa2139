"""The signed chain: bytes that nobody can alter, drop or insert without being found.

A sealed message is JSON whose last member is `"signature"`. The signature (Ed25519, RFC
8032, base64) covers exactly the bytes before `,"signature":`, so a verifier needs no
canonical form and survives fields it does not know. Each fact carries the SHA-256 of the
whole sealed bytes of the fact before it.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from edge.messages.broker.wire import UndecodableError, read_fact, to_json
from edge.messages.facts import FactEvent

FIRST_PREVHASH = "0" * 64
SEPARATOR = b',"signature":"'
SIGNATURE_CHARS = 88  # 64 bytes in base64

M = TypeVar("M", bound=msgspec.Struct)


class SigningKey:
    """A private Ed25519 key with its short name."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = VerifyingKey(private.public_key())
        self.key_id = self.public.key_id

    @classmethod
    def from_seed(cls, seed: bytes) -> "SigningKey":
        """Return the key of 32 secret bytes."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    def secret(self, purpose: bytes) -> bytes:
        """Return 32 bytes that only the holder of this key can work out."""
        return hmac.digest(self._private.private_bytes_raw(), purpose, hashlib.sha256)

    def seal(self, message: msgspec.Struct) -> bytes:
        """Encode a message whose `signature` is its last field and still empty, and sign it."""
        body = to_json(message)
        assert body.endswith(b"}"), "a sealed message is a JSON object"
        assert SEPARATOR not in body[-110:], "the message is sealed already"
        signature = base64.b64encode(self._private.sign(body[:-1]))
        return body[:-1] + SEPARATOR + signature + b'"}'


class VerifyingKey:
    """A public Ed25519 key with its short name: the first 16 hex digits of its SHA-256."""

    def __init__(self, public: Ed25519PublicKey) -> None:
        self._public = public
        self.raw = public.public_bytes_raw()
        self.key_id = hashlib.sha256(self.raw).hexdigest()[:16]

    @classmethod
    def from_hex(cls, text: str) -> "VerifyingKey":
        """Return the key of 64 hex digits. Raises ValueError."""
        return cls(Ed25519PublicKey.from_public_bytes(bytes.fromhex(text)))

    def to_hex(self) -> str:
        """Return the key as 64 hex digits."""
        return self.raw.hex()

    def signed(self, sealed: bytes) -> bool:
        """Tell whether these exact bytes were sealed by the private half."""
        cut = len(sealed) - len(SEPARATOR) - SIGNATURE_CHARS - 2
        if cut <= 0 or sealed[cut : cut + len(SEPARATOR)] != SEPARATOR or sealed[-2:] != b'"}':
            return False
        written = sealed[cut + len(SEPARATOR) : -2]
        try:
            signature = base64.b64decode(written, validate=True)
            self._public.verify(signature, sealed[:cut])
        except (ValueError, InvalidSignature):
            return False
        # Of base64's last character four bits mean nothing; they may not be altered either.
        return base64.b64encode(signature) == written


def fact_hash(sealed: bytes) -> str:
    """Return what the next fact's `prevhash` must be."""
    return hashlib.sha256(sealed).hexdigest()


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the evidence that does not hold."""

    vehicle: str
    epoch: str
    seq: int
    what: str


def verify_chain(
    facts: Iterable[bytes], keys: Mapping[str, VerifyingKey], *, pruned: bool = False
) -> tuple[int, list[Fault]]:
    """Check the sealed facts of one vehicle, given in order of epoch and sequence.

    `keys` are the vehicle's public keys by key id; `pruned`: the oldest facts may have been
    wiped, so the first one may have any number. Returns how many facts were checked
    and every fault: a bad signature, an unknown key, a broken chain, a gap.
    """
    faults: list[Fault] = []
    checked = 0
    previous: FactEvent | None = None
    previous_hash = FIRST_PREVHASH
    for sealed in facts:
        checked += 1
        try:
            event = read_fact(sealed)
        except UndecodableError as error:
            last = (previous.vehicle, previous.epoch, previous.seq) if previous else ("", "", 0)
            faults.append(Fault(*last, f"the fact after this one cannot be read: {error}"))
            previous_hash = fact_hash(sealed)
            continue
        faults += _signature_faults(event, sealed, keys)
        if not (pruned and checked == 1):
            faults += _chain_faults(event, previous, previous_hash)
        previous, previous_hash = event, fact_hash(sealed)
    return checked, faults


def _signature_faults(
    event: FactEvent, sealed: bytes, keys: Mapping[str, VerifyingKey]
) -> list[Fault]:
    key = keys.get(event.keyid)
    if key is None:
        what = f"signed by the unknown key {event.keyid}"
    elif not key.signed(sealed):
        what = "its signature does not fit its bytes"
    else:
        return []
    return [Fault(event.vehicle, event.epoch, event.seq, what)]


def _chain_faults(
    event: FactEvent, previous: FactEvent | None, previous_hash: str
) -> list[Fault]:
    same_epoch = previous is not None and previous.epoch == event.epoch
    expected_seq = previous.seq + 1 if previous is not None and same_epoch else 1
    expected_hash = previous_hash if same_epoch else FIRST_PREVHASH
    if event.seq != expected_seq:
        what = f"follows number {expected_seq - 1}: a fact is missing or inserted"
    elif event.prevhash != expected_hash:
        what = "the chain is broken: the fact before it is not the one it saw"
    else:
        return []
    return [Fault(event.vehicle, event.epoch, event.seq, what)]
