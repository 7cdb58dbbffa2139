import pytest

from edge.driver.gate import TRIES, TRY_AGAIN_AFTER_S, Gate, access_code_of, is_loopback

SECRET = b"0123456789abcdef"


def gate(code: str | None = "7K2M-49QP", secret: bytes = SECRET) -> Gate:
    return Gate(secret=secret, access_code=code, names=("van-3.local",))


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.1:8080", "10.0.0.1", "192.168.4.1:80", "[::1]:8080", "[fe80::1]", "localhost:1",
        "van-3.local:8080", "VAN-3.local",
    ],
)  # fmt: skip
def test_an_address_or_a_known_name_is_this_machine(host: str) -> None:
    assert gate().admits_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "", "evil.example", "evil.example:8080", "10.0.0.1.evil.example",
        "localhost.evil.example", "user@10.0.0.1", "10.0.0.1:port", "10.0.0.1/x", "10.0.0.1?x",
        "[::1", "van-3.local.", "0x7f.1",
    ],
)  # fmt: skip
def test_any_other_name_is_not(host: str) -> None:
    assert not gate().admits_host(host)


@pytest.mark.parametrize(
    ("origin", "same"),
    [
        ("http://10.0.0.1:8080", True),
        ("https://10.0.0.1:8080", True),
        ("http://10.0.0.1", False),
        ("http://10.0.0.1:8081", False),
        ("http://evil.example", False),
        ("null", False),
        ("", False),
    ],
)
def test_only_the_very_same_host_and_port_is_the_same_origin(origin: str, same: bool) -> None:
    assert gate().same_origin(origin, "10.0.0.1:8080") is same


@pytest.mark.parametrize("typed", ["7K2M-49QP", "7k2m49qp", " 7K2M 49QP ", "7K2M–49QP"])
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert gate().try_code(typed, 0.0) == "right"


def test_letters_that_look_like_digits_are_the_same() -> None:
    assert gate("0110-ABCD").try_code("OIL0-ABCD", 0.0) == "right"


@pytest.mark.parametrize("typed", ["", "7K2M-49QQ", "7K2M-49QP1", "é" * 8])
def test_a_wrong_code_is_wrong(typed: str) -> None:
    assert gate().try_code(typed, 0.0) == "wrong"


def test_guessing_is_slowed_down_and_costs_the_right_code_only_time() -> None:
    door = gate()
    answers = [door.try_code("AAAA-AAAA", 0.0) for _ in range(TRIES + 5)]
    assert answers == ["wrong"] * TRIES + ["later"] * 5
    assert door.try_code("7K2M-49QP", 0.0) == "later"
    assert door.try_code("7K2M-49QP", TRY_AGAIN_AFTER_S) == "right"


def test_a_day_of_guessing_gets_few_tries() -> None:
    door = gate()
    tried = sum(door.try_code("AAAA-AAAA", float(s)) == "wrong" for s in range(0, 86_400, 2))
    assert tried <= TRIES + 86_400 / TRY_AGAIN_AFTER_S


def test_a_session_outlives_a_restart_but_not_another_code_or_secret() -> None:
    cookie = gate().cookie("a" * 32)
    assert gate().session(cookie) == "a" * 32
    assert gate(code="XXXX-XXXX").session(cookie) is None
    assert gate(secret=SECRET[::-1]).session(cookie) is None


@pytest.mark.parametrize(
    "cookie", [None, "", ".", "a", "a.b", "a." + "b" * 43, "a." + "é" * 43]
)
def test_a_made_up_cookie_is_no_session(cookie: str | None) -> None:
    assert gate().session(cookie) is None


def test_a_csrf_token_belongs_to_one_session() -> None:
    door = gate()
    token = door.csrf("one")
    assert door.knows_csrf("one", token)
    assert not door.knows_csrf("two", token)
    assert not door.knows_csrf("one", "")
    assert not door.knows_csrf("one", "é")
    assert token not in door.cookie("one")


def test_the_code_of_a_secret_stays_and_is_easy_to_type() -> None:
    code = access_code_of(SECRET)
    assert code == access_code_of(SECRET) != access_code_of(SECRET[::-1])
    assert len(code) == 9
    assert not set(code) & set("OIL")
    assert gate(code).try_code(code.lower(), 0.0) == "right"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("127.9.9.9", True),
     ("0.0.0.0", False), ("::", False), ("10.0.0.1", False), ("van-3.local", False)],
)  # fmt: skip
def test_only_loopback_is_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
