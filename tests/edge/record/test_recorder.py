"""The recorder hears everything and stands in nobody's way; its shelf has a bound."""

import asyncio
import errno
import os
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from random import Random

import pytest

from edge.clock import LoopClock
from edge.config import (
    BrokerSection,
    Config,
    GnssSection,
    KeysSection,
    RecordSection,
    StoreSection,
    VehicleSection,
)
from edge.errors import LinkError
from edge.record import entries as said
from edge.record.recorder import Recorder
from edge.record.shelf import MIB, NEVER_FULL, Shelf, tapes_of
from edge.record.tape import read_tape
from tests.edge.record.lives import KEY, with_key

CONFIG = Config(
    vehicle=VehicleSection(name="van-1", org="o"),
    keys=KeysSection(signing_key_file="", station_keys=("0" * 64,)),
    store=StoreSection(folder="store"),
    broker=BrokerSection(host="broker"),
    gnss=GnssSection(source="gpsd"),
)
UTC_NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)


class Device:
    """Says these pieces, then its link ends; takes one write."""

    def __init__(self, pieces):
        self.pieces = [*pieces, b""]
        self.taken = []

    async def read(self):
        return self.pieces.pop(0)

    async def write(self, data):
        if self.taken:
            raise LinkError("takes no more")
        self.taken.append(data)


@asynccontextmanager
async def open_device(address):
    if address == "gone":
        raise LinkError("no such device")
    yield Device([b"one", b"two"])


async def record(folder, days):
    loop = asyncio.get_running_loop()
    recorder = Recorder(
        Shelf(folder / "record", days=days, max_mb=256), lambda: (loop.time(), 0)
    )
    clock = LoopClock(loop, UTC_NOW, "host")
    recorder.begin(CONFIG, folder, clock, Random(7), key=KEY, version="1")
    open_link = recorder.opening(open_device)
    with pytest.raises(LinkError, match="no such device"):
        async with open_link("gone"):
            pass
    async with open_link("here") as link:
        assert [await link.read() for _ in range(3)] == [b"one", b"two", b""]
        await link.write(b"x")
        with pytest.raises(LinkError):
            await link.write(b"y")
    recorder.end("stopped")


async def test_everything_a_device_says_is_on_the_tape(tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "track.db").write_bytes(b"as it was")
    await record(tmp_path, 3)
    (path,) = tapes_of(tmp_path / "record")
    tape = read_tape(path, with_key)
    assert path.parent.name == "2026-11-23"
    assert os.stat(path).st_mode & 0o077 == 0
    assert tape.begun.store == {"track.db": b"as it was"}
    assert Random(7).getstate()[1] == tape.begun.chance
    kinds = [type(entry) for entry in tape.entries]
    came = (said.Came, said.Came, said.Came)
    assert kinds == [said.NotOpened, said.Opened, *came, said.NotWritten, said.Ended]
    assert [entry.content for entry in tape.entries[2:5]] == [b"one", b"two", b""]


async def test_a_full_disk_ends_the_recording_and_nothing_else(tmp_path, monkeypatch, caplog):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    await record(tmp_path, 3)
    assert "nothing is recorded" in caplog.text


async def test_a_life_that_reaches_the_bound_says_so_on_its_tape(tmp_path, caplog):
    recorder = Recorder(Shelf(tmp_path, days=3, max_mb=1), lambda: (0.0, 0))
    clock = LoopClock(asyncio.get_running_loop(), UTC_NOW, "host")
    recorder.begin(CONFIG, tmp_path, clock, Random(1), key=KEY, version="1")
    noise = Random(2)
    for _ in range(300):
        recorder.heard(said.Came, 1, noise.randbytes(9000), now=True)
    recorder.end("stopped")
    (path,) = tapes_of(tmp_path)
    assert path.stat().st_size < 1.1 * MIB
    assert read_tape(path, with_key).entries[-1].how == "full"
    assert caplog.text.count("recording stopped at its bound") == 1


def test_old_days_go_and_then_the_oldest_until_half_is_free(tmp_path):
    shelf = Shelf(tmp_path, days=2, max_mb=2)
    for day, number, size_b in (
        ("2026-11-20", 1, 10), ("2026-11-22", 2, MIB), ("2026-11-22", 3, MIB // 2),
        ("2026-11-23", 4, MIB // 4),
    ):  # fmt: skip
        (tmp_path / day).mkdir(exist_ok=True)
        (tmp_path / day / f"{number:06d}.tape").write_bytes(bytes(size_b))
    (tmp_path / "2026-11-22" / "notes.tape").write_text("not ours")
    path, left_b = shelf.place(UTC_NOW)
    assert path == tmp_path / "2026-11-23" / "000005.tape"
    assert [tape.stem for tape in tapes_of(tmp_path)] == ["000003", "000004"]
    assert left_b == 2 * MIB - MIB // 2 - MIB // 4
    assert not (tmp_path / "2026-11-20").exists()
    assert left_b < NEVER_FULL


async def test_a_life_of_more_days_than_tapes_stay_is_recorded_no_further(tmp_path):
    now_s = 0.0
    recorder = Recorder(Shelf(tmp_path, days=2, max_mb=9), lambda: (now_s, 0))
    clock = LoopClock(asyncio.get_running_loop(), UTC_NOW, "host")
    recorder.begin(CONFIG, tmp_path, clock, Random(1), key=KEY, version="1")
    for _ in range(60):
        now_s += 3600.0
        recorder.heard(said.Came, 1, b"hour")
    (path,) = tapes_of(tmp_path)
    last = read_tape(path, with_key).entries[-1]
    assert (last.how, last.at_s) == ("full", 49 * 3600.0)


@pytest.mark.parametrize(
    ("kind", "days", "kept"),
    [("van", None, 3), ("drone", None, 3), ("contractor", None, 0), ("contractor", 1, 1)],
)
async def test_a_contractors_car_is_recorded_only_if_somebody_says_so(
    tmp_path, kind, days, kept
):
    assert RecordSection(days=days).days_of(kind) == kept
    (tmp_path / "store").mkdir()
    await record(tmp_path, kept)
    assert len(tapes_of(tmp_path / "record")) == (1 if kept else 0)
