"""The offers' table: what was offered to whom, and what became of it."""

import sqlite3
from dataclasses import dataclass
from datetime import date, datetime

from edge.messages.broker.wire import from_json, to_json
from edge.messages.facts import OfferAnswered
from edge.messages.routes import Offer

CREATE: tuple[str, ...] = (
    """
    CREATE TABLE offers (
        offer_id TEXT PRIMARY KEY, day TEXT NOT NULL, vehicle TEXT NOT NULL,
        content BLOB NOT NULL, sent_utc TEXT NOT NULL, epoch TEXT NOT NULL,
        seq INTEGER NOT NULL, answer BLOB
    ) WITHOUT ROWID;
    CREATE INDEX offers_by_day ON offers (day)
    """,
)

COLUMNS = "content, day, vehicle, sent_utc, epoch, seq, answer"


@dataclass(frozen=True, slots=True)
class KeptOffer:
    """An offer as the station holds it."""

    offer: Offer
    day: date
    vehicle: str
    sent_utc: datetime
    epoch: str
    seq: int
    """The order that carried it."""
    answer: OfferAnswered | None


def keep_offer(
    db: sqlite3.Connection,
    day: date,
    vehicle: str,
    offer: Offer,
    utc: datetime,
    sent: tuple[str, int],
) -> None:
    """Store an offer that goes out in order (epoch, seq)."""
    db.execute(
        "INSERT INTO offers VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
        (offer.offer_id, str(day), vehicle, to_json(offer), utc.isoformat(), *sent),
    )


def offer_of(db: sqlite3.Connection, offer_id: str) -> KeptOffer | None:
    """Return one offer, or None."""
    row = db.execute(
        f"SELECT {COLUMNS} FROM offers WHERE offer_id = ?",  # noqa: S608
        (offer_id,),
    ).fetchone()
    return _kept(*row) if row is not None else None


def offers_of(db: sqlite3.Connection, day: date) -> list[KeptOffer]:
    """Return the offers of a day, in the order they went out."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM offers WHERE day = ? ORDER BY sent_utc, offer_id",  # noqa: S608
        (str(day),),
    )
    return [_kept(*row) for row in rows]


def keep_answer(db: sqlite3.Connection, answer: OfferAnswered) -> None:
    """Note what a vehicle answered."""
    db.execute(
        "UPDATE offers SET answer = ? WHERE offer_id = ?", (to_json(answer), answer.offer_id)
    )


def _kept(
    content: bytes,
    day: str,
    vehicle: str,
    sent_utc: str,
    epoch: str,
    seq: int,
    answer: bytes | None,
) -> KeptOffer:
    return KeptOffer(
        offer=from_json(content, Offer),
        day=date.fromisoformat(day),
        vehicle=vehicle,
        sent_utc=datetime.fromisoformat(sent_utc),
        epoch=epoch,
        seq=seq,
        answer=from_json(answer, OfferAnswered) if answer is not None else None,
    )
