"""The page's server as a phone meets it, with the shipped executor behind it."""

import hashlib
from pathlib import Path

import pytest

from edge.driver.media import MAX_MEDIA_B
from edge.driver.server import Address, serve_page
from edge.errors import LinkError, StoreError
from edge.messages.facts import Arrived, ParcelEnded, ParcelLoaded
from edge.messages.parcels import Outcome
from edge.messages.routes import Route
from tests.edge.driver.client import Client
from tests.edge.driver.day import PIN, STOPS, a_route
from tests.edge.driver.pictures import JPEG, STROKES, jpeg_with, segment
from tests.edge.driver.van import SECRET, Van, a_van

ONE = STOPS[0]
PIN_STOP = STOPS[2]


async def load_all(van: Van, phone: Client, route: Route) -> None:
    await van.offer(route)
    await phone.act("start_loading")
    for parcel in route.parcels:
        name = f"scan-{parcel.parcel_id}"
        await phone.act("scan_parcel", action_id=name, parcel_id=parcel.parcel_id)
    await phone.act("finish_loading")


async def test_a_delivery_with_its_proof_becomes_facts(van: Van, phone: Client) -> None:
    await load_all(van, phone, a_route(ONE))
    assert (await phone.act("arrive", stop_id="S-101"))["accepted"]
    _, photo = await phone.post("/attach", JPEG, "image/jpeg")
    _, signature = await phone.post("/attach", STROKES, "image/svg+xml")
    answer = await phone.act(
        "hand_over",
        stop_id="S-101",
        parcel_ids=["P-40071", "P-40072"],
        recipient="A. Haddad",
        photos=[photo],
        signature=signature,
    )
    assert answer == {"accepted": True, "why": ""}
    ended = [fact for fact in await van.facts() if isinstance(fact, ParcelEnded)]
    assert [fact.parcel_id for fact in ended] == ["P-40071", "P-40072"]
    assert all(fact.outcome is Outcome.DELIVERED for fact in ended)
    assert ended[0].photos[0].sha256 == hashlib.sha256(JPEG).hexdigest()
    assert van.media(ended[0].photos[0].sha256) == JPEG
    assert ended[0].signature is not None
    assert van.media(ended[0].signature.sha256) == STROKES


async def test_a_hand_over_without_its_proof_is_refused_in_words(
    van: Van, phone: Client
) -> None:
    await load_all(van, phone, a_route(ONE))
    await phone.act("arrive", stop_id="S-101")
    answer = await phone.act("hand_over", stop_id="S-101", parcel_ids=["P-40071"])
    assert answer["accepted"] is False
    assert "photo" in answer["why"]
    assert "signature" in answer["why"]


async def test_the_same_action_again_changes_nothing(van: Van, phone: Client) -> None:
    await van.offer(a_route(ONE))
    await phone.act("start_loading")
    answers = [
        await phone.act("scan_parcel", action_id="same", parcel_id="P-40071") for _ in range(3)
    ]
    assert answers == [{"accepted": True, "why": ""}] * 3
    loaded = [fact for fact in await van.facts() if isinstance(fact, ParcelLoaded)]
    assert len(loaded) == 1


async def test_an_action_sent_again_after_a_restart_changes_nothing(tmp_path: Path) -> None:
    answers = []
    for _ in range(2):  # the same folder and the same secret: a restart
        async with (
            a_van(tmp_path) as van,
            serve_page(
                van.desk, host="127.0.0.1", port=0, clock=van.clock, secret=SECRET
            ) as address,
            Client(address) as phone,
        ):
            await phone.start()
            if van.view.route_id is None:
                await load_all(van, phone, a_route(ONE))
            answers.append(await phone.act("arrive", action_id="same", stop_id="S-101"))
            facts = await van.facts()
            assert sum(isinstance(fact, Arrived) for fact in facts) == 1
    assert answers == [{"accepted": True, "why": ""}] * 2


async def test_a_wrong_pin_costs_a_try_and_the_page_is_told(van: Van, phone: Client) -> None:
    await load_all(van, phone, a_route(PIN_STOP))
    await phone.act("arrive", stop_id="S-103")
    fields = {"stop_id": "S-103", "parcel_ids": ["P-40093"]}
    wrong = await phone.act("hand_over", action_id="w", pin="111111", **fields)
    assert wrong["accepted"] is False
    _, view, _ = await phone.get("/view")
    assert view["stop"]["parcels"][0]["pin_tries_left"] == 4
    assert "pin_hash" not in str(view)
    assert (await phone.act("hand_over", action_id="r", pin=PIN, **fields))["accepted"]


async def test_metadata_does_not_reach_the_proof(van: Van, phone: Client) -> None:
    exif = segment(0xE1, b"Exif\x00\x00 48.1247N")
    status, photo = await phone.post("/attach", jpeg_with(exif), "image/jpeg")
    assert status == 200
    assert photo == {
        "sha256": hashlib.sha256(JPEG).hexdigest(),
        "media_type": "image/jpeg",
        "size": len(JPEG),
    }
    assert van.media(photo["sha256"]) == JPEG


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        (b"", "$", "truncated"),
        (b"{", "$", "truncated"),
        (b"\xff\xfe", "$", "malformed"),
        (b"[]", "$", "object"),
        (b"[" * 50_000, "$", ""),
        (b"{}", "$", "`action`"),
        (b'{"action":"fly","action_id":"a","driver":"ada"}', "$.action", "fly"),
        (b'{"action":"arrive","action_id":"a","driver":7}', "$.driver", "`str`"),
        (b'{"action":"arrive","action_id":"a","driver":"ada"}', "$", "`stop_id`"),
        (b'{"action":"start_loading","action_id":"","driver":"ada"}', "$.action_id", "length"),
        (
            b'{"action":"hand_over","action_id":"a","driver":"b","stop_id":"s",'
            b'"parcel_ids":["p",4]}',
            "$.parcel_ids[1]",
            "`str`",
        ),
    ],
)
async def test_a_bad_action_is_answered_with_the_field_at_fault(
    phone: Client, body: bytes, field: str, said: str
) -> None:
    status, answer = await phone.post("/act", body)
    assert status == 400
    assert answer["field"] == field
    assert said in answer["error"]


async def test_a_full_disk_is_told_as_later_not_as_never(
    van: Van, phone: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(content: bytes, media_type: str) -> None:
        raise StoreError("disk full")

    monkeypatch.setattr(van.desk, "attach", full)
    status, answer = await phone.post("/attach", JPEG, "image/jpeg")
    assert (status, answer) == (503, {"error": "not kept: disk full"})


@pytest.mark.parametrize("media_type", ["image/gif", "text/html", "application/json"])
async def test_other_kinds_of_media_are_not_taken(phone: Client, media_type: str) -> None:
    assert (await phone.post("/attach", JPEG, media_type))[0] == 415


async def test_bytes_that_are_not_what_they_claim_are_refused(phone: Client) -> None:
    assert (await phone.post("/attach", JPEG, "image/png"))[0] == 422
    assert (await phone.post("/attach", b"<svg onload=x>", "image/svg+xml"))[0] == 422
    assert (await phone.post("/attach", b"", "image/jpeg"))[0] == 422


async def test_bodies_have_a_bound(phone: Client) -> None:
    too_large = jpeg_with(tail=b"\0" * MAX_MEDIA_B)
    assert (await phone.post("/attach", too_large, "image/jpeg"))[0] == 413
    assert (await phone.post("/act", b" " * 64_001))[0] == 413
    assert (await phone.post("/session", b" " * 1_001))[0] == 413


async def test_a_body_without_a_length_has_a_bound_too(phone: Client) -> None:
    cookie = "; ".join(f"{c.key}={c.value}" for c in phone.session.cookie_jar)
    head = (
        f"POST /act HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\n"
        f"Cookie: {cookie}\r\nX-Doorstep-Csrf: {phone.csrf}\r\nConnection: close\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    ).encode()
    answer = await phone.raw(
        head
        + b"4000\r\n"
        + b" " * 0x4000
        + b"\r\n"
        + (b"4000\r\n" + b" " * 0x4000 + b"\r\n") * 4
        + b"0\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 413")


async def test_an_address_in_use_may_be_free_later(van: Van, address: Address) -> None:
    again = serve_page(
        van.desk, host="127.0.0.1", port=address.port, clock=van.clock, secret=SECRET
    )
    with pytest.raises(LinkError, match=str(address.port)):
        await again.__aenter__()


def test_an_address_is_told_as_a_browser_takes_it() -> None:
    assert Address("10.0.0.1", 80, None).url == "http://10.0.0.1:80/"
    assert Address("::1", 80, None).url == "http://[::1]:80/"


async def test_nothing_of_a_person_is_logged(
    van: Van, phone: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    await load_all(van, phone, a_route(PIN_STOP))
    await phone.act("arrive", stop_id="S-103")
    await phone.act("hand_over", stop_id="S-103", parcel_ids=["P-40093"], pin="111111")
    await phone.post("/act", b'{"action":"hand_over","pin":493027,"recipient":"Jonas"}')
    said = "\n".join(str(record.__dict__) for record in caplog.records)
    for private in ("111111", "493027", "Jonas", "Am Anger"):
        assert private not in said
