"""Who may use the driver's page: Host and Origin, access code, session and CSRF token.

It decides and does no I/O; time and random session ids are handed in. Nothing is stored:
a session is its id with a MAC, so it outlives a restart of the daemon, and all sessions
end when the access code changes.
"""

import base64
import hashlib
import hmac
import ipaddress
from collections.abc import Collection
from typing import Literal
from urllib.parse import urlsplit

CODE_CHARS = 8
CODE_LOOKALIKES = str.maketrans("OIL", "011")  # as Crockford's base 32 reads them
TRIES = 10
TRY_AGAIN_AFTER_S = 6.0  # one more try each; 40 bits of code last longer than the van
MAC_CHARS = 43  # SHA-256 in base64 without padding


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach a server bound to `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def access_code_of(secret: bytes) -> str:
    """Return the access code that belongs to a secret: XXXX-XXXX, no letters to mistake."""
    mac = hmac.digest(secret, b"access code", "sha256")
    text = base64.b32encode(mac).decode()[:CODE_CHARS]
    text = text.translate(str.maketrans("OIL", "089"))
    return f"{text[:4]}-{text[4:]}"


class Gate:
    """The door of one page. `access_code` None: everybody on this machine may enter."""

    def __init__(
        self, *, secret: bytes, access_code: str | None, names: Collection[str] = ()
    ) -> None:
        self.access_code = access_code
        self._key = hmac.digest(secret, _plain(access_code or "").encode(), "sha256")
        self._names = {"localhost", *(name.lower() for name in names)}
        self._tries_left = float(TRIES)
        self._tried_s: float | None = None

    def admits_host(self, host: str) -> bool:
        """Tell whether a Host header names this machine.

        A page of another site that has its own name resolve to our address (DNS rebinding)
        still sends that name, so an address is as good as a name that we know.
        """
        name = _hostname(f"//{host}")
        if name is None:
            return False
        if name in self._names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def same_origin(self, origin: str, host: str) -> bool:
        """Tell whether an Origin header is the page that this very host served."""
        return origin.lower() in (f"http://{host.lower()}", f"https://{host.lower()}")

    def try_code(self, code: str, now_s: float) -> Literal["right", "wrong", "later"]:
        """Compare an access code; guessing costs a try, tries come back slowly."""
        if self._tried_s is not None:
            earned = (now_s - self._tried_s) / TRY_AGAIN_AFTER_S
            self._tries_left = min(float(TRIES), self._tries_left + earned)
        self._tried_s = now_s
        if self._tries_left < 1:
            return "later"
        if self.access_code is None or hmac.compare_digest(
            _plain(code).encode(), _plain(self.access_code).encode()
        ):
            return "right"
        self._tries_left -= 1
        return "wrong"

    def cookie(self, session: str) -> str:
        """Return the cookie of a new session with this random id."""
        return f"{session}.{self._mac('session', session)}"

    def session(self, cookie: str | None) -> str | None:
        """Return the session id of a cookie that this gate gave out, else None."""
        session, _, mac = (cookie or "").partition(".")
        if not session or len(mac) != MAC_CHARS or not mac.isascii():
            return None
        return session if hmac.compare_digest(mac, self._mac("session", session)) else None

    def csrf(self, session: str) -> str:
        """Return what a request of this session that changes something must carry."""
        return self._mac("csrf", session)

    def knows_csrf(self, session: str, token: str) -> bool:
        """Tell whether a token belongs to a session."""
        return token.isascii() and hmac.compare_digest(token, self.csrf(session))

    def _mac(self, purpose: str, session: str) -> str:
        mac = hmac.new(self._key, f"{purpose}:{session}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(mac).decode().rstrip("=")


def _plain(code: str) -> str:
    """Read a code as a person types it: any case, dashes and blanks, O for 0."""
    kept = "".join(char for char in code.upper() if char.isalnum())
    return kept.translate(CODE_LOOKALIKES)


def _hostname(netloc: str) -> str | None:
    try:
        split = urlsplit(netloc)
        split.port  # noqa: B018 raises on a port that is none
    except ValueError:
        return None
    plain = split.username is None and not (split.path or split.query or split.fragment)
    return split.hostname if plain else None
