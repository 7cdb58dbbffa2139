"""Read a TOML file into a Struct and name every fault at once, each with its line."""

import difflib
import re
import tomllib
import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, Union, get_args, get_origin

import msgspec

T = TypeVar("T", bound=msgspec.Struct)

HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]\]?\s*(?:#.*)?$")
KEY = re.compile(r"^\s*([A-Za-z0-9_-]+)\s*=")
SYNTAX_PLACE = re.compile(r"\(at line (\d+), column \d+\)")
CLOSE_ENOUGH = 0.6  # difflib's ratio from which a misspelt key is recognised


@dataclass(frozen=True, slots=True)
class ConfigFault:
    """One thing the operator has to change."""

    line: int | None
    key: str
    """Full path, for example `vehicle[2].capacity_kg`."""
    value: str
    """As written; empty if nothing is."""
    why: str
    cure: str

    def told(self, file: str) -> str:
        """Return the fault as one line for people."""
        place = f"{file}:{self.line}" if self.line is not None else file
        value = f" = {self.value}" if self.value else ""
        cure = f" → {self.cure}" if self.cure else ""
        return f"{place}: {self.key}{value}: {self.why}{cure}"


def read_toml(
    text: str, kind: type[T], examples: Mapping[str, str]
) -> tuple[T | None, list[ConfigFault]]:
    """Return the Struct, or None and every fault.

    `examples` gives, by path without numbers (`vehicle.shift_end`), what a right value
    looks like in TOML.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = SYNTAX_PLACE.search(str(error))
        line = int(found.group(1)) if found else None
        why = f"no TOML: {SYNTAX_PLACE.sub('', str(error)).strip()}"
        return None, [ConfigFault(line, "the file", "", why, "correct the syntax first")]
    walk = _Walk(lines_of(text), examples)
    walk.struct(tables, kind, "")
    if walk.faults:
        return None, walk.faults
    try:
        return msgspec.convert(tables, kind), []
    except msgspec.ValidationError as error:
        return None, [ConfigFault(None, "the file", "", str(error), "")]


def lines_of(text: str) -> dict[str, int]:
    """Return the line of each table and each plain key, by full path."""
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := HEADER.match(line):
            table = header.group(2)
            if header.group(1) == "[[":
                counts[table] = counts.get(table, 0) + 1
                table = f"{table}[{counts[table]}]"
            lines.setdefault(table, number)
        elif key := KEY.match(line):
            lines.setdefault(f"{table}.{key.group(1)}" if table else key.group(1), number)
    return lines


class _Walk:
    """Compares tables with Structs and collects what does not fit."""

    def __init__(self, lines: Mapping[str, int], examples: Mapping[str, str]) -> None:
        self._lines = lines
        self._examples = examples
        self.faults: list[ConfigFault] = []

    def struct(self, table: object, kind: type[msgspec.Struct], path: str) -> None:
        if not isinstance(table, dict):
            self._fault(path, table, "must be a table", f"write [{path}] above its keys")
            return
        fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
        for name in table:
            if name not in fields:
                close = difflib.get_close_matches(name, fields, n=1, cutoff=CLOSE_ENOUGH)
                known = f"do you mean {close[0]}?" if close else f"known: {', '.join(fields)}"
                self._fault(_join(path, name), table[name], "unknown key", known)
        for name, field in fields.items():
            where = _join(path, name)
            if name in table:
                self._value(table[name], field.type, where)
            elif field.required:
                self._fault(where, None, "is missing", self._example(where))

    def _value(self, value: object, kind: Any, path: str) -> None:  # noqa: ANN401
        inner = _struct_in(kind)
        if inner is not None and get_origin(kind) is tuple:
            if not isinstance(value, list):
                cure = f"write [[{path}]] above each one's keys"
                self._fault(path, value, "must be a list of tables", cure)
                return
            for number, item in enumerate(value, start=1):
                self.struct(item, inner, f"{path}[{number}]")
            return
        if inner is not None:
            self.struct(value, inner, path)
            return
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            self._fault(path, value, str(error).lower(), self._example(path))

    def _example(self, path: str) -> str:
        example = self._examples.get(re.sub(r"\[\d+\]", "", path), "")
        return f"for example {example}" if example else ""

    def _fault(self, path: str, value: object, why: str, cure: str) -> None:
        line = self._lines.get(path)
        if line is None:
            line = self._lines.get(path.rsplit(".", 1)[0])
        shown = "" if value is None or isinstance(value, dict | list) else repr(value)
        self.faults.append(ConfigFault(line, path, shown, why, cure))


def _struct_in(kind: Any) -> type[msgspec.Struct] | None:  # noqa: ANN401
    """Return the Struct a field holds, alone, optionally, or in a tuple."""
    if get_origin(kind) in (Union, types.UnionType, tuple):
        return next((found for arg in get_args(kind) if (found := _struct_in(arg))), None)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    return None


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
