"""The facts on board, checked as a third party would: with the public key only."""

import asyncio
from pathlib import Path

from edge.errors import RefusedError
from edge.handover.proof import Fault, SigningKey, verify_chain
from edge.store import rows
from edge.store.database import Database
from edge.store.facts import FILE

MANY = 1_000_000_000


def verify_store(folder: Path, key: SigningKey) -> tuple[int, list[Fault]]:
    """Check every fact in a folder's facts.db while no daemon runs on it.

    Returns how many facts were checked and every fault. Raises RefusedError when there is
    no store, StoreError when it is in use.
    """
    if not (folder / FILE).is_file():
        raise RefusedError(f"{folder / FILE} is not there: nothing to verify")
    return asyncio.run(_verify(folder, key))


async def _verify(folder: Path, key: SigningKey) -> tuple[int, list[Fault]]:
    database = await Database.open(folder / FILE, rows.SCHEMA, ballast_b=0, begin_anew=False)
    try:
        sound, rotten = await database.read(
            lambda connection: rows.read_facts(connection, 1, MANY, key.public.signed)
        )
    finally:
        await database.close()
    keys = {key.key_id: key.public}
    checked, faults = verify_chain((sealed for _, sealed in sound), keys, pruned=True)
    faults += [Fault("", "", seq, "its bytes have rotted") for seq, _ in rotten]
    return checked, faults
