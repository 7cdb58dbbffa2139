import json
import os
import subprocess
import sys
from datetime import UTC, datetime

import jsonschema
import pytest

from edge.handover.proof import SigningKey
from edge.messages import facts as f
from edge.messages.broker.catalog import CATALOG, MAX_PAYLOAD_B
from edge.messages.broker.stream import Ack
from edge.messages.broker.wire import to_json
from edge.messages.commands import CancelStops, Command, RouteOffer
from edge.messages.geo import Place
from edge.messages.state import Backlog, Live, Status
from station.__main__ import main
from station.schema.files import generated, stale, write
from station.schema.schemas import asyncapi, json_schemas
from tests.station.office.days import Chain
from tests.station.office.test_report import route_of

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
KEY = SigningKey.from_seed(bytes(32))


def command(order):
    return KEY.seal(
        Command(
            vehicle="van-1",
            epoch="e",
            seq=1,
            issuer="Depot",
            issued_utc=NOW,
            expires_utc=NOW,
            order=order,
            key_id=KEY.key_id,
        )
    )


def fact(content):
    chain = Chain("van-1", KEY)
    chain.add(NOW, content)
    return chain.sealed[0]


EXAMPLES = [
    ("live", to_json(Live(vehicle="van-1", utc=NOW, time_source="gnss", fix="gnss",
                          place=Place(lat_deg=48, lon_deg=11),
                          backlog=Backlog(facts=1, track=2, proof=3)))),
    ("status", to_json(Status(vehicle="van-1", state="offline"))),
    ("up_ack", to_json(Ack(stream="command", epoch="e", upto=4))),
    ("down_ack", to_json(Ack(stream="fact", epoch="e", upto=4, missing=(7, 9)))),
    ("route", command(RouteOffer(route=route_of(window_h=2)))),
    ("command", command(CancelStops(route_id="r", stop_ids=("s",)))),
    ("fact", fact(f.LoadingStarted())),
    ("fact", fact(f.ParcelLoaded(parcel_id="p"))),
    ("fact", fact(f.DayClosed(route_id="r", expected=1, loaded=1, outcomes={"DELIVERED": 1},
                              balanced=True, driven_m=1.0))),
]  # fmt: skip


@pytest.mark.parametrize("name", json_schemas())
def test_each_schema_is_a_valid_one(name):
    jsonschema.Draft202012Validator.check_schema(json_schemas()[name])


@pytest.mark.parametrize(("name", "payload"), EXAMPLES)
def test_what_we_send_fits_its_schema(name, payload):
    schema = json_schemas()[name]
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    checker.validate(json.loads(payload))


def test_what_we_would_refuse_does_not_fit():
    ack = json.loads(to_json(Ack(stream="fact", epoch="e", upto=4)))
    checker = jsonschema.Draft202012Validator(json_schemas()["down_ack"])
    for change in ({"upto": -1}, {"stream": "mail"}, {"epoch": 7}):
        assert list(checker.iter_errors(ack | change))
    newer = ack | {"a_field_of_tomorrow": 1}
    assert not list(checker.iter_errors(newer)), "a newer minor version is tolerated"


def refs_of(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from refs_of(value)
    elif isinstance(node, list):
        for value in node:
            yield from refs_of(value)


def followed(document, ref):
    assert ref.startswith("#/"), ref
    node = document
    for part in ref[2:].split("/"):
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return node


def test_the_asyncapi_document_has_the_structure_of_version_3():
    document = asyncapi()
    assert document["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= document["info"].keys()
    for ref in refs_of(document):
        assert followed(document, ref), ref
    for channel in document["channels"].values():
        named = {part[1:-1] for part in channel["address"].split("/") if part[0] == "{"}
        assert named == channel["parameters"].keys()
        assert len(channel["address"].split("/")) - 1 <= 7
    for operation in document["operations"].values():
        assert operation["action"] in ("send", "receive")
        channel = followed(document, operation["channel"]["$ref"])
        for message in operation["messages"]:
            name = message["$ref"].split("/")[-1]
            assert message["$ref"].startswith(operation["channel"]["$ref"] + "/messages/")
            assert name in channel["messages"]
        assert operation["bindings"]["mqtt"]["qos"] in (0, 1)
    messages = document["components"]["messages"]
    assert messages.keys() == {row.name for row in CATALOG}
    assert {message["x-max-bytes"] for message in messages.values()} == {MAX_PAYLOAD_B}


def test_each_row_of_the_catalog_is_sent_or_received_once():
    operations = asyncapi()["operations"]
    assert len(operations) == len(CATALOG)
    assert "send_fact" in operations
    assert "receive_route" in operations


def test_the_page_of_messages_names_every_fact_and_every_order():
    page = generated()["messages.md"]
    for tag in ("parcel_ended", "day_closed", "route", "cancel_stops", "hand_over"):
        assert f"| `{tag}` |" in page
    for line in page.splitlines():
        if line.startswith("|"):
            assert line.endswith("|")


def test_stale_missing_and_left_over_files_are_named_and_mended(tmp_path, capsys):
    docs = ["--docs", str(tmp_path)]
    assert main(["schema", "--check", *docs]) == 1
    assert main(["schema", *docs]) == 0
    assert main(["schema", "--check", *docs]) == 0
    (tmp_path / "messages.md").write_text("old")
    (tmp_path / "schemas" / "telegram.json").write_text("{}")
    (tmp_path / "schemas" / "live.json").unlink()
    capsys.readouterr()
    assert main(["schema", "--check", *docs]) == 1
    told = capsys.readouterr().err
    assert all(name in told for name in ("messages.md", "telegram.json", "live.json"))
    assert sorted(write(tmp_path)) == [
        "messages.md",
        "schemas/live.json",
        "schemas/telegram.json",
    ]
    assert list(stale(tmp_path)) == []


def test_the_files_do_not_depend_on_the_hash_seed():
    code = (
        "import hashlib; from station.schema.files import generated;"
        "print(hashlib.sha256(repr(generated()).encode()).hexdigest())"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
