"""Damaged input by the hundred in every run, by the ten million in `make fuzz`."""

import os
import time

import pytest

from tests.fuzz.driver import FuzzedError, Parser, corpus_of, run
from tests.fuzz.parsers import PARSERS

SHORT = {"csv": 800, "xlsx": 800, "vehicle-toml": 1500, "station-toml": 1500}
SHORT |= {"conditions": 1500, "roads": 1500}
SHORT_OTHERS = 4000
LONG = int(os.environ.get("DOORSTEP_FUZZ_INPUTS", "10_000_000"))

each = pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)


@each
def test_what_is_sound_is_taken(parser):
    """Or the damage would be done to what is refused anyway."""
    corpus, try_one = corpus_of(parser), parser.make()
    taken = [try_one(content) for content in 3 * corpus]
    assert sum(taken) >= len(taken) / 20


@each
def test_damage_crashes_nothing(parser):
    told = run(parser, SHORT.get(parser.name, SHORT_OTHERS), seed=1)
    assert told.inputs == SHORT.get(parser.name, SHORT_OTHERS)


@each
@pytest.mark.fuzz
@pytest.mark.timeout(0)
def test_millions_of_damaged_inputs_crash_nothing(parser, capsys):
    told = run(parser, LONG, seed=time.time_ns())
    with capsys.disabled():
        print(f"\n{told}")


def of(try_one):
    return Parser("none", lambda: try_one, lambda: [b"sound"])


def test_a_crash_is_found_and_told_with_its_input():
    def crashes(content):
        return 1 / content.count(b"s") > 0

    with pytest.raises(FuzzedError, match="ZeroDivisionError"):
        run(of(crashes), 1000, seed=1)


def test_a_parser_that_hangs_is_found(monkeypatch):
    monkeypatch.setattr("tests.fuzz.driver.SLOWEST_S", 0.05)

    def hangs(content):
        while len(content) > 8:
            pass
        return True

    with pytest.raises(FuzzedError, match="longer than"):
        run(of(hangs), 1000, seed=1)


def test_a_parser_that_grows_is_found(monkeypatch):
    monkeypatch.setattr("tests.fuzz.driver.GROWS_AT_MOST_B", 1 << 20)
    held = []

    def grows(content):
        held.append(bytearray(b"x" * 40_000))  # more than is free in any heap
        return True

    with pytest.raises(FuzzedError, match="grows"):
        run(of(grows), 3000, seed=1)
