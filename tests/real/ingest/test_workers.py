"""The shipped workers on a real broker and a real PostgreSQL: killed, and nothing lost."""

import time
from random import Random

import pytest

from tests.real.ingest.fleet import Plan, name_of
from tests.real.ingest.stage import Fleet, ask, staged, until
from tests.real.mosquitto import find_mosquitto

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
    return books


def test_two_workers_share_the_work_and_a_stop_is_orderly(tmp_path, cluster):
    with staged(tmp_path, cluster, 6, 2) as (broker, config, workers):
        until(lambda: all('"taking messages"' in w.said for w in workers), 60, workers[0].said)
        fleet = Fleet(Plan(port=broker.port, count=6, days=1, stops=20))
        try:
            fleet.until_ready()
            fleet.go()
            sent = fleet.answer()
        finally:
            fleet.end()
        assert sent["acked"] == sent["facts"] > 600
        assert [worker.stop() for worker in workers] == [0, 0]
        taken = [worker.progress[-1]["facts"] for worker in workers]
        assert min(taken) > 0, "both had a share"
        assert sum(taken) == sent["facts"]
        books_of(config, sent)
        code, verified = ask(config, "verify")
        assert (code, verified["facts"]) == (0, sent["facts"])


@pytest.mark.soak
def test_killed_workers_lose_nothing_and_count_nothing_twice(tmp_path, cluster):
    rng = Random(7)
    with staged(tmp_path, cluster, 60, 2) as (broker, config, workers):
        fleet = Fleet(Plan(port=broker.port, count=60, days=4, for_s=900.0))
        try:
            fleet.until_ready()
            fleet.go()
            while not fleet.done:
                time.sleep(rng.uniform(0.2, 2.0))
                victim = rng.choice(workers)
                victim.kill()
                victim.start()
            sent = fleet.answer()
        finally:
            fleet.end()
        assert sent["acked"] == sent["facts"], "all of it was acknowledged"
        assert sum(worker.kills for worker in workers) >= 5
        assert name_of(0) in sent["acked_of"]
        books_of(config, sent)
