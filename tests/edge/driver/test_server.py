"""The page's server as a phone meets it, with the shipped executor behind it."""

import hashlib
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from edge.driver.gate import access_code_of
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


# Other sites, other names, other people


@pytest.mark.parametrize("path", ["/", "/view", "/events", "/session", "/app.js"])
async def test_a_name_that_is_not_ours_is_turned_away(phone: Client, path: str) -> None:
    status, _, _ = await phone.get(path, Host="evil.example")
    assert status == 421


async def test_a_name_that_is_not_ours_cannot_act(phone: Client) -> None:
    headers = {"Host": "evil.example", "Origin": "http://evil.example"}
    assert (await phone.post("/act", b"{}", **headers))[0] == 421


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", None])
@pytest.mark.parametrize("path", ["/act", "/attach", "/session"])
async def test_another_sites_page_cannot_act(
    phone: Client, path: str, origin: str | None
) -> None:
    assert (await phone.post(path, b"{}", Origin=origin))[0] == 403


async def test_another_sites_page_cannot_look(phone: Client) -> None:
    assert (await phone.get("/view", Origin="http://evil.example"))[0] == 403
    _, _, headers = await phone.get("/view", Origin=phone.base)
    assert not any(name.startswith("Access-Control") for name in headers)


@pytest.mark.parametrize("token", [None, "", "x", "é".encode().decode("latin-1")])
@pytest.mark.parametrize("path", ["/act", "/attach"])
async def test_without_its_csrf_token_nothing_changes(
    phone: Client, path: str, token: str | None
) -> None:
    status, _ = await phone.post(path, b"{}", X_Doorstep_Csrf=token)
    assert status == 403


@pytest.mark.parametrize("path", ["/view", "/events"])
async def test_without_a_session_nothing_is_told(client: Client, path: str) -> None:
    assert (await client.get(path))[0] == 401


async def test_without_a_session_nothing_is_done(client: Client) -> None:
    assert (await client.post("/act", b"{}"))[0] == 401
    assert (await client.post("/attach", JPEG, "image/jpeg"))[0] == 401


async def test_a_token_of_another_session_does_not_fit(address: Address) -> None:
    async with Client(address) as one, Client(address) as two:
        await one.start()
        await two.start()
        one.csrf = two.csrf
        assert (await one.post("/act", b"{}"))[0] == 403


@pytest.mark.parametrize("body", [b'{"action":"arrive"}'])
async def test_a_form_of_another_site_is_no_json(phone: Client, body: bytes) -> None:
    assert (await phone.post("/act", body, "text/plain"))[0] == 415


@pytest.mark.parametrize(
    "path",
    [
        "/../server.py", "/..%2fserver.py", "/%2e%2e/server.py", "/screens/../../server.py",
        "//etc/passwd", "/%00", "/screens", "/screens/", "/index.html/", "/.%2e/gate.py",
        "/..\\server.py", "/static/index.html",
    ],
)  # fmt: skip
async def test_no_path_leaves_the_page(client: Client, path: str) -> None:
    answer = await client.raw(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
    )
    assert answer.startswith((b"HTTP/1.1 404", b"HTTP/1.1 400"))
    assert b"import asyncio" not in answer


async def test_the_page_allows_no_script_but_its_own(client: Client) -> None:
    status, page, headers = await client.get("/")
    assert status == 200
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert b"<script>" not in page
    assert b"style=" not in page
    assert b"http://" not in page
    assert b"https://" not in page


async def test_refusals_and_streams_carry_the_same_headers(phone: Client) -> None:
    for path in ("/nothing", "/view"):
        _, _, headers = await phone.get(path)
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
    events = await phone.events()
    assert events.answer.headers["X-Content-Type-Options"] == "nosniff"
    assert events.answer.headers["Cache-Control"] == "no-store"
    events.answer.close()


async def test_a_file_that_the_browser_has_is_not_sent_again(client: Client) -> None:
    _, _, headers = await client.get("/app.js")
    assert headers["Content-Type"].startswith("text/javascript")
    status, body, _ = await client.get("/app.js", **{"If-None-Match": headers["ETag"]})
    assert (status, body) == (304, b"")


async def test_the_session_cookie_stays_out_of_scripts_and_other_sites(client: Client) -> None:
    _, _, headers = await client.get("/session")
    cookie = headers["Set-Cookie"]
    assert cookie.startswith(f"doorstep-{client.address.port}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


async def test_a_phone_enters_the_access_code_once(van: Van) -> None:
    async with (
        serve_page(
            van.desk,
            host="127.0.0.1",
            port=0,
            clock=van.clock,
            secret=SECRET,
            access_code="7K2M-49QP",
        ) as address,
        Client(address) as phone,
    ):
        assert (await phone.get("/session"))[0] == 401
        assert (await phone.get("/"))[0] == 200  # the page that asks for the code
        assert (await phone.post("/session", {"code": "WRONG"}))[0] == 403
        assert (await phone.post("/session", {"kode": "x"}))[0] == 400
        assert (await phone.get("/view"))[0] == 401
        status, body = await phone.post("/session", {"code": "7k2m 49qp"})
        assert status == 200
        assert (await phone.get("/view"))[0] == 200
        assert (await phone.get("/session"))[:2] == (200, body)


async def test_guessing_the_code_is_slowed_down(van: Van) -> None:
    async with (
        serve_page(
            van.desk,
            host="127.0.0.1",
            port=0,
            clock=van.clock,
            secret=SECRET,
            access_code="7K2M-49QP",
        ) as address,
        Client(address) as guest,
    ):
        answers = [(await guest.post("/session", {"code": "A" * 8}))[0] for _ in range(15)]
        assert answers[:10] == [403] * 10
        assert 429 in answers[10:]


async def test_a_page_for_others_than_this_machine_asks_for_a_code(van: Van) -> None:
    secret = b"q" * 32
    async with (
        serve_page(van.desk, host="0.0.0.0", port=0, clock=van.clock, secret=secret) as address,
        Client(address) as phone,
    ):
        assert address.access_code == access_code_of(secret)
        assert (await phone.get("/session"))[0] == 401


async def test_a_phone_stays_signed_in_over_a_restart(van: Van) -> None:
    async with AsyncExitStack() as stack:
        phone: Client | None = None
        for _ in range(2):
            async with serve_page(
                van.desk,
                host="127.0.0.1",
                port=phone.address.port if phone is not None else 0,
                clock=van.clock,
                secret=b"q" * 32,
                access_code="7K2M-49QP",
            ) as address:
                if phone is None:
                    phone = await stack.enter_async_context(Client(address))
                    await phone.post("/session", {"code": "7K2M-49QP"})
                assert (await phone.get("/view"))[0] == 200


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
