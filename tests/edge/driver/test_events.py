"""The day as a stream: whole once, then changes, newest wins, and no phone holds it up."""

import asyncio
import json
import socket
import struct
from contextlib import AsyncExitStack

import msgspec
import pytest

from edge.driver import events, server
from edge.driver.events import event_of
from edge.driver.server import Address, serve_page
from edge.messages.broker.wire import to_json
from edge.messages.view import DayView
from tests.edge.driver.client import Client
from tests.edge.driver.day import STATION, a_route
from tests.edge.driver.van import SECRET, Van


def content(event: bytes) -> tuple[str, dict[str, object]]:
    fields = dict(line.split(": ", 1) for line in event.decode().strip().split("\n"))
    return fields["event"], json.loads(fields["data"])


async def test_changes_laid_over_the_first_view_give_the_last(van: Van) -> None:
    before: DayView | None = None
    shown: dict[str, object] = {}
    await van.offer()
    for step in range(6):
        view = msgspec.structs.replace(
            van.view,
            distance_m=None if step % 2 else float(step),
            warnings=("no GPS",) * (step // 2),
            why=van.view.why if step < 3 else None,
        )
        kind, fields = content(event_of(step, view, before))
        assert kind == ("view" if before is None else "change")
        shown |= fields
        before = view
        assert shown == json.loads(to_json(view))


async def test_a_change_carries_only_what_changed(van: Van) -> None:
    await van.offer()
    later = msgspec.structs.replace(van.view, distance_m=12.0)
    _, fields = content(event_of(2, later, van.view))
    assert fields == {"distance_m": 12.0}


async def test_an_event_is_one_line_whatever_people_write(van: Van) -> None:
    view = msgspec.structs.replace(van.view, warnings=("one\r\ntwo\n\nevent: x",))
    assert event_of(1, view, None).count(b"\n") == 4


async def test_the_first_event_is_the_whole_day_then_what_changes(
    van: Van, phone: Client
) -> None:
    stream = await phone.events()
    assert stream.answer.headers["Content-Type"].startswith("text/event-stream")
    kind, _, day = await stream.next()
    assert (kind, day["phase"]) == ("view", "idle")
    await van.offer(a_route())
    kind, _, change = await stream.next("change")
    assert change["phase"] == "offered"
    assert "vehicle" not in change
    stream.answer.close()


async def test_a_stream_opened_again_begins_with_the_whole_day(van: Van, phone: Client) -> None:
    (await phone.events()).answer.close()
    await van.offer(a_route())
    stream = await phone.events()
    kind, _, day = await stream.next()
    assert (kind, day["phase"], len(day["stops"])) == ("view", "offered", 6)
    stream.answer.close()


async def test_a_burst_of_views_becomes_one_event_with_the_newest(
    van: Van, phone: Client
) -> None:
    stream = await phone.events()
    await stream.next()
    for metres in range(500):
        van.desk.views.set(msgspec.structs.replace(van.view, distance_m=float(metres)))
    newest = van.desk.views.version
    kind, number, change = await stream.next("change")
    assert (kind, number) == ("change", newest)
    assert change["distance_m"] == 499.0
    stream.answer.close()


async def test_a_phone_that_does_not_read_holds_up_nobody_and_gets_the_newest(
    van: Van, phone: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "LEAST_GAP_S", 0.0)
    cookie = "; ".join(f"{c.key}={c.value}" for c in phone.session.cookie_jar)
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.connect(("127.0.0.1", phone.address.port))
    slow.sendall(
        f"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()
    )
    quick = await phone.events()
    await quick.next()
    large = "x" * 100_000
    for number in range(200):  # 20 MB, far more than every buffer between
        van.desk.views.set(msgspec.structs.replace(van.view, warnings=(f"{number} {large}",)))
        await quick.next("change")
    slow.setblocking(False)
    taken = b""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(20):
        while f'["199 {large}'.encode() not in taken:
            taken += await loop.sock_recv(slow, 1 << 20)
    assert taken.count(b"event: change") < 150
    slow.close()
    quick.answer.close()


async def test_silence_is_filled_with_signs_of_life(
    phone: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "KEEP_ALIVE_S", 0.02)
    stream = await phone.events()
    await stream.next("alive")
    await stream.next("alive")
    assert stream.comments >= 1  # for whatever stands between
    stream.answer.close()


async def test_a_reset_connection_gives_its_place_back(
    van: Van, phone: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(server, "MAX_STREAMS", 3)
    streams = [await phone.events() for _ in range(3)]
    for stream in streams:
        await stream.next()
    assert (await phone.get("/events"))[0] == 503
    for stream in streams:
        transport = stream.answer.connection
        assert transport is not None
        assert transport.transport is not None
        reset = transport.transport.get_extra_info("socket")
        reset.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        stream.answer.close()
    status = 503
    async with asyncio.timeout(10):
        while status == 503:
            van.drive(STATION)
            answer = await phone.session.get(phone.base + "/events")
            status = answer.status
            answer.close()
    assert status == 200
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_closing_the_page_ends_its_streams_at_once(van: Van) -> None:
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        page = serve_page(van.desk, host="127.0.0.1", port=0, clock=van.clock, secret=SECRET)
        phone = await stack.enter_async_context(Client(await stack.enter_async_context(page)))
        await phone.start()
        stream = await phone.events()
        await stream.next()
        stack.pop_all()
        began_s = loop.time()
        await page.__aexit__(None, None, None)
        await phone.session.close()
    assert loop.time() - began_s < 5.0


async def test_two_pages_on_one_machine_do_not_take_each_others_sessions(
    van: Van, address: Address
) -> None:
    async with (
        serve_page(van.desk, host="127.0.0.1", port=0, clock=van.clock, secret=SECRET) as other,
        Client(address) as phone,
    ):
        await phone.start()
        first, phone.base = phone.base, f"http://127.0.0.1:{other.port}"
        await phone.start()
        assert (await phone.get("/view"))[0] == 200
        phone.base = first
        assert (await phone.get("/view"))[0] == 200
