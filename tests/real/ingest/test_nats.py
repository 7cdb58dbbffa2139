"""Workers on a NATS server: its vehicles speak MQTT 3.1.1, the workers its queue groups."""

import asyncio
import subprocess
from contextlib import suppress
from random import Random

import pytest

from edge.clock import LoopClock
from edge.errors import LinkError
from station.ingest.nats import nats_connector, parted
from station.ingest.reading import read_books
from station.ingest.server import connected
from station.ingest.worker import Worker
from tests.real.ingest.cluster import PASSWORD
from tests.real.ingest.fleet import STATION_KEY, Plan, name_of
from tests.real.ingest.stage import Fleet
from tests.real.mosquitto.broker import free_port
from tests.real.nats.cluster import NatsCluster, find_nats
from tests.station.live.vans import ORG, Van

pytestmark = [
    pytest.mark.real,
    pytest.mark.xdist_group("postgres"),
    pytest.mark.skipif(find_nats() is None, reason="apt-get install nats-server"),
]

CONFIG = """\
server_name: "alone"
listen: "127.0.0.1:{client}"
jetstream {{ store_dir: "{store}" }}
mqtt {{ listen: "127.0.0.1:{mqtt}" }}
"""


@pytest.fixture
def nats_ports(tmp_path):
    ports = {"client": free_port(), "mqtt": free_port()}
    config = tmp_path / "nats.conf"
    config.write_text(CONFIG.format(**ports, store=tmp_path / "store"), encoding="utf-8")
    log = (tmp_path / "nats.log").open("wb")
    process = subprocess.Popen([find_nats(), "-c", config], stdout=log, stderr=log)
    yield ports
    process.kill()
    process.wait()
    log.close()


async def drained(url, servers, plan, trouble=None):
    """Let two workers take a fleet's days, with trouble meanwhile; return workers and fleet."""
    names = [name_of(number) for number in range(plan.count)]
    keys = {name: Van(name).keys[name] for name in names}
    workers = [
        Worker(
            org=ORG,
            group="ingest",
            key=STATION_KEY,
            keys=keys,
            open_database=lambda: connected(url, PASSWORD),
            connect=nats_connector(servers, name=f"w{number}"),
            clock=LoopClock.started_now(),
            rng=Random(number),
        )
        for number in range(2)
    ]
    fleet = Fleet(plan)
    try:
        async with asyncio.TaskGroup() as tasks, asyncio.timeout(plan.for_s + 60):
            for worker in workers:
                tasks.create_task(worker.run())
            for worker in workers:
                await worker.connected.newer_than(0)
            await asyncio.to_thread(fleet.until_ready)
            fleet.go()
            if trouble is not None:
                await trouble()
            sent = await asyncio.to_thread(fleet.answer)
            for worker in workers:
                worker.stop()
    finally:
        fleet.end()
    return workers, sent


async def whole_again(nats, node):
    """A cluster that has fallen behind takes its time on a busy machine."""
    for _ in range(6):
        with suppress(TimeoutError):
            await asyncio.to_thread(nats.wait_until_healthy, node)
            return
    raise TimeoutError(f"node {node} does not catch up")


async def check_books(connection, sent):
    assert sent["acked"] == sent["facts"] > 300
    books = await read_books(connection, {})
    assert (books.facts, books.facts_lost, books.facts_counted_twice) == (sent["facts"], 0, 0)
    assert books.balanced, books.problems


async def test_two_workers_share_by_a_queue_group(nats_ports, url, connection):
    plan = Plan(port=nats_ports["mqtt"], protocol="3.1.1", count=6, days=1, stops=10)
    workers, sent = await drained(url, f"nats://127.0.0.1:{nats_ports['client']}", plan)
    assert min(worker.totals.facts for worker in workers) > 0, "both had a share"
    await check_books(connection, sent)


@pytest.mark.soak
async def test_the_workers_node_of_a_cluster_is_killed(tmp_path, url, connection):
    """Once each; the vehicles' node stays, the workers find the next one."""
    with NatsCluster(tmp_path, Random(3)) as nats:
        one, two, other = nats.client_ports
        servers = ",".join(f"nats://127.0.0.1:{port}" for port in (two, other, one))
        plan = Plan(port=nats.mqtt_ports[0], protocol="3.1.1", count=10, days=20, for_s=600.0)

        async def kill_in_turn():
            for node in (1, 2):
                await asyncio.sleep(1.0)
                nats.kill(node)
                await asyncio.sleep(1.0)
                nats.start(node)
                await whole_again(nats, node)

        _, sent = await drained(url, servers, plan, kill_in_turn)
        await check_books(connection, sent)


async def test_no_server_is_a_lost_link():
    connect = nats_connector(f"nats://127.0.0.1:{free_port()}", name="w0")
    with pytest.raises(LinkError):
        async with connect(("$share/g/fleet/v1/acme/+/up/fact",), None):
            pass


def test_a_shared_filter_is_a_queue_group_and_a_subject():
    assert parted("$share/g/fleet/v1/acme/+/up/fact") == ("g", "fleet.v1.acme.*.up.fact")
