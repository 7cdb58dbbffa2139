"""One recorded life, lived again by the shipped daemon on a store as it was then."""

import asyncio
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import get_args

from msgspec.structs import replace

from edge.clock import LoopClock, TimeSource
from edge.config import Config, RecordSection
from edge.daemon import Daemon
from edge.errors import ConfigError
from edge.executor.replanning.planning import in_worker
from edge.handover.proof import SigningKey
from edge.record import entries as said
from edge.record.recorder import config_of
from edge.record.tape import Tape
from firmware_bridge.bridge import run_bridge
from sim.beside import beside
from sim.replay.feed import Feed
from sim.replay.watch import Sample, Watch
from sim.virtual_time import VirtualTimeLoop

VERSION_OF_CHANCE = 3  # of the state that `Random.getstate` gives


@dataclass(frozen=True, slots=True)
class Lived:
    """What came of a life that was lived again."""

    store: Path
    """As it stood at the end of the tape."""
    refused: tuple[tuple[float, str], ...]
    samples: tuple[Sample, ...]


def live(
    tape: Tape,
    folder: Path,
    key: SigningKey,
    *,
    edit: Callable[[Config], Config],
    deaf: bool = False,
) -> Lived:
    """Live a life again on the store in `folder`; `edit` may change its configuration.

    A `deaf` one does not hear the station's acknowledgements: they are of other facts.
    """
    config = edit(
        replace(config_of(tape.begun), record=RecordSection(days=0), driver_page=None)
    )
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(_live(tape, folder, key, config, deaf=deaf))


async def _live(
    tape: Tape, folder: Path, key: SigningKey, config: Config, *, deaf: bool
) -> Lived:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop), "lives are lived again on virtual time"
    feed, begun = Feed(tape, loop, deaf=deaf), tape.begun
    last = tape.entries[-1] if tape.entries else begun
    await feed.until(begun.at_s, begun.round - 1)
    store = folder / config.store.folder
    watch = Watch(begun)
    async with beside({"daemon": _run(feed, watch, begun, folder, key, config)}):
        await feed.until(last.at_s, last.round)
        if not _stopped(last):
            # What it does while it is taken down, a killed one did not do.
            store = folder / "killed" / config.store.folder
            shutil.copytree(folder / config.store.folder, store)
    return Lived(store, tuple(feed.refused), tuple(watch.samples))


def _stopped(last: said.Entry) -> bool:
    return isinstance(last, said.Ended) and last.how == "stopped"


async def _run(
    feed: Feed,
    watch: Watch,
    begun: said.Begun,
    folder: Path,
    key: SigningKey,
    config: Config,
) -> None:
    clock = LoopClock(asyncio.get_running_loop(), begun.utc, _source_of(begun))
    rng = Random()  # noqa: S311 (goes on where the recorded one began)
    rng.setstate((VERSION_OF_CHANCE, begun.chance, None))
    daemon = Daemon(
        config,
        key=key,
        clock=clock,
        rng=rng,
        devices=watch.hearing(
            partial(run_bridge, config, clock=clock, rng=rng, open_link=feed.open_link)
        ),
        connect=feed.connect,
        folder=folder,
        searching=in_worker if config.planner.max_iterations is not None else feed.search,
    )
    with suppress(asyncio.CancelledError):
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(daemon.run(), name="daemon")
            await daemon.ready.wait()
            tasks.create_task(feed.act(daemon.desk), name="page")
            tasks.create_task(watch.look(daemon.desk), name="watch")


def _source_of(begun: said.Begun) -> TimeSource:
    for source in get_args(TimeSource):
        if source == begun.source:
            return source  # type: ignore[no-any-return]
    raise ConfigError(f"the tape's clock is vouched for by {begun.source!r}, which is unknown")
