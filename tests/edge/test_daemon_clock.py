"""The daemon under a wall clock that is wrong."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from tests.edge.test_daemon import MORNING, Around, play


def test_c5_a_host_clock_that_is_years_ahead_wipes_nothing(tmp_path):
    async def script(around, daemon):
        await daemon.ready.wait()
        await asyncio.sleep(60)

    later = MORNING + timedelta(days=20 * 365)
    written = []
    for started, source in ((MORNING, "ntp"), (later, "host"), (later, "host")):
        around = play(
            lambda at=started, by=source: Around(tmp_path, started=at, source=by), script
        )
        written.append(facts_kept(around.config.store.folder))
    assert written[0][0] == 1
    assert written[2] == [*range(1, written[2][-1] + 1)]


def facts_kept(folder):
    """Return the numbers of the facts that are still on board."""
    with closing(sqlite3.connect(Path(folder) / "facts.db")) as db:
        return [seq for (seq,) in db.execute("SELECT seq FROM fact ORDER BY seq")]
