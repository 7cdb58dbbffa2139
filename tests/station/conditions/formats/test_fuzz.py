"""Damaged files: read or refused by name, and never anything that a vehicle would refuse."""

import time
from datetime import timedelta
from random import Random

import pytest

from edge.conditions.layers import NO_LAYERS
from edge.errors import RefusedError
from edge.messages.broker.wire import from_json, to_json
from edge.messages.conditions import Layer
from station.conditions.formats.auto import read_conditions
from station.conditions.splitting import layer_parts
from tests.station.conditions.formats.ask import NOW_UTC
from tests.station.conditions.formats.samples import CIFS_JSON, SAMPLES

SHORT, LONG = 400, 1_500_000
SLOWEST_S = 2.0
FILES = [*((kind, text) for kind, (_, text) in SAMPLES.items()), ("cifs", CIFS_JSON)]
WORDS = [
    b"null", b"-1", b"1e400", b"NaN", b"[]", b"{}", b'""', b"999999999999999999999", b"true",
    b"\xff", b"\x00", b'"2026-02-30T25:61Z"', b"[[[[", b"////", b"P9999SM", b"-180",
    b"1e-320", b'"0001-01-01T00:00:00+23:59"', b'"9999-12-31T23:59:59-23:59"', b"<a>", b",,",
]  # fmt: skip


def damaged(rng, data):
    """Return the file with up to four places changed, cut out, doubled or swapped."""
    for _ in range(rng.randrange(1, 5)):
        place = rng.randrange(len(data) + 1)
        end = min(len(data), place + rng.randrange(1, 40))
        match rng.randrange(6):
            case 0:
                data = data[:place] + bytes([rng.randrange(256)]) + data[place + 1 :]
            case 1:
                data = data[:place] + data[end:]
            case 2:
                data = data[:end] + data[place:]
            case 3:
                data = data[:place] + rng.choice(WORDS) + data[place:]
            case 4:
                data = replaced(rng, data)
            case 5:
                data = data[:place]
    return data


def replaced(rng, data):
    """Put another word in the place of a number or a quoted one, so that JSON stays JSON."""
    spots = [n for n in range(1, len(data)) if data[n - 1 : n] in b': [,"' and data[n : n + 1]]
    if not spots:
        return data
    start = rng.choice(spots)
    end = start
    while end < len(data) and data[end : end + 1] not in b",]} \n":
        end += 1
    return data[:start] + rng.choice(WORDS) + data[end:]


def try_one(kind, data, asked):
    told = ""
    try:
        _, found = read_conditions("a.file", data, asked, NOW_UTC, timedelta(hours=3))
        parts = layer_parts(f"{kind}:fuzz", 1, found)
    except RefusedError as error:
        told = str(error)
    if told:
        return False
    layers = NO_LAYERS
    for part in parts:
        wire = from_json(to_json(part), Layer)
        assert layers.refusal(wire, NOW_UTC) == ""
        layers = layers.take(wire, NOW_UTC)
    assert len(layers.parts) == len(parts)
    return True


def run(seed, count):
    rng = Random(seed)
    taken = 0
    for _ in range(count):
        kind, text = rng.choice(FILES)
        data = damaged(rng, text.encode())
        began_s = time.perf_counter()
        taken += try_one(kind, data, rng.choice([kind, "auto"]))
        assert time.perf_counter() - began_s < SLOWEST_S, data
    return taken


def test_damaged_files_are_read_or_refused():
    assert 0 < run(1, SHORT) < SHORT


@pytest.mark.fuzz
@pytest.mark.timeout(0)
def test_very_many_damaged_files_are_read_or_refused():
    assert run(2, LONG) > 0
