"""The codes with which two vehicles agree on a parcel, without a network between them.

Both sides know the meeting's key. The giver shows an offer; who takes over needs it, and
shows a receipt, which the giver needs. A code belongs to one parcel of one meeting and to one
side, so that a wrong parcel, a wrong vehicle or the wrong one of two codes is noticed.
"""

import hashlib
import hmac

from edge.messages.parcels import ParcelId
from edge.messages.routes import Meeting

DIGITS = 6  # short enough to be typed where there is no scanner


def offer_code(meeting: Meeting, parcel_id: ParcelId) -> str:
    """Return what the giver shows for a parcel that it still has."""
    return _code(meeting, "offer", parcel_id)


def receipt_code(meeting: Meeting, parcel_id: ParcelId) -> str:
    """Return what the taker shows for a parcel that it has taken over."""
    return _code(meeting, "receipt", parcel_id)


def _code(meeting: Meeting, what: str, parcel_id: ParcelId) -> str:
    said = f"{meeting.meeting_id}\n{what}\n{parcel_id}".encode()
    digest = hmac.digest(bytes.fromhex(meeting.key), said, hashlib.sha256)
    return f"{int.from_bytes(digest[:8], 'big') % 10**DIGITS:0{DIGITS}d}"
