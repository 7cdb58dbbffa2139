"""The shipped workers on a real broker and a real PostgreSQL: killed, and nothing lost."""

import time
from random import Random

import pytest

from tests.real.ingest.fleet import Plan, name_of
from tests.real.ingest.stage import Fleet, ask, staged, until
from tests.real.mosquitto.broker import find_mosquitto

pytestmark = [
    pytest.mark.real,
    pytest.mark.xdist_group("postgres"),
    pytest.mark.skipif(find_mosquitto() is None, reason="apt-get install mosquitto"),
]


def books_of(config, sent):
    code, books = ask(config, "books")
    assert code == 0, books
    assert books["facts"] == sent["facts"]
    assert (books["facts_lost"], books["facts_counted_twice"]) == (0, 0)
    assert books["balanced"], books["problems"]


def test_a_worker_is_killed_and_the_other_goes_on(tmp_path, cluster):
    """The vehicles send what died with it again; a stop is orderly."""
    with staged(tmp_path, cluster, 8, 2) as (broker, config, workers):
        fleet = Fleet(Plan(port=broker.port, count=8, days=6, stops=20))

        def counted():
            return int(cluster.sql("SELECT coalesce(sum(upto), 0) FROM stream"))

        try:
            until(lambda: all(w.taking for w in workers), 60, workers[0].said)
            fleet.until_ready()
            fleet.go()
            until(counted, 60, workers[0].said)
            workers[0].kill()
            before = counted()
            sent = fleet.answer()
        finally:
            fleet.end()
        assert sent["acked"] == sent["facts"] > before > 0, "killed in the midst of it"
        assert workers[1].stop() == 0, workers[1].said
        books_of(config, sent)


@pytest.mark.soak
def test_killed_workers_lose_nothing_and_count_nothing_twice(tmp_path, cluster):
    rng = Random(7)
    with staged(tmp_path, cluster, 60, 2) as (broker, config, workers):
        fleet = Fleet(Plan(port=broker.port, count=60, days=4, for_s=900.0))
        try:
            fleet.until_ready()
            fleet.go()
            while not fleet.done:
                victim = rng.choice(workers)
                until(lambda w=victim: w.taking or fleet.done, 120, victim.said)
                time.sleep(rng.uniform(0.0, 1.0))
                victim.kill()
                victim.start()
            sent = fleet.answer()
        finally:
            fleet.end()
        assert sent["acked"] == sent["facts"], "all of it was acknowledged"
        assert sum(worker.kills for worker in workers) >= 5
        assert name_of(0) in sent["acked_of"]
        books_of(config, sent)
        code, verified = ask(config, "verify")
        assert (code, verified["facts"]) == (0, sent["facts"])


@pytest.mark.soak
def test_a_database_and_a_broker_that_crash_lose_nothing_acknowledged(tmp_path, cluster):
    """Both without a farewell, several times; workers and vehicles come back by themselves."""
    rng = Random(11)
    with staged(tmp_path, cluster, 20, 2) as (broker, config, workers):
        fleet = Fleet(Plan(port=broker.port, count=20, days=20, for_s=1200.0))
        try:
            until(lambda: all(w.taking for w in workers), 60, workers[0].said)
            fleet.until_ready()
            fleet.go()
            crashes = 0
            while not fleet.done and crashes < 6:
                time.sleep(rng.uniform(1.0, 4.0))
                if crashes % 2:
                    broker.kill()
                    time.sleep(rng.uniform(0.0, 2.0))
                    broker.start()
                else:
                    cluster.crash()
                    time.sleep(rng.uniform(0.0, 2.0))
                    cluster.start()
                crashes += 1
            assert crashes >= 2, "it was over too soon"
            sent = fleet.answer()
        finally:
            fleet.end()
        assert sent["acked"] == sent["facts"]
        assert [worker.stop() for worker in workers] == [0, 0]
        books_of(config, sent)
