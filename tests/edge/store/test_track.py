"""track.db: cheap, bounded, thinned when full; the numbers stay whole."""

import asyncio
from datetime import timedelta

import pytest

from edge.clock import LoopClock
from edge.errors import StoreError
from edge.messages.broker.wire import UndecodableError
from edge.messages.facts import ItemQuarantined, TrackThinned
from edge.messages.geo import Place
from edge.messages.state import VehicleState
from edge.store.batches import pack, unpack
from edge.store.track import BATCHES_IN_MEMORY, COMMIT_EVERY_S, POINTS_PER_BATCH
from tests.edge.store.stores import MORNING, crash_track, open_track, tamper


def state(at_s, **known):
    lat_deg = 47.5 + 1e-4 * at_s
    return VehicleState(
        at_s=at_s,
        fix="gnss",
        place=Place(lat_deg=lat_deg, lon_deg=8.7),
        **{"accuracy_m": 2.5, "speed_mps": 8.04, "heading_deg": 359.99, **known},
    )


class Day:
    """A track store on virtual time, its clock, and what it reported."""

    def __init__(self, folder, group):
        self.told = []
        self.full = False
        self.folder = folder
        self.group = group
        self.running = None

    async def open(self):
        if self.running is not None:
            self.running.cancel()
        self.clock = LoopClock(asyncio.get_running_loop(), MORNING, "ntp")
        self.store = await open_track(self.folder, self.report, clock=self.clock)
        self.running = self.group.create_task(self.store.run())

    async def report(self, fact):
        if self.full:
            raise StoreError("facts.db: database or disk is full")
        self.told.append(fact)

    async def drive(self, seconds, **who):
        for _ in range(seconds):
            self.store.add(state(self.clock.now_s()), **who)
            await asyncio.sleep(1.0)

    async def batches(self):
        return [unpack(item.batch) for _, item in await self.store.read(1, 10_000)]


@pytest.fixture
def drive(tmp_path, simulate):
    """Run a coroutine function on virtual time with an open day."""

    def run(main):
        async def whole():
            async with asyncio.TaskGroup() as group:
                day = Day(tmp_path, group)
                await day.open()
                await main(day)
                day.running.cancel()

        simulate(whole)

    return run


def test_a_minute_makes_a_batch_and_points_come_back_as_they_were(drive):
    async def main(day):
        await day.drive(130, route="R1", driver="D7")
        batches = await day.batches()
        assert [len(batch.points) for batch in batches] == [60, 60]
        first = batches[0]
        assert (first.route_id, first.driver, first.time_source) == ("R1", "D7", "ntp")
        assert first.from_utc == MORNING
        point = first.points[3]
        assert (point.t_ms, point.lat_1e7, point.lon_1e7) == (3000, 475_003_000, 87_000_000)
        assert (point.accuracy_dm, point.speed_cmps, point.heading_cdeg) == (25, 804, 35999)

    drive(main)


def test_what_is_unknown_stays_unknown_and_no_fix_is_no_point(drive):
    async def main(day):
        day.store.add(VehicleState(at_s=0.0, fix="none"))
        day.store.add(state(1.0, accuracy_m=None, speed_mps=None, heading_deg=None))
        await asyncio.sleep(200.0)
        (batch,) = await day.batches()
        (point,) = batch.points
        assert (point.accuracy_dm, point.speed_cmps, point.heading_cdeg) == (-1, None, None)

    drive(main)


def test_at_most_one_point_a_second_is_kept(drive):
    async def main(day):
        for tenth in range(100):
            day.store.add(state(tenth / 10))
        await asyncio.sleep(200.0)
        (batch,) = await day.batches()
        assert [point.t_ms for point in batch.points] == [n * 1000 for n in range(10)]

    drive(main)


def test_late_points_are_credited_to_the_driver_and_route_at_capture(drive):
    async def main(day):
        await day.drive(20, route="R1", driver="D7")
        await day.drive(20, route="R1", driver="D8")
        await day.drive(20)
        await asyncio.sleep(100.0)
        found = [(b.driver, b.route_id, len(b.points)) for b in await day.batches()]
        assert found == [("D7", "R1", 20), ("D8", "R1", 20), (None, None, 20)]

    drive(main)


def test_a_better_clock_begins_a_new_batch(drive):
    async def main(day):
        day.clock._source = "host"
        await day.drive(10)
        day.clock.correct(MORNING + timedelta(hours=1), "gnss")
        await day.drive(10)
        await asyncio.sleep(100.0)
        sources = [batch.time_source for batch in await day.batches()]
        assert sources == ["host", "gnss"]

    drive(main)


def test_a_power_cut_costs_at_most_the_last_ten_seconds(drive):
    async def main(day):
        await day.drive(95)
        await crash_track(day.store)
        await day.open()
        batches = await day.batches()
        kept = sum(len(batch.points) for batch in batches)
        assert 95 - COMMIT_EVERY_S <= kept <= 95
        await day.drive(70)
        await day.store.flush()
        numbers = [seq for seq, _ in await day.store.read(1, 99)]
        assert numbers == list(range(1, len(numbers) + 1))

    drive(main)


def test_acknowledged_batches_are_deleted_and_numbers_go_on_after_a_restart(drive):
    async def main(day):
        await day.drive(200)
        assert day.store.last_seq == 3
        await day.store.acknowledge(3)
        assert [seq for seq, _ in await day.store.read(1, 99)] == []
        await day.store.close()
        await day.open()
        assert (day.store.acked, day.store.last_seq) == (3, 4)
        await day.store.acknowledge(99)
        await day.store.close()
        await day.open()
        assert (day.store.acked, day.store.last_seq) == (4, 4)
        await day.drive(70)
        assert [seq for seq, _ in await day.store.read(1, 99)] == [5]

    drive(main)


def test_new_batches_wake_the_uplink(drive):
    async def main(day):
        version = day.store.appended.version
        await day.drive(75)
        _, last = await day.store.appended.newer_than(version)
        assert last == 1

    drive(main)


def test_over_its_bound_the_oldest_lose_detail_first_and_then_everything(drive):
    async def main(day):
        day.store._most_b = 60_000
        for _ in range(400):
            await day.drive(60)
        day.running.cancel()
        batches = await day.batches()
        counts = [len(batch.points) for batch in batches]
        assert len(counts) == 399
        assert counts == sorted(counts), "the oldest are the thinnest"
        assert {0, 6, 60} == set(counts)
        assert all(len(b.points) + b.thinned == POINTS_PER_BATCH for b in batches)
        lost = sum(batch.thinned for batch in batches)
        assert sum(fact.points for fact in day.told) == lost
        assert min(fact.from_utc for fact in day.told) == MORNING
        assert day.store._stored_b <= 60_000 + 1_000
        await day.store._database.tidy()
        assert (day.folder / "track.db").stat().st_size <= 120_000, "thinning frees the disk"

    drive(main)


def test_a_disk_that_takes_nothing_costs_track_but_not_the_numbers(drive):
    async def main(day):
        await day.drive(120)
        await day.store._database.read(lambda c: c.execute("PRAGMA query_only=1"))
        for _ in range(BATCHES_IN_MEMORY + 20):
            await day.drive(60)
        assert day.told, "the loss is told"
        assert sum(len(span.points) for span in day.store._full) <= 61 * POINTS_PER_BATCH
        await day.store._database.read(lambda c: c.execute("PRAGMA query_only=0"))
        await day.drive(120)
        last = day.store.last_seq
        assert last > BATCHES_IN_MEMORY + 20
        assert [seq for seq, _ in await day.store.read(1, last)] == list(range(1, last + 1))
        assert {type(fact) for fact in day.told} == {TrackThinned}

    drive(main)


def test_a_rotten_batch_comes_empty_is_told_and_blocks_nothing(drive, tmp_path):
    async def main(day):
        await day.drive(300)
        await day.store.close()
        tamper(tmp_path / "track.db", "UPDATE track SET batch = ? WHERE seq = 2", b"rot")
        await day.open()
        for _ in range(2):
            counts = [len(batch.points) for batch in await day.batches()]
            assert counts[:3] == [60, 0, 60]
        assert [(type(fact), fact.seq) for fact in day.told] == [(ItemQuarantined, 2)]

    drive(main)


def test_a_broken_file_begins_a_new_epoch(drive, tmp_path):
    async def main(day):
        await day.drive(70)
        await day.store.close()
        (tmp_path / "track.db").write_bytes(b"broken" + bytes(9000))
        await day.open()
        assert day.store.last_seq == 0
        (fact,) = day.told
        assert "track.db: file is not a database; kept as track.db.bad-1" in fact.reason

    drive(main)


def test_a_loss_that_cannot_be_told_is_told_later(drive, tmp_path):
    async def main(day):
        await day.drive(130)
        await day.store.close()
        tamper(tmp_path / "track.db", "UPDATE track SET batch = ? WHERE seq = 2", b"rot")
        await day.open()
        day.full = True
        await day.store.read(1, 9)
        assert day.told == []
        day.full = False
        await day.drive(20)
        assert [type(fact) for fact in day.told] == [ItemQuarantined]

    drive(main)


def test_numbers_are_not_used_again_when_the_ledger_has_less_than_it_said(drive):
    async def main(day):
        await day.drive(300)
        await day.store.close()
        await day.open()
        last = day.store.last_seq
        await day.store.acknowledge(last)
        await day.store.acknowledge(2)
        await day.store.close()
        await day.open()
        assert (day.store.acked, day.store.last_seq) == (2, last)
        stood_in = await day.store.stand_ins([3, last])
        assert [(seq, unpack(item.batch).points) for seq, item in stood_in] == [
            (3, ()),
            (last, ()),
        ]

    drive(main)


def test_a_working_day_stays_below_its_volume(drive):
    async def main(day):
        await day.drive(3600)
        items = await day.store.read(1, 999)
        assert sum(len(item.batch) for _, item in items) < 3600 * 40

    drive(main)


@pytest.mark.parametrize("packed", [b"", b"rot", pack(state(0.0))[:-3], pack(state(0.0))])
def test_bytes_that_are_no_batch_are_undecodable(packed):
    with pytest.raises(UndecodableError):
        unpack(packed)
