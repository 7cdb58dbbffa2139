from datetime import UTC, date, datetime

import msgspec
import pytest

from edge.errors import RefusedError
from edge.messages import facts as f
from edge.messages.broker.catalog import MAX_PAYLOAD_B
from edge.messages.broker.wire import content_hash, from_json
from edge.messages.commands import CancelStops, Command, RouteOffer
from station.routes.assign import Limits
from station.store import day as books
from tests.station.office.days import reported
from tests.station.office.sheets import text_file

DAY = date(2026, 11, 23)
HEAD = ("Order", "Name", "Address", "Lat", "Lon", "Weight", "Notes")
QUICK = Limits(iterations=100)


def sheet(count, *, kg=5, notes=""):
    long = "x" * len(notes[:200])
    rows = [
        (f"A{n}", f"N{n}", f"Weg {n} {long}", 48.13 + n / 500, 11.55 + n / 700, kg, notes)
        for n in range(count)
    ]
    return text_file(HEAD, *rows)


async def assigned(office, count=12, **how):
    await office.import_stops("a.csv", sheet(count, **how))
    return await office.assign(limits=QUICK)


async def outbox(database, vehicle):
    def run(db):
        stream = books.down_stream(db, vehicle)
        return stream, books.read_outbox(db, vehicle, stream.epoch, 1, 100)

    return await database.read(run)


def accepted(route):
    return f.RouteAccepted(
        route_id=route.route_id,
        revision=route.revision,
        route_hash=content_hash(route),
        stops=len(route.stops),
        parcels=len(route.parcels),
    )


async def test_a_route_goes_out_sealed_numbered_and_with_an_end(office, station):
    await assigned(office)
    answer = await office.dispatch()
    assert [one.vehicle for one in answer.sent] == ["van-1", "van-2"]
    assert {one.state for one in answer.standing} == {"waiting"}
    assert answer.waiting_for == ("van-1", "van-2")
    stream, ((seq, name, sealed),) = await outbox(station.database, "van-1")
    assert (stream.last, stream.acked, seq, name) == (1, 0, 1, "route")
    assert station.keys.signing.public.signed(sealed)
    assert not station.keys.signing.public.signed(sealed.replace(b"van-1", b"van-2", 1))
    command = from_json(sealed, Command)
    assert isinstance(command.order, RouteOffer)
    route = command.order.route
    assert (command.vehicle, command.epoch, command.seq) == ("van-1", stream.epoch, 1)
    assert command.expires_utc == route.returns_by_utc == datetime(2026, 11, 23, 17, tzinfo=UTC)
    assert answer.standing[0].route_hash == content_hash(route)
    assert len(sealed) == answer.sent[0].size < MAX_PAYLOAD_B


async def test_dispatching_twice_sends_nothing_twice(office, station):
    await assigned(office)
    await office.dispatch()
    again = await office.dispatch()
    assert again.sent == ()
    assert (await outbox(station.database, "van-1"))[0].last == 1


async def test_each_order_wakes_who_carries_them(office):
    await assigned(office)
    version = office.sent.version
    await office.dispatch()
    assert office.sent.version == version + 1
    await office.dispatch()
    assert office.sent.version == version + 1


async def test_u5_who_has_acknowledged_which_route_is_listed(office, station):
    await assigned(office)
    await office.dispatch()
    kept = await station.database.read(lambda db: books.routes_of(db, DAY))
    one = kept[0].route
    await reported(station, "van-1", (accepted(one), one.route_id))
    refusal = f.CommandRefused(order="route", command_seq=1, reason="expired")
    await reported(station, "van-2", (refusal, ""))
    first, second = (await office.standing()).standing
    assert (first.state, first.accepted_utc) == ("accepted", station.clock.utc())
    assert (second.state, second.why) == ("refused", "expired")


async def test_a_vehicle_that_took_over_something_else_is_not_counted(office, station):
    await assigned(office)
    await office.dispatch()
    kept = await station.database.read(lambda db: books.routes_of(db, DAY))
    altered = msgspec.structs.replace(kept[0].route, stops=kept[0].route.stops[:1])
    await reported(station, "van-1", (accepted(altered), altered.route_id))
    first = (await office.standing()).standing[0]
    assert first.state == "waiting"
    assert first.why.startswith("it took over something else: hash ")


async def test_assigning_before_dispatch_replaces_the_drafts(office, station):
    await assigned(office)
    await office.import_stops("b.csv", sheet(16))
    answer = await office.assign(limits=QUICK)
    assert {route.revision for route in answer.routes} == {1}
    assert sum(route.stops for route in answer.routes) == 16
    kept = await station.database.read(lambda db: books.routes_of(db, DAY))
    assert sum(len(one.route.stops) for one in kept) == 16


async def test_assigning_after_dispatch_needs_again_and_makes_the_next_revision(office):
    await assigned(office)
    await office.dispatch()
    await office.import_stops("b.csv", sheet(16))
    with pytest.raises(RefusedError, match=r"went out already .*--again"):
        await office.assign(limits=QUICK)
    answer = await office.assign(limits=QUICK, again=True)
    assert {route.revision for route in answer.routes} == {2}
    sent = await office.dispatch()
    assert {(one.revision, one.seq) for one in sent.sent} == {(2, 2)}


async def test_assigning_again_without_a_change_keeps_every_route(office):
    await assigned(office)
    await office.dispatch()
    answer = await office.assign(limits=QUICK, again=True)
    assert (answer.routes, len(answer.kept)) == ((), 2)
    assert (await office.dispatch()).sent == ()


async def test_a_route_under_way_stays_as_it_is(office, station):
    await assigned(office)
    await office.dispatch()
    kept = await station.database.read(lambda db: books.routes_of(db, DAY))
    under_way = kept[0].route
    await reported(
        station,
        "van-1",
        (accepted(under_way), under_way.route_id),
        (f.LoadingStarted(), under_way.route_id),
    )
    await office.import_stops("b.csv", sheet(16))
    answer = await office.assign(limits=QUICK, again=True)
    assert answer.kept == (under_way.route_id,)
    assert [route.vehicle for route in answer.routes] == ["van-2"]
    assert answer.routes[0].stops == 16 - len(under_way.stops)


async def test_a_route_that_is_not_needed_any_more_is_withdrawn(office, station):
    await assigned(office, count=2, kg=600)
    assert len((await office.dispatch()).sent) == 2
    kept = await station.database.read(lambda db: books.routes_of(db, DAY))
    await office.cancel([kept[0].route.stops[0].stop_id], "not today")
    (withdrawn,) = (await office.assign(limits=QUICK, again=True)).withdrawn
    answer = await office.dispatch()
    (state,) = (one.state for one in answer.standing if one.route_id == withdrawn)
    assert state == "withdrawn"
    vehicle = withdrawn.removeprefix("2026-11-23-")
    assert vehicle not in answer.waiting_for
    _, orders = await outbox(station.database, vehicle)
    order = from_json(orders[-1][2], Command).order
    assert isinstance(order, CancelStops)
    assert (order.route_id, order.reason) == (withdrawn, "assigned to other vehicles")
    assert (await office.dispatch()).sent == ()


async def test_cancelled_stops_are_told_to_the_vehicle_that_has_them(office, station):
    await assigned(office)
    await office.dispatch()
    kept = await station.database.read(lambda db: books.routes_of(db, DAY))
    stop_id = kept[0].route.stops[0].stop_id
    assert await office.cancel([stop_id], "called off") == ("van-1",)
    _, orders = await outbox(station.database, "van-1")
    order = from_json(orders[-1][2], Command).order
    assert orders[-1][:2] == (2, "command")
    assert order == CancelStops(
        route_id=kept[0].route.route_id, stop_ids=(stop_id,), reason="called off"
    )
    answer = await office.import_stops("a.csv", sheet(12))
    assert answer.unchanged == 12, "importing again does not bring it back"
    with pytest.raises(RefusedError, match="no stop 'ZZ'"):
        await office.cancel(["ZZ"], "")


async def test_stops_without_a_place_block_only_themselves(office):
    rows = [("A1", "A", "Weg 1", 48.14, 11.58, 1, ""), ("A2", "B", "Weg 2", "", "", 1, "")]
    await office.import_stops("a.csv", text_file(HEAD, *rows))
    answer = await office.assign(limits=QUICK)
    assert [one.stop_id for one in answer.blocked] == ["A2"]
    assert sum(route.stops for route in answer.routes) == 1


async def test_a_route_too_large_for_a_broker_is_refused_and_nothing_is_half_sent(
    office, station
):
    await office.import_stops("a.csv", sheet(300, kg=1, notes="Please ring twice. " * 50))
    await office.assign(limits=Limits(iterations=4))
    with pytest.raises(RefusedError, match="bytes, a broker takes 128,000"):
        await office.dispatch()
    assert await station.database.read(lambda db: books.down_stream(db, "van-1")) is None


async def test_after_the_shift_nothing_goes_out(office, station):
    await assigned(office)
    station.clock.now = datetime(2026, 11, 23, 18, tzinfo=UTC)
    with pytest.raises(RefusedError, match="ended at 2026-11-23 17:00 UTC"):
        await office.dispatch()


async def test_an_acknowledgement_may_go_back_but_never_beyond(office, station):
    await assigned(office)
    await office.dispatch()
    stream, _ = await outbox(station.database, "van-1")

    def acknowledge(upto, epoch=stream.epoch):
        def run(db):
            books.acknowledge_outbox(db, "van-1", epoch, upto)
            return books.down_stream(db, "van-1").acked

        return station.database.transaction(run)

    assert await acknowledge(9) == 1
    assert await acknowledge(0) == 0  # a vehicle whose store is a copy has less than before
    assert await acknowledge(1, epoch="another") == 0
    assert await acknowledge(1) == 1
