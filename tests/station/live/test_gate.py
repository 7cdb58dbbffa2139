"""Who may ask the console."""

import pytest

from station.console.gate import is_loopback, judge

TOKEN = "secret"
HOST = "127.0.0.1:8090"


@pytest.mark.parametrize(
    ("method", "headers", "verdict"),
    [
        ("GET", {"Host": HOST}, "yes"),
        ("GET", {"Host": "localhost:9000"}, "yes"),
        ("GET", {"Host": "[::1]:8090"}, "yes"),
        ("GET", {"Host": "evil.example:8090"}, "wrong host"),
        ("GET", {"Host": "127.0.0.1.evil.example"}, "wrong host"),
        ("GET", {"Host": "localhost.evil.example"}, "wrong host"),
        ("GET", {"Host": ""}, "wrong host"),
        ("GET", {}, "wrong host"),
        ("GET", {"Host": "[::1"}, "wrong host"),
        ("GET", {"Host": "10.0.0.1"}, "wrong host"),
        ("POST", {"Host": HOST}, "other site"),
        ("POST", {"Host": HOST, "Origin": f"http://{HOST}"}, "yes"),
        ("POST", {"Host": HOST, "Origin": "null"}, "other site"),
        ("POST", {"Host": HOST, "Origin": "http://127.0.0.1:9999"}, "other site"),
        ("POST", {"Host": HOST, "Origin": "https://evil.example"}, "other site"),
        ("GET", {"Host": HOST, "Origin": "https://evil.example"}, "other site"),
        ("GET", {"Host": HOST, "Sec-Fetch-Site": "cross-site"}, "other site"),
        ("GET", {"Host": HOST, "Sec-Fetch-Site": "same-site"}, "other site"),
        ("GET", {"Host": HOST, "Sec-Fetch-Site": "none"}, "yes"),
        ("POST", {"Host": HOST, "Authorization": "Bearer secret"}, "yes"),
        ("POST", {"Host": HOST, "Authorization": "Bearer wrong"}, "wrong token"),
        ("GET", {"Host": HOST, "Authorization": "Basic c2VjcmV0"}, "wrong token"),
        ("POST", {"Host": "evil.example", "Authorization": "Bearer secret"}, "wrong host"),
    ],
)
def test_only_this_machines_people_get_in(method: str, headers: dict, verdict: str):
    assert judge(method, headers, TOKEN) == verdict


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("192.168.1.4", False),
        ("example.com", False),
        ("", False),
    ],
)
def test_a_loopback_address_is_told_from_others(host: str, answer: bool):
    assert is_loopback(host) is answer
