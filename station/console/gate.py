"""Who may ask the console: this machine's people, and nobody else's web page.

The console has no log-in; it listens on the loopback only. Other sites' pages in the
dispatcher's browser are kept out: the host's name is checked (DNS rebinding), and whatever
changes something must come from our own page or bear the token of the command line.
"""

import hmac
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

Verdict = Literal["yes", "wrong host", "wrong token", "other site"]
CHANGES_NOTHING = ("GET", "HEAD")


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def judge(method: str, headers: Mapping[str, str], token: str) -> Verdict:
    """Decide on a request by its method and headers."""
    host = headers.get("Host", "")
    if not _is_ours(host):
        return "wrong host"
    bearer = headers.get("Authorization")
    if bearer is not None:
        right = hmac.compare_digest(bearer.encode(), f"Bearer {token}".encode())
        return "yes" if right else "wrong token"
    if headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return "other site"
    origin = headers.get("Origin")
    if origin is None:
        return "yes" if method in CHANGES_NOTHING else "other site"
    return "yes" if _netloc(origin) == host.lower() else "other site"


def _is_ours(host: str) -> bool:
    """Tell whether a Host header names this machine; the port may be a tunnel's."""
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    return name is not None and is_loopback(name)


def _netloc(origin: str) -> str:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return ""
    return parts.netloc.lower() if parts.scheme == "http" else ""
