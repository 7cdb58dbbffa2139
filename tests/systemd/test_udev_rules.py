"""The udev rules are well formed: udev itself would skip a bad line and say so to no one."""

import re
from pathlib import Path

import pytest

RULES = Path(__file__).parents[2] / "systemd" / "99-doorstep.rules"

MATCHES = {"ACTION", "SUBSYSTEM", "ATTR", "ATTRS", "ENV"}
PART = re.compile(r'^([A-Z]+)(?:\{(\w+)\})?(==|!=|\+=|=)"([^"]*)"$')


def lines():
    text = RULES.read_text().replace("\\\n", "")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def parts(line):
    found = [PART.match(part.strip()) for part in line.split(", ")]
    assert all(found), line
    return [match.groups() for match in found]


@pytest.mark.parametrize("line", lines())
def test_every_line_is_matches_then_actions(line):
    kinds = [
        "match" if operator in ("==", "!=") else "act" for _, _, operator, _ in parts(line)
    ]
    assert kinds == sorted(kinds, reverse=True)
    assert "act" in kinds
    for key, _, operator, _ in parts(line):
        if operator in ("==", "!="):
            assert key in MATCHES, line


def test_every_jump_goes_forward_to_a_label():
    table = [{key: value for key, _, _, value in parts(line)} for line in lines()]
    labels = {row["LABEL"]: at for at, row in enumerate(table) if "LABEL" in row}
    for at, row in enumerate(table):
        if "GOTO" in row:
            assert labels[row["GOTO"]] > at


def test_every_vendor_with_a_name_is_kept_from_modemmanager():
    named, ignored = set(), set()
    for line in lines():
        row = {(key, name): value for key, name, _, value in parts(line)}
        if ("ENV", "DOORSTEP") in row and ("ATTRS", "idVendor") in row:
            named.add(row["ATTRS", "idVendor"])
        if ("ENV", "ID_MM_DEVICE_IGNORE") in row:
            ignored.update(row["ATTR", "idVendor"].split("|"))
    assert named == ignored
    assert len(named) >= 9


def test_the_names_the_documents_use_are_given():
    text = RULES.read_text()
    for name in (
        "doorstep/gnss",
        "doorstep/autopilot",
        "doorstep/serial-$env{ID_SERIAL_SHORT}",
    ):
        assert f'SYMLINK+="{name}' in text
    assert 'TAG+="systemd"' in text
