"""The console's web server, asked over a real socket."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from msgspec.structs import replace

from edge.errors import ConfigError, RefusedError
from sim.broker import NetworkFaults
from station.config import ConsoleSection
from station.keys import console_token
from station.remote.office import RemoteOffice
from station.routes.assign import Limits
from station.serve import Station
from station.store.alarms import raise_alarm
from station.watch import KINDS, run_watch
from tests.station.live.house import House
from tests.station.live.vans import NOON, STATION

QUICK = NetworkFaults(delay_s=0.005)


def sheet(rows: int = 6) -> bytes:
    """A spreadsheet of stops around the station."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Name", "Address", "Lat", "Lon", "Parcels"])
    for n in range(rows):
        lat, lon = STATION.lat_deg + 0.004 * (n + 1), STATION.lon_deg + 0.003 * (n % 3)
        writer.writerow([f"Customer {n}", f"Mill Lane {n + 1}", f"{lat:.5f}", f"{lon:.5f}", 1])
    return out.getvalue().encode()


@dataclass
class Asked:
    """A running station with its console, and a client beside it."""

    house: House
    station: Station
    url: str
    client: aiohttp.ClientSession

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {console_token(self.house.folder)}"}

    async def get(self, path: str, **headers: str) -> aiohttp.ClientResponse:
        return await self.client.get(self.url + path, headers=headers)

    async def state(self) -> dict:
        return json.loads(await (await self.get("api/state")).read())

    async def until(self, fits) -> dict:
        async with asyncio.timeout(20):
            while not fits(state := await self.state()):  # noqa: ASYNC110 (over a socket)
                await asyncio.sleep(0.05)
        return state


@asynccontextmanager
async def running(
    folder: Path, vans: int = 2, port: int = 0, house: House | None = None, **more
) -> AsyncIterator[Asked]:
    house = house or House(folder, QUICK, vans)
    station = await house.open(console=ConsoleSection(port=port), **more)
    try:
        async with aiohttp.ClientSession() as client, asyncio.TaskGroup() as tasks:
            living = [tasks.create_task(station.run())]
            living += [tasks.create_task(vehicle.run()) for vehicle in house.vehicles]
            await station.ready.wait()
            assert station.console_url is not None
            asked = Asked(house, station, station.console_url, client)
            await asked.until(
                lambda state: all(live.get("state") for live in state["live"].values())
            )
            yield asked
            for task in living:
                task.cancel()
    finally:
        assert house.database is not None
        await house.database.close()


@pytest.fixture
async def asked(tmp_path: Path):
    async with running(tmp_path) as asked:
        yield asked


async def events(response: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, dict]]:
    """Yield (id, message) of a stream of server-sent events."""
    name = ""
    async for line in response.content:
        if line.startswith(b"id: "):
            name = line[4:].decode().strip()
        elif line.startswith(b"data: "):
            yield name, json.loads(line[6:])


async def test_the_page_and_all_it_needs_come_from_this_server(asked):
    page = await asked.get("")
    text = await page.text()
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in text.replace('xmlns="http', "")
    for path in text.split('"'):
        if path.startswith(("/static/", "/leaflet/")):
            answer = await asked.get(path[1:])
            assert answer.status == 200, path
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_day_is_shown_from_sheet_to_closed_day(asked):
    office = RemoteOffice(
        asked.client, asked.url.rstrip("/"), console_token(asked.house.folder)
    )
    imported = await office.import_stops("stops.csv", sheet())
    assert (imported.ok, imported.added) == (6, 6)
    state = await asked.until(lambda state: len(state["stops"]) == 6)
    assert {stop["state"] for stop in state["stops"].values()} == {"unassigned"}
    assigned = await office.assign(limits=Limits(iterations=50))
    assert sum(route.stops for route in assigned.routes) == 6
    state = await asked.until(lambda state: state["routes"])
    assert {route["state"] for route in state["routes"].values()} == {"draft"}
    dispatched = await office.dispatch()
    assert len(dispatched.sent) == len(assigned.routes)
    state = await asked.until(
        lambda state: {route["state"] for route in state["routes"].values()} == {"sent"}
    )
    assert state["books"]["books"]["expected"] == 6
    with pytest.raises(RefusedError, match="header"):
        await office.import_stops("stops.csv", b"Name,Lat\nA,12\nB,13\n")


async def test_facts_and_positions_change_the_picture(asked):
    vehicle = asked.house.vehicles[0]
    day = vehicle.van.day(4)
    vehicle.tell(*day)
    await vehicle.settled()
    state = await asked.until(lambda state: state["vehicles"]["van-1"].get("phase") == "closed")
    assert state["vehicles"]["van-1"]["driver"] == "ada"
    await vehicle.live(48.2, 11.6, speed_mps=5.0, heading_deg=90.0, phase="underway")
    state = await asked.until(lambda state: state["live"].get("van-1", {}).get("place"))
    assert state["live"]["van-1"]["place"] == {"lat_deg": 48.2, "lon_deg": 11.6}
    assert state["live"]["van-1"]["state"] == "online"


async def test_events_begin_with_everything_and_go_on_with_changes(asked):
    response = await asked.get("api/events")
    stream = events(response)
    _, first = await anext(stream)
    assert first["whole"]
    assert set(first["vehicles"]) == {"van-1", "van-2"}
    await asked.house.vehicles[1].live(48.3, 11.7)
    while True:
        name, message = await anext(stream)
        if message.get("live", {}).get("van-2", {}).get("place"):
            break
    assert not message["whole"]
    assert "vehicles" not in message
    response.close()
    await asked.house.vehicles[0].live(48.4, 11.8)
    resumed = await asked.get("api/events", **{"Last-Event-ID": name})
    _, message = await anext(events(resumed))
    assert not message["whole"]
    resumed.close()
    restarted = await asked.get("api/events", **{"Last-Event-ID": "another-life-7"})
    _, message = await anext(events(restarted))
    assert message["whole"]
    restarted.close()


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "api/state", {"Host": "evil.example"}, 421),
        ("POST", "api/dispatch", {}, 403),
        ("POST", "api/dispatch", {"Origin": "http://evil.example"}, 403),
        ("POST", "api/dispatch", {"Authorization": "Bearer nonsense"}, 401),
        ("GET", "api/nothing", {}, 404),
        ("POST", "api/speed", {"Origin": "SAME"}, 409),
        ("GET", "static/../server.py", {}, 404),
        ("GET", "static/%2e%2e/server.py", {}, 404),
        ("GET", "api/report.html", {}, 409),
        ("GET", "streets.geojson", {}, 404),
    ],
)
async def test_what_is_not_allowed_is_refused(asked, method, path, headers, status):
    headers = {
        name: asked.url.rstrip("/") if value == "SAME" else value
        for name, value in headers.items()
    }
    answer = await asked.client.request(method, asked.url + path, headers=headers)
    assert answer.status == status
    assert "error" in json.loads(await answer.read())


async def test_an_alarm_is_shown_and_acknowledged(asked):
    await asked.house.database.transaction(
        lambda db: raise_alarm(db, "silent/van-1", "silent", "van-1", "Nothing heard", NOON)
    )
    asked.station._alarmed()
    state = await asked.until(lambda state: state["alarms"]["alarms"])
    [alarm] = state["alarms"]["alarms"]
    answer = await asked.client.post(
        f"{asked.url}api/alarms/{alarm['id']}", headers=asked.bearer
    )
    assert answer.status == 200
    state = await asked.until(lambda state: state["alarms"]["alarms"][0]["seen_utc"])
    assert state["alarms"]["alarms"][0]["seen_by"] == "console"


async def test_streets_are_drawn_if_there_are_any(asked):
    (asked.house.folder / "streets.geojson").write_text('{"type": "FeatureCollection"}')
    answer = await asked.get("streets.geojson")
    assert (answer.status, answer.content_type) == (200, "application/geo+json")


async def test_the_speed_of_a_clock_that_is_not_real_can_be_changed(tmp_path):
    class Recorded:
        speed = 1.0

        async def change(self, speed: float) -> None:
            self.speed = speed

    speed = Recorded()
    async with running(tmp_path, speed=speed) as asked:
        url = f"{asked.url}api/speed"
        answer = await asked.client.post(url, json={"speed": 4}, headers=asked.bearer)
        assert (answer.status, speed.speed) == (200, 4)
        await asked.until(lambda state: state["station"]["station"]["speed"] == 4)
        for wrong in ({"speed": -1}, {"speed": "fast"}, {}):
            answer = await asked.client.post(url, json=wrong, headers=asked.bearer)
            assert answer.status == 400


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1"])
async def test_it_listens_on_the_loopback_only(tmp_path, host):
    house = House(tmp_path, QUICK, 1)
    station = await house.open(console=ConsoleSection(host=host, port=0))
    with pytest.raises(ConfigError, match="ssh -L"):
        await station.run()
    await house.database.close()


async def test_a_taken_port_is_named(tmp_path, asked):
    house = House(tmp_path / "other", QUICK, 1)
    port = int(asked.url.rstrip("/").rpartition(":")[2])
    station = await house.open(console=ConsoleSection(port=port))
    with pytest.raises(ConfigError, match=r"console\.port"):
        await station.run()
    await house.database.close()


async def test_the_terminal_shows_the_fleet(asked, capsys):
    vehicle = asked.house.vehicles[0]
    vehicle.tell(*vehicle.van.day(4)[:11])
    await vehicle.settled()
    await asked.until(lambda state: state["vehicles"]["van-1"].get("phase") == "underway")
    port = int(asked.url.rstrip("/").rpartition(":")[2])
    config = replace(asked.house.config, console=ConsoleSection(port=port))
    await run_watch(config, once=True)
    drawn = capsys.readouterr().out
    assert "van-1" in drawn
    assert "under way" in drawn
    await run_watch(config, once=True, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert set(KINDS.split(",")) <= set(told)
    assert "stops" not in told


@pytest.mark.parametrize(
    ("tiles", "source"),
    [
        ("https://tile.example.org/{z}/{x}/{y}.png", "https://tile.example.org"),
        ("https://{s}.tile.example.org/{z}/{x}/{y}.png", "https://*.tile.example.org"),
        ("http://127.0.0.1:8080/{z}/{x}/{y}.png", "http://127.0.0.1:8080"),
    ],
)
async def test_tiles_may_come_from_where_the_operator_says_only(tmp_path, tiles, source):
    house = House(tmp_path, QUICK, 1)
    house.config = replace(house.config, console=ConsoleSection(port=0, tiles=tiles))
    async with running(tmp_path, house=house) as asked:
        policy = (await asked.get("")).headers["Content-Security-Policy"]
        assert f"img-src 'self' data: {source};" in policy
        state = await asked.state()
        assert state["station"]["station"]["tiles"] == tiles
