import json
import tomllib
from datetime import date

import msgspec
import pytest
from aiohttp import web

from edge.config import Config
from edge.config.settings import load_settings
from edge.errors import LinkError, RefusedError
from edge.messages.broker.wire import to_json
from edge.messages.geo import Place
from station.__main__ import main
from station.commands.offices import office_of
from station.commands.parser import parser
from station.config import load_config
from station.keys import console_token
from station.office import Office
from station.remote.answers import BadRequestError, Problem, answer
from station.remote.office import RemoteOffice
from station.routes.assign import Limits
from tests.station.office.sheets import text_file, workbook

DAY = "2026-11-23"
HEAD = ("Order", "Name", "Address", "Lat", "Lon")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a new station of two vans, as its user stands in it."""
    monkeypatch.chdir(tmp_path)
    assert main(["init", ".", "--name", 'Depot "Süd"', "--org", "acme"]) == 0
    assert main(["enroll", "van-1"]) == 0
    assert main(["enroll", "van-2", "--shift", "07:00-16:00", "--nmea", "/dev/gps0"]) == 0
    return tmp_path


def sheet(count=6):
    rows = [(f"A{n}", f"N{n}", f"Weg {n}", 48.14 + n / 500, 11.58) for n in range(count)]
    return text_file(HEAD, *rows)


def run(capfd, *arguments):
    """Run a command; return its exit code, its output and its errors."""
    capfd.readouterr()
    code = main(list(arguments))
    told = capfd.readouterr()
    return code, told.out, told.err


def test_a_new_station_is_complete_and_private(folder):
    config = load_config(folder / "station.toml")
    assert config.station.name == 'Depot "Süd"'
    assert [vehicle.name for vehicle in config.vehicle] == ["van-1", "van-2"]
    assert config.vehicle[1].shift_start == "07:00"
    assert (folder / "station.key").stat().st_mode & 0o777 == 0o600
    assert (folder / "data").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(("name", "source"), [("van-1", "gpsd"), ("van-2", "nmea")])
def test_an_enrolled_vehicle_gets_a_configuration_that_its_daemon_takes(folder, name, source):
    home = folder / "vehicles" / name
    text = (home / f"{name}.toml").read_text()
    config = msgspec.convert(tomllib.loads(text), Config)
    assert (config.vehicle.name, config.vehicle.org, config.gnss.source) == (
        name,
        "acme",
        source,
    )
    assert (home / config.keys.signing_key_file).stat().st_mode & 0o777 == 0o600
    station = load_config(folder / "station.toml")
    assert (home / "vehicle.key").read_text().strip() not in (
        folder / "station.toml"
    ).read_text()
    assert len(station.vehicle[0].public_key) == 64


@pytest.mark.parametrize(
    ("kind", "tables"),
    [("drone", "autopilot flight"), ("robot", "autopilot mcu lookout sidewalk")],
)
def test_an_enrolled_machine_names_its_devices_and_the_daemon_takes_it(
    folder, capfd, kind, tables
):
    code, _, _ = run(
        capfd, "enroll", "m-1", "--kind", kind, "--autopilot", "udpin:0.0.0.0:14550"
    )
    assert code == 0
    path = folder / "vehicles" / "m-1" / "m-1.toml"
    config = load_settings(path).config
    assert (config.vehicle.kind, config.gnss.source) == (kind, "autopilot")
    assert config.autopilot.link == "udpin:0.0.0.0:14550"
    assert all(getattr(config, table) is not None for table in tables.split())
    (machine,) = [v for v in load_config(folder / "station.toml").vehicle if v.kind == kind]
    assert machine.capacity_kg == config.vehicle.capacity_kg < 50


def test_what_is_there_already_is_not_overwritten(folder, capfd):
    before = (folder / "station.toml").read_text()
    for command in (("init", "."), ("enroll", "van-1"), ("enroll", "van 3")):
        code, _, told = run(capfd, *command)
        assert code == 78
        assert told
    assert (folder / "station.toml").read_text() == before
    assert not (folder / "vehicles" / "van 3" / "vehicle.key").exists()


def test_a_day_from_the_sheet_to_the_report_by_commands(folder, capfd):
    (folder / "stops.csv").write_bytes(sheet())
    code, out, _ = run(capfd, "import", "stops.csv", "--day", DAY)
    assert code == 0
    assert "6 stops added" in out
    code, out, _ = run(capfd, "import", "stops.csv", "--day", DAY)
    assert "nothing changed: all 6 stops were known already" in out
    code, out, told = run(capfd, "assign", "--day", DAY, "--iterations", "50")
    assert (code, "with 6 stops" in out) == (0, True)
    assert "a fair share for each" in told
    code, out, _ = run(capfd, "dispatch", "--day", DAY, "--json")
    answered = json.loads(out)
    assert code == 0
    assert {one["state"] for one in answered["standing"]} == {"waiting"}
    code, out, _ = run(capfd, "dispatch", "--day", DAY, "--status", "--wait", "0.01")
    assert code == 1
    assert "0 of" in out
    assert "not yet: van-" in out
    code, out, _ = run(capfd, "report", "--day", DAY, "--json")
    assert (code, json.loads(out)["day"]) == (0, DAY)
    code, _, told = run(capfd, "report", "--day", DAY, "--out", "reports")
    names = sorted(path.name for path in (folder / "reports").iterdir())
    assert names == [f"report-{DAY}.{kind}" for kind in ("html", "json", "xlsx")]
    code, out, _ = run(capfd, "stops", "--day", DAY)
    assert out.count("VERIFIED") == 6


def test_rejected_rows_exit_with_1_and_are_named(folder, capfd):
    book = workbook(HEAD, ("A1", "N", "Weg 1", 481, 11.58), ("A2", "N", "Weg 2", None, None))
    (folder / "stops.xlsx").write_bytes(book)
    code, out, _ = run(capfd, "import", "stops.xlsx", "--day", DAY)
    assert code == 1
    assert "D2 (Lat) '481'" in out
    assert "1 to review, 1 rejected" in out
    code, out, _ = run(capfd, "import", "stops.xlsx", "--day", DAY, "--json")
    answered = json.loads(out)
    assert answered["rows"][0]["issues"][0]["cell"] == "D2"
    code, out, _ = run(capfd, "place", "A2", "48.14", "11.58", "--day", DAY)
    assert (code, out.strip()) == (0, "A2 is VERIFIED")
    code, out, _ = run(capfd, "cancel", "A2", "--day", DAY, "--reason", "called off")
    assert "told: nobody" in out
    code, out, _ = run(capfd, "assign", "--day", DAY)
    assert "cancelled: called off" in out


def test_wrong_headers_name_the_file_what_was_found_and_the_cure(folder, capfd):
    (folder / "stops.csv").write_text("Foo;Bar\n1;2\n")
    code, _, told = run(capfd, "import", "stops.csv")
    assert code == 1
    assert "stops.csv: no row is a header" in told
    assert "found 'Foo', 'Bar'" in told
    code, _, told = run(capfd, "import", "stops.csv", "--column", "Foo=address", "--day", DAY)
    assert code == 0
    code, _, told = run(capfd, "import", "absent.csv")
    assert (code, "absent.csv: No such file" in told) == (1, True)


def test_evidence_is_exported_and_verified_with_a_file_of_keys(folder, capfd, tmp_path_factory):
    (folder / "stops.csv").write_bytes(sheet())
    run(capfd, "import", "stops.csv", "--day", DAY)
    run(capfd, "assign", "--day", DAY, "--iterations", "50")
    run(capfd, "dispatch", "--day", DAY)
    code, out, _ = run(capfd, "keys", "--json")
    elsewhere = tmp_path_factory.mktemp("court")
    (elsewhere / "keys.json").write_text(out)
    code, _, _ = run(capfd, "export", "--day", DAY, "--out", str(elsewhere / "e.zip"))
    assert code == 0
    (folder / "station.toml").unlink()
    verify = ("verify", str(elsewhere / "e.zip"), "--keys", str(elsewhere / "keys.json"))
    code, out, _ = run(capfd, *verify, "--json")
    assert (code, json.loads(out)["ok"]) == (0, True)
    (elsewhere / "e.zip").write_bytes(b"PK")
    assert run(capfd, *verify)[0] == 1


def test_faults_of_the_configuration_are_all_named_and_exit_with_78(folder, capfd):
    text = (folder / "station.toml").read_text()
    (folder / "station.toml").write_text(text.replace("Berlin", "Bonn").replace("acme", "a b"))
    code, _, told = run(capfd, "stops")
    assert code == 78
    assert "station.toml:6: station.org" in told
    assert "1 fault: nothing was done." in told
    code, _, told = run(capfd, "--config", "nowhere.toml", "stops")
    assert (code, "doorstep-station init" in told) == (78, True)


@pytest.mark.parametrize(
    "command", [(), ("assign",), ("import",), ("serve",), ("report",), ("roads", "import")]
)
def test_help_is_there_and_says_what_a_command_is_for(capsys, command):
    with pytest.raises(SystemExit) as ended:
        parser().parse_args([*command, "--help"])
    assert ended.value.code == 0
    assert len(capsys.readouterr().out.splitlines()) > 5


@pytest.mark.parametrize(
    "arguments",
    [[], ["fly"], ["assign", "--day", "tomorrow"], ["assign", "--iterations", "0"]],
)
def test_wrong_usage_exits_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(arguments)
    assert ended.value.code == 2


@pytest.fixture
async def served(office, station, home, unused_tcp_port):
    """The office behind HTTP, as the console serves it; yields the configuration."""
    token = console_token(station.config.data_folder)

    async def handle(request):
        if request.headers.get("Authorization") != f"Bearer {token}":
            return web.Response(status=401, body=to_json(Problem("no token")))
        name = request.match_info["name"]
        try:
            kind, body = await answer(
                office, request.method, name, request.query, await request.read()
            )
        except BadRequestError as error:
            return web.Response(status=400, body=to_json(Problem(str(error))))
        except RefusedError as error:
            return web.Response(status=409, body=to_json(Problem(str(error))))
        return web.Response(body=body, content_type=kind)

    app = web.Application(client_max_size=60_000_000)
    app.router.add_route("*", "/api/{name}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    text = (home / "station.toml").read_text()
    (home / "station.toml").write_text(f"{text}\n[console]\nport = {unused_tcp_port}\n")
    yield load_config(home / "station.toml")
    await runner.cleanup()


async def test_while_a_station_runs_commands_work_through_it(served, office, station):
    async with office_of(served) as remote:
        assert isinstance(remote, RemoteOffice)
        imported = await remote.import_stops("ä b.csv", sheet(), named={"Name": "ignore"})
        assert (imported.file, imported.added) == ("ä b.csv", 6)
        assert await remote.orders() == await office.orders()
        placed = await remote.place("A0", Place(lat_deg=48.15, lon_deg=11.58))
        assert placed.place.lat_deg == 48.15
        assert await remote.cancel(["A5"], "no") == ()
        assigned = await remote.assign(limits=Limits(iterations=50))
        assert sum(route.stops for route in assigned.routes) == 5
        sent = await remote.dispatch()
        assert sent.sent
        assert await remote.standing() == await office.standing()
        assert (await remote.report()).day == date(2026, 11, 23)
        assert (await remote.verify()).ok
        assert (await remote.export())[:2] == b"PK"
        with pytest.raises(RefusedError, match="went out already"):
            await remote.assign()
        with pytest.raises(RefusedError, match="no row is a header"):
            await remote.import_stops("x.csv", b"a,b\n1,2\n")


async def test_without_a_console_the_holder_of_the_database_is_named(office, station):
    async with office_of(station.config) as remote:
        with pytest.raises(LinkError, match=r"another process holds .* no console answers"):
            await remote.standing()


async def test_without_the_token_nothing_is_answered(served, home):
    (home / "data" / "console.token").write_text("another")
    async with office_of(served) as remote:
        with pytest.raises(RefusedError, match="no token"):
            await remote.standing()


async def test_alone_a_command_opens_the_database_itself(station):
    async with office_of(station.config) as own:
        assert isinstance(own, Office)
        assert await own.orders(date(2026, 11, 23)) == []


@pytest.mark.parametrize(
    ("method", "name", "query", "body"),
    [
        ("GET", "report", {"day": "tomorrow"}, b""),
        ("POST", "assign", {}, b"{"),
        ("POST", "assign", {}, b'{"sead": 1}'),
        ("POST", "import", {"named": "["}, b""),
        ("POST", "place", {}, b'{"stop_id": "A", "lat_deg": 99, "lon_deg": 0}'),
    ],
)
async def test_a_request_that_makes_no_sense_is_refused(office, method, name, query, body):
    with pytest.raises(BadRequestError):
        await answer(office, method, name, query, body)


async def test_a_request_that_does_not_exist_is_none(office):
    with pytest.raises(KeyError):
        await answer(office, "GET", "dispatch", {}, b"")
