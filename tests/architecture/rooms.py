"""An import-linter contract: each room lists what it may import, and everything is in a room.

import-linter's own contracts say what is forbidden, so a new room would be free until someone
thought of it. Here what is not allowed is forbidden. A room is a module with all below it; the
longest name wins, so that `edge.uplink.stream` can be stricter than `edge.uplink`.
"""

from typing import TypedDict

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain.contract import InvalidContractOptions


class Breach(TypedDict):
    importer: str
    imported: str
    line: int


class RoomsContract(Contract):
    """`rooms`: lines of `room -> other.room another.room`."""

    type_name = "rooms"

    rooms = fields.ListField(subfield=fields.StringField())

    def validate(self) -> None:
        """Refuse a line that is none, and a right to import a room that does not exist."""
        errors = [f"not `room -> ...`: {line!r}" for line in self.rooms if "->" not in line]
        if not errors:
            allowed = self.allowed()
            errors = [
                f"{room} may import {other}, which is in no room"
                for room, others in allowed.items()
                for other in others
                if not any(within(named, other) or within(other, named) for named in allowed)
            ]
        if errors:
            raise InvalidContractOptions({"rooms": "; ".join(errors)})

    def allowed(self) -> dict[str, tuple[str, ...]]:
        """Return what each room may import."""
        split = (line.split("->") for line in self.rooms)
        return {room.strip(): tuple(others.split()) for room, others in split}

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Compare every import between modules of ours with the table."""
        allowed = self.allowed()
        ours = [name for name in graph.modules if not graph.is_module_squashed(name)]
        roots = {name.split(".")[0] for name in allowed}
        homeless = [
            name for name in ours if room_of(name, allowed) is None and name not in roots
        ]
        breaches = [
            Breach(
                importer=importer,
                imported=imported,
                line=graph.get_import_details(importer=importer, imported=imported)[0][
                    "line_number"
                ],
            )
            for importer in sorted(ours)
            if (room := room_of(importer, allowed)) is not None
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if imported.split(".")[0] in roots
            if not any(within(imported, other) for other in (room, *allowed[room]))
        ]
        empty = [room for room in allowed if room not in graph.modules]
        return ContractCheck(
            kept=not (homeless or breaches),
            warnings=[f"the room {room} does not exist" for room in sorted(empty)],
            metadata={"homeless": sorted(homeless), "breaches": breaches},
        )

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print each forbidden import with its line, and each module without a room."""
        for breach in check.metadata["breaches"]:
            output.print_error(
                f"{breach['importer']} may not import {breach['imported']}"
                f" (line {breach['line']})"
            )
        for name in check.metadata["homeless"]:
            output.print_error(f"{name} is in no room: add a line for it in pyproject.toml")


def room_of(module: str, allowed: dict[str, tuple[str, ...]]) -> str | None:
    """Return the room with the longest name that holds a module."""
    return max((room for room in allowed if within(module, room)), key=len, default=None)


def within(module: str, room: str) -> bool:
    """Tell whether a module is the room itself or lies below it."""
    return module == room or module.startswith(room + ".")
