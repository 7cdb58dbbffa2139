"""The desk for conditions: kept, sent once to each vehicle, shown as far as it has come."""

from datetime import timedelta

import pytest

from edge.errors import RefusedError
from edge.messages.broker.wire import from_json
from edge.messages.commands import Command
from edge.messages.facts import CommandRefused
from station.commands.conditions import span_s
from station.conditions import sending
from station.conditions.desk import default_name
from station.office import Office
from station.remote.answers import answer
from station.remote.conditions import RemoteConditions
from station.store import conditions as books
from station.store import day
from station.store.alarms import shown_alarms
from tests.station.office.conftest import VANS
from tests.station.office.days import reported

CSV = b"1,2,30\n"


async def import_csv(office, text=CSV, **more):
    return await office.conditions.import_file("speeds.csv", text, **more)


async def orders(station, vehicle, first=1):
    def read(db):
        stream = day.down_stream(db, vehicle)
        return [] if stream is None else day.read_outbox(db, vehicle, stream.epoch, first, 99)

    rows = await station.database.read(read)
    return [from_json(sealed, Command) for _, _, sealed in rows]


async def acknowledge(station, vehicle, upto):
    def run(db):
        day.acknowledge_outbox(db, vehicle, day.down_stream(db, vehicle).epoch, upto)

    await station.database.transaction(run)


def states(shown, name="traffic:speeds"):
    (layer,) = [layer for layer in shown.layers if layer.name == name]
    return {one.vehicle: one.state for one in layer.vehicles}


async def test_a_file_becomes_a_layer_and_a_sealed_order_to_each_vehicle(station, office):
    told = await import_csv(office, expires_in_s=7200)
    assert (told.kind, told.name, told.counts) == (
        "traffic-csv",
        "traffic:speeds",
        {"segments": 1},
    )
    assert told.told == VANS
    for vehicle in VANS:
        (command,) = await orders(station, vehicle)
        layer = command.order.layer
        assert (
            layer.expires_utc == command.expires_utc == station.clock.now + timedelta(hours=2)
        )
        assert layer.segments[0].kmh == 30
        assert station.keys.signing.public.signed(
            await station.database.read(lambda db, v=vehicle: first_sealed(db, v))
        )


def first_sealed(db, vehicle):
    stream = day.down_stream(db, vehicle)
    return day.read_outbox(db, vehicle, stream.epoch, 1, 1)[0][2]


async def test_the_next_version_waits_until_the_vehicle_has_taken_the_last(station, office):
    first = await import_csv(office)
    second = await import_csv(office, b"1,2,20\n")
    third = await import_csv(office, b"1,2,10\n")
    assert first.version < second.version < third.version
    assert (second.told, third.told) == ((), ())
    assert len(await orders(station, "van-1")) == 1
    assert await office.conditions.offer()
    await acknowledge(station, "van-1", 1)
    assert await office.conditions.offer()  # van-2 is still behind
    sent = await orders(station, "van-1")
    assert [c.order.layer.segments[0].kmh for c in sent] == [30, 10]
    assert states(await office.conditions.show()) == {"van-1": "waiting", "van-2": "waiting"}
    await acknowledge(station, "van-1", 2)
    await acknowledge(station, "van-2", 1)
    assert not await office.conditions.offer()
    assert states(await office.conditions.show())["van-1"] == "acknowledged"


async def test_a_refusal_is_shown_with_its_reason_and_alarms_nobody(station, office):
    await import_csv(office)
    await acknowledge(station, "van-1", 1)
    refusal = CommandRefused(order="conditions", command_seq=1, reason="layer expired")
    await reported(station, "van-1", (refusal, ""))
    (layer,) = (await office.conditions.show()).layers
    assert (layer.vehicles[0].state, layer.vehicles[0].why) == ("refused", "layer expired")
    assert await station.database.read(shown_alarms) == []


async def test_a_vehicle_that_is_new_gets_what_holds(station, office):
    await import_csv(office)
    known = office.conditions
    bigger = Office(station.database, station.config, station.keys, station.clock)
    bigger.conditions._vehicles = (*VANS, "van-9")
    assert not await bigger.conditions.offer()
    assert len(await orders(station, "van-9")) == 1
    assert len(await orders(station, "van-1")) == 1
    assert "van-9" not in states(await known.show())


async def test_clearing_takes_a_layer_back_and_versions_only_rise(station, office):
    told = await import_csv(office)
    await acknowledge(station, "van-1", 1)
    shown = await office.conditions.clear("traffic:speeds")
    (_, cleared) = await orders(station, "van-1")
    assert cleared.order.layer.version > told.version
    assert cleared.order.layer.segments == ()
    assert cleared.order.layer.expires_utc == told.expires_utc
    assert shown.layers[0].kind == "cleared"
    with pytest.raises(RefusedError, match=r"no layer 'nothing'; there are: traffic:speeds"):
        await office.conditions.clear("nothing")


async def test_what_has_expired_is_dropped_and_neither_shown_nor_sent(station, office):
    await import_csv(office, expires_in_s=60)
    station.clock.now += timedelta(seconds=60)
    assert (await office.conditions.show()).layers == ()
    assert await office.conditions.drop_expired() == 1
    assert await station.database.read(lambda db: books.parts_of(db, "traffic:speeds")) == []
    with pytest.raises(RefusedError, match="there are: none"):
        await office.conditions.clear("traffic:speeds")


async def test_a_faulty_file_changes_nothing(station, office):
    await import_csv(office)
    with pytest.raises(RefusedError, match=r"speeds\.csv: line 2: .*write from,to,kmh"):
        await import_csv(office, b"1,2,3\n4\n")
    with pytest.raises(RefusedError, match="there are traffic-csv"):
        await import_csv(office, kind="shapefile")
    with pytest.raises(RefusedError, match="--expires-in"):
        await import_csv(office, expires_in_s=-1)
    (layer,) = (await office.conditions.show()).layers
    assert layer.counts == {"segments": 1}


async def test_layers_that_would_not_fit_a_vehicle_are_refused(office, monkeypatch):
    def lines(count, first):
        return "".join(f"{first + n},{n + 1},50\n" for n in range(count)).encode()

    monkeypatch.setattr(sending, "MAX_PARTS", 3)
    await import_csv(office, lines(9_000, 9_000_000_000), name="a")
    with pytest.raises(RefusedError, match="clear a layer"):
        await import_csv(office, lines(9_000, 9_000_000_000), name="b")


async def test_commands_get_the_same_from_a_station_that_runs(office):
    async def ask(method, name, kind, query, body=b""):
        _, content = await answer(office, method, name, query, body)
        return from_json(content, kind)

    remote = RemoteConditions(ask)
    told = await remote.import_file("speeds.csv", CSV, expires_in_s=90.0)
    assert told.told == VANS
    assert (await remote.show()) == (await office.conditions.show())
    assert (await remote.clear("traffic:speeds")).layers[0].kind == "cleared"


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("5min", 300), ("1.5h", 5400), ("7d", 604_800)]
)
def test_spans_of_the_command_line(text, seconds):
    assert span_s(text) == seconds


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("/x/City Speeds (new).csv", "traffic:city-speeds-new"),
        ("été.csv", "traffic:t"),
        ("###.csv", "traffic:file"),
        ("x" * 99, "traffic:" + "x" * 56),
    ],
)
def test_a_layer_is_named_after_its_file(file, name):
    assert default_name("traffic", file) == name
