"""The console and the driver's page in Chromium, over real daemons, mosquitto and station."""

import asyncio
import hashlib
import json
import shutil
import sqlite3
import zipfile
from contextlib import closing
from itertools import pairwise

import pytest

from edge.driver.media import SIGNATURE
from edge.messages.parcels import Outcome
from tests.edge.driver.page.phone import CHROMIUM
from tests.edge.driver.page.test_day import jpeg_size
from tests.real.browser.console import gap_px
from tests.real.browser.house import station
from tests.real.browser.story import PHOTO_SIZE, STOPS, TOUCHES, Told, play
from tests.real.mosquitto.broker import find_mosquitto

CLOSE_PX = 8.0
VAN_1_STOPS = ("Amal Haddad", "Bäckerei Vogel")

pytestmark = [
    pytest.mark.real,
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("chromium"),
    pytest.mark.skipif(find_mosquitto() is None, reason="mosquitto is not installed"),
    pytest.mark.skipif(shutil.which(CHROMIUM) is None, reason="chromium is not installed"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def told(folder) -> Told:
    return asyncio.run(play(folder))


def row_of(rows: list[str], name: str) -> str:
    (row,) = [row for row in rows if name in row]
    return row


def test_a_spreadsheet_becomes_routes_by_three_presses(told):
    assert "3 stops added" in told.imported
    assert "0 rows rejected" in told.imported
    assert "2 routes" in told.assigned
    assert "0 not assigned" in told.assigned
    assert told.before["state"]["station"]["station"]["connected"]


def test_the_lists_tell_of_vehicles_and_stops(told):
    for name, stops in (("van-1", 2), ("van-2", 1)):
        assert f"0 of {stops}" in row_of(told.before["vehicles"], name)
        assert "Has its route" in row_of(told.before["vehicles"], name)
    assert len(told.before["stops"]) == len(STOPS)
    for stop in STOPS:
        van = "van-1" if stop in VAN_1_STOPS else "van-2"
        row = row_of(told.before["stops"], stop)
        assert "To come" in row
        assert van in row
    assert "waiting 3" in told.before["books"]


def test_the_markers_move_with_the_vans(told):
    ends = {"van-1": STOPS[told.first], "van-2": STOPS["Mo Spits"]}
    for name, place in ends.items():
        home, end = told.chart.home_spot, told.chart.spot(place)
        spots = [seen.spots[name] for seen in told.seen if name in seen.spots]
        assert gap_px(spots[0], home) < CLOSE_PX
        assert gap_px(spots[-1], end) < CLOSE_PX
        assert gap_px(home, end) > 100.0
        between = [s for s in spots if min(gap_px(s, home), gap_px(s, end)) > 2 * CLOSE_PX]
        assert len(set(between)) >= 8, between
        left = [gap_px(spot, end) for spot in between]
        assert all(after < before + CLOSE_PX for before, after in pairwise(left)), left
        assert len(told.live_utcs[name]) >= 8


def test_the_routes_are_drawn_without_a_tile_server(told):
    before = told.before["lines"]
    assert all(all(drawn) for drawn in before.values()), before
    assert told.tiles == 0
    served = {"/".join(url.split("/", 3)[:3]) for url in told.asked}
    assert len(served) == 1, served


def test_what_was_driven_and_what_is_still_to_come_stay_drawn(told):
    haddad_first = told.first == VAN_1_STOPS[0]
    legs = ["haddad-vogel", *(("home-haddad", "vogel-home")[:: 1 if haddad_first else -1])]
    for leg in (*legs, "home-spits"):
        assert sum(told.after["lines"][leg]) >= 10, (leg, told.after["lines"])


def test_the_console_shows_what_the_phone_did(told):
    assert "Delivered" in row_of(told.after["stops"], told.first)
    (other,) = set(VAN_1_STOPS) - {told.first}
    assert "Now" in row_of(told.after["stops"], other)
    spits = row_of(told.after["stops"], "Mo Spits")
    assert "Not delivered · nobody home" in spits
    van_1 = row_of(told.after["vehicles"], "van-1")
    assert f"1 of 2 · {other}" in van_1
    assert "Under way" in van_1
    assert "Driving back" in row_of(told.after["vehicles"], "van-2")
    assert "delivered 1" in told.after["books"]
    assert not any((*told.before["good"], *told.before["bad"]))
    assert told.after["good"] == [name == told.first for name in STOPS]
    assert told.after["bad"] == [name == "Mo Spits" for name in STOPS]


def test_a_silent_receiver_is_an_alarm_until_it_speaks(told):
    calm, alarmed, over = told.alarms
    assert calm == ["All is well."]
    assert "No position · van-2" in alarmed[0]
    assert len(over) == 1
    assert "–" in over[0]


def test_the_ledger_has_the_photo_and_the_signature_of_the_phone(told):
    (ended,) = told.ended
    assert ended.outcome is Outcome.DELIVERED
    assert ended.recipient == "A. Neighbour"
    assert ended.signature is not None
    (photo,) = ended.photos
    for named in (photo, ended.signature):
        content = told.media[named.sha256]
        assert hashlib.sha256(content).hexdigest() == named.sha256
        assert len(content) == named.size
    assert jpeg_size(told.media[photo.sha256]) == PHOTO_SIZE
    drawn = told.media[ended.signature.sha256]
    assert SIGNATURE.fullmatch(drawn)
    assert TOUCHES / 2 < drawn.count(b"L") <= TOUCHES


def test_the_evidence_verifies_in_the_console_and_by_command(told):
    assert told.console_verified.startswith("Verified"), told.console_verified
    assert "2 photos and signatures" in told.console_verified
    assert told.exits["ledger"] == 0
    assert told.verified["ledger"]["ok"], told.verified["ledger"]
    assert told.verified["ledger"]["media"] == 2
    assert {span["vehicle"] for span in told.verified["ledger"]["spans"]} == {"van-1", "van-2"}


def checked(folder, bundle) -> tuple[int, dict]:
    """Verify a bundle where there is nothing else but public keys."""
    abroad = folder / f"third-party-{bundle.stem}"
    abroad.mkdir()
    shutil.copy(folder / "keys.json", abroad)
    arguments = ("verify", str(bundle), "--keys", "keys.json", "--json")
    code, said = asyncio.run(station(*arguments, cwd=abroad))
    return code, json.loads(said)


def altered(content: bytes) -> bytes:
    """Change one byte in the middle."""
    at = len(content) // 2
    return content[:at] + bytes((content[at] ^ 1,)) + content[at + 1 :]


def test_a_third_party_verifies_the_bundle_with_public_keys_only(folder, told):
    code, answer = checked(folder, folder / "evidence.zip")
    assert (code, answer["ok"], answer["media"]) == (0, True, 2), answer
    assert answer["facts"] == told.verified["ledger"]["facts"]


def test_one_altered_byte_of_the_photo_in_the_bundle_is_named(folder, told):
    sha256 = told.ended[0].photos[0].sha256
    forged = folder / "forged.zip"
    with (
        zipfile.ZipFile(folder / "evidence.zip") as whole,
        zipfile.ZipFile(forged, "w") as copy,
    ):
        for name in whole.namelist():
            content = whole.read(name)
            copy.writestr(name, altered(content) if name == f"media/{sha256}" else content)
    code, answer = checked(folder, forged)
    assert (code, answer["ok"], answer["media"]) == (1, False, 1)
    named = [
        fault for fault in answer["faults"] if f"{sha256[:16]} was altered" in fault["what"]
    ]
    assert [fault["vehicle"] for fault in named] == ["van-1"], answer["faults"]


def test_one_altered_byte_of_the_photo_at_the_station_is_named(folder, told):
    sha256 = told.ended[0].photos[0].sha256
    forged = folder / "forged"
    shutil.copytree(folder / "station", forged)
    with closing(sqlite3.connect(forged / "data" / "station.db")) as db, db:
        changed = db.execute(
            "UPDATE media SET content = ? WHERE sha256 = ?",
            (altered(told.media[sha256]), sha256),
        )
        assert changed.rowcount == 1
    arguments = ("verify", "--config", str(forged / "station.toml"), "--json")
    code, said = asyncio.run(station(*arguments, cwd=folder))
    answer = json.loads(said)
    assert (code, answer["ok"], answer["media"]) == (1, False, 1)
    (fault,) = answer["faults"]
    assert fault["vehicle"] == "van-1"
    assert f"image/jpeg {sha256[:16]} was altered" in fault["what"]
    code, said = asyncio.run(
        station("verify", "--config", str(folder / "station" / "station.toml"), cwd=folder)
    )
    assert code == 0, said
