"""The contract itself, on a house of four modules."""

import pytest
from grimp import ImportGraph
from importlinter.domain.contract import InvalidContractOptions

from tests.architecture.rooms import RoomsContract

TABLE = ["house.words ->", "house.guard -> house.words", "house.uplink.stream -> house.words"]


def check(table, *imports, modules=("house",)):
    graph = ImportGraph()
    for name in {*modules, *(name for pair in imports for name in pair)}:
        graph.add_module(name, is_squashed=name == "asyncio")
    for importer, imported in imports:
        graph.add_import(
            importer=importer, imported=imported, line_number=7, line_contents="import"
        )
    contract = RoomsContract("rooms", session_options={}, contract_options={"rooms": table})
    return contract.check(graph, verbose=False)


def test_what_is_listed_is_allowed_and_so_is_a_room_of_its_own():
    result = check(
        TABLE,
        ("house.guard.limits", "house.words.geo"),
        ("house.guard.limits", "house.guard"),
        ("house.guard.limits", "asyncio"),
    )
    assert result.kept


def test_what_is_not_listed_is_forbidden_and_named_with_its_line():
    result = check(TABLE, ("house.words", "house.guard.limits"))
    assert not result.kept
    assert result.metadata["breaches"] == [
        {"importer": "house.words", "imported": "house.guard.limits", "line": 7}
    ]


def test_a_module_in_no_room_is_named():
    result = check(TABLE, modules=("house", "house.attic"))
    assert not result.kept
    assert result.metadata["homeless"] == ["house.attic"]


def test_the_longest_name_is_the_room():
    table = [*TABLE, "house.uplink -> house.words house.guard"]
    assert check(table, ("house.uplink.live", "house.guard")).kept
    assert not check(table, ("house.uplink.stream", "house.guard")).kept
    assert not check(table, ("house.uplink.stream", "house.uplink.live")).kept


@pytest.mark.parametrize("line", ["house.attic", "house.attic -> house.cellar"])
def test_a_table_that_cannot_be_meant_is_refused(line):
    with pytest.raises(InvalidContractOptions):
        check([*TABLE, line])
