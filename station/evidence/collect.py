"""Read evidence out of the station's database, in pieces that keep nobody waiting."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from operator import attrgetter

from edge.handover.proof import VerifyingKey
from edge.messages.broker.wire import UndecodableError, read_fact
from edge.messages.facts import FactEvent
from station.evidence.verify import (
    HeldMedia,
    VerifyAnswer,
    measured,
    photos_of,
    verify_evidence,
)
from station.store.database import Database
from station.store.evidence import SealedFact, media_of, sealed_facts

MEDIA_AT_ONCE = 20  # photos read in one turn of the database


async def collect_facts(
    database: Database,
    since_utc: datetime | None = None,
    belongs: Callable[[FactEvent], bool] | None = None,
) -> list[SealedFact]:
    """Return sealed facts received since an instant, by vehicle, epoch and number.

    With `belongs`, of each epoch everything from the first fact that belongs to the last,
    so that the chain between them is whole.
    """
    facts = await database.read(lambda db: list(sealed_facts(db, since_utc)))
    if belongs is None:
        return facts
    return await asyncio.to_thread(_spans, facts, belongs)


async def collect_media(
    database: Database, facts: Sequence[SealedFact]
) -> dict[str, tuple[str, bytes]]:
    """Return the photos and signatures that facts name and that are here, by name."""
    held: dict[str, tuple[str, bytes]] = {}
    async for some in _media(database, facts):
        held |= some
    return held


async def verify_database(
    database: Database, keys: Mapping[str, Mapping[str, VerifyingKey]]
) -> VerifyAnswer:
    """Check every fact and photo of the ledger, holding few photos at a time."""
    facts = await collect_facts(database)
    measures: dict[str, HeldMedia] = {}
    async for some in _media(database, facts):
        measures |= {name: measured(*found) for name, found in some.items()}
    return await asyncio.to_thread(verify_evidence, facts, keys, measures)


async def _media(
    database: Database, facts: Sequence[SealedFact]
) -> AsyncIterator[dict[str, tuple[str, bytes]]]:
    names = sorted(await asyncio.to_thread(photos_of, facts))
    for start in range(0, len(names), MEDIA_AT_ONCE):
        some = names[start : start + MEDIA_AT_ONCE]
        yield await database.read(partial(media_of, names=some))


def _spans(
    facts: Sequence[SealedFact], belongs: Callable[[FactEvent], bool]
) -> list[SealedFact]:
    kept: list[SealedFact] = []
    for _, group in groupby(facts, key=attrgetter("vehicle", "epoch")):
        chain = list(group)
        inside = [index for index, fact in enumerate(chain) if _is_in(fact, belongs)]
        if inside:
            kept += chain[inside[0] : inside[-1] + 1]
    return kept


def _is_in(fact: SealedFact, belongs: Callable[[FactEvent], bool]) -> bool:
    try:
        return belongs(read_fact(fact.sealed))
    except UndecodableError:
        return False
