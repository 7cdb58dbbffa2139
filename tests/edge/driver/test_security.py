"""Other sites, other names, other people: who may not use the page's server, and why."""

from contextlib import AsyncExitStack

import pytest

from edge.driver.gate import access_code_of
from edge.driver.server import Address, serve_page
from tests.edge.driver.client import Client
from tests.edge.driver.pictures import JPEG
from tests.edge.driver.van import SECRET, Van


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
