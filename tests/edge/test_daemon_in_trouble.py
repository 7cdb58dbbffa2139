"""The daemon on a machine that is not as it should be: a wrong clock, a full disk."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

from edge.health.status import read_status
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


def test_a_status_that_cannot_be_written_does_not_end_the_daemon(tmp_path, caplog):
    async def script(around, daemon):
        await daemon.ready.wait()
        (tmp_path / "status.json.new").mkdir()
        await asyncio.sleep(120)
        (tmp_path / "status.json.new").rmdir()
        await asyncio.sleep(30)

    around = play(partial(Around, tmp_path), script)
    assert len(around.places()) > 100
    assert caplog.messages.count("status not written") == 1
    assert read_status(Path(around.config.store.folder))
