"""A TOML file read against a msgspec Struct, with every fault named at once.

Each fault names file, line, key, value, what is wrong and how to cure it, because an
operator who mends one fault at a time on a roof in the rain deserves better.
"""

import difflib
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from edge.errors import ConfigError

T = TypeVar("T", bound=msgspec.Struct)


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every table of a file: an unknown key is an error, not a silence."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a file."""

    file: str
    line: int
    """1-based; 0 if it belongs to no line."""
    key: str
    value: str
    what: str
    cure: str

    def __str__(self) -> str:
        """Return one line for a terminal."""
        shown = f" = {self.value}" if self.value else ""
        return f"{self.file}:{self.line}: {self.key}{shown}: {self.what}. {self.cure}"


class FaultyFileError(ConfigError):
    """The file cannot be used; `faults` lists everything wrong with it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


def read_toml(path: Path, kind: type[T]) -> T:
    """Read a file as `kind`. Raises FaultyFileError."""
    name = str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        cure = "Create it, or name another file."
        raise FaultyFileError([Fault(name, 0, "file", "", str(error), cure)]) from error
    except UnicodeDecodeError as error:
        cure = "Save the file as UTF-8."
        raise FaultyFileError([Fault(name, 0, "file", "", "is not UTF-8", cure)]) from error
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FaultyFileError([_syntax(name, text, error)]) from error
    lines = _Lines(text)
    faults = list(_faults(content, kind, "", name, lines))
    if faults:
        raise FaultyFileError(sorted(faults, key=lambda fault: fault.line))
    return msgspec.convert(content, kind)


def fault_at(path: Path, key: str, value: object, what: str, cure: str) -> Fault:
    """Return a fault of a value that reads well but cannot be right (a missing file, say)."""
    line = _Lines(path.read_text(encoding="utf-8")).of(key)
    return Fault(str(path), line, key, _shown(value), what, cure)


def _syntax(name: str, text: str, error: tomllib.TOMLDecodeError) -> Fault:
    found = re.search(r"line (\d+)", str(error))
    line = int(found.group(1)) if found else text.count("\n") + 1
    said = text.splitlines()[line - 1].strip() if line <= len(text.splitlines()) else ""
    what = re.sub(r" \(at .*\)$", "", str(error))
    cure = "Correct this line; strings stand in double quotes."
    return Fault(name, line, "TOML", said, what[:1].lower() + what[1:], cure)


def _faults(
    content: dict[str, Any], kind: type[msgspec.Struct], prefix: str, name: str, lines: "_Lines"
) -> Iterator[Fault]:
    """Yield everything wrong in one table, its sub-tables included."""
    hints = get_type_hints(kind, include_extras=True)
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for key, value in content.items():
        dotted = f"{prefix}{key}"
        if key == kind.__struct_config__.tag_field:
            continue
        if key not in fields:
            near = difflib.get_close_matches(key, fields, n=1)
            cure = f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(fields)}."
            yield Fault(name, lines.of(dotted), dotted, _shown(value), "is not known", cure)
            continue
        wanted = hints[fields[key].name]
        table, item = _table_of(wanted), _table_item_of(wanted)
        if item is not None and isinstance(value, dict):
            cure = f"Write [[{dotted}]], in two brackets, above each one."
            yield Fault(name, lines.of(dotted), dotted, "", "can be there several times", cure)
        elif table is not None and isinstance(value, dict):
            yield from _faults(value, table, f"{dotted}.", name, lines)
        elif item is not None and isinstance(value, list) and value:
            for index, element in enumerate(value):
                here = f"{dotted}[{index}]"
                if isinstance(element, dict):
                    yield from _item_faults(element, wanted, item, here, name, lines)
                else:
                    cure = f"Write [[{dotted}]] tables."
                    yield Fault(
                        name, lines.of(here), here, _shown(element), "is no table", cure
                    )
        else:
            yield from _value_faults(value, wanted, dotted, name, lines)
    for field in fields.values():
        if field.required and field.encode_name not in content:
            dotted = f"{prefix}{field.encode_name}"
            is_table = _table_of(hints[field.name]) is not None
            cure = f"Add [{dotted}]." if is_table else f"Add {field.encode_name} = …"
            where = lines.of(prefix.rstrip("."))
            yield Fault(name, where, dotted, "", "is missing", cure)


def _item_faults(
    content: dict[str, Any],
    wanted: Any,  # noqa: ANN401
    item: type[msgspec.Struct],
    here: str,
    name: str,
    lines: "_Lines",
) -> Iterator[Fault]:
    """Yield everything wrong in one of several tables, which may say of which kind it is."""
    field = item.__struct_config__.tag_field
    if field is None:
        yield from _faults(content, item, f"{here}.", name, lines)
        return
    kinds = {kind.__struct_config__.tag: kind for kind in _tables_in(wanted)}
    said = content.get(field)
    if said in kinds:
        yield from _faults(content, kinds[said], f"{here}.", name, lines)
        return
    near = difflib.get_close_matches(str(said), map(str, kinds), n=1)
    cure = f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(map(str, kinds))}."
    what = "is missing" if said is None else "is not known"
    dotted = f"{here}.{field}"
    yield Fault(
        name, lines.of(here if said is None else dotted), dotted, _shown(said), what, cure
    )


def _value_faults(
    value: object,
    wanted: Any,  # noqa: ANN401
    dotted: str,
    name: str,
    lines: "_Lines",
) -> Iterator[Fault]:
    try:
        msgspec.convert(value, wanted)
    except msgspec.ValidationError as error:
        what = re.sub(r" - at `.*`$", "", str(error))
        what = what[:1].lower() + what[1:]
        yield Fault(name, lines.of(dotted), dotted, _shown(value), what, _cure(wanted, what))


def _cure(wanted: Any, what: str) -> str:  # noqa: ANN401
    literals = _literals(wanted)
    if literals:
        return f"Choose one of: {', '.join(map(str, literals))}."
    if example := _example(wanted):
        return f"For example: {example}"
    if "regex" in what:
        return "Use letters, digits, - and _ only."
    if re.search(r"[<>]=? ", what):
        return "Correct the value."
    if what.startswith("expected `str`"):
        return "Put the value in double quotes."
    if what.startswith(("expected `int`", "expected `float`")):
        return "Write a number without quotes."
    if what.startswith("expected `bool`"):
        return "Write true or false."
    return "Correct the value."


def _example(wanted: Any) -> str:  # noqa: ANN401
    """Return what the type, or what a list of it holds, gives as an example."""
    for part in get_args(wanted):
        if isinstance(part, msgspec.Meta) and part.examples:
            return str(part.examples[0])
        if found := _example(part):
            return found
    return ""


def _literals(wanted: Any) -> tuple[Any, ...]:  # noqa: ANN401
    if str(get_origin(wanted)) == "typing.Literal":
        return get_args(wanted)
    return tuple(found for part in get_args(wanted) for found in _literals(part))


def _table_of(wanted: Any) -> type[msgspec.Struct] | None:  # noqa: ANN401
    """Return the Struct a key stands for, also if it is optional."""
    for part in (wanted, *get_args(wanted)):
        if isinstance(part, type) and issubclass(part, msgspec.Struct):
            return part
    return None


def _tables_in(wanted: Any) -> Iterator[type[msgspec.Struct]]:  # noqa: ANN401
    """Yield the Structs of which an array of tables may hold several kinds."""
    for part in (wanted, *get_args(wanted)):
        if isinstance(part, type) and issubclass(part, msgspec.Struct):
            yield part
        elif part is not wanted:
            yield from _tables_in(part)


def _table_item_of(wanted: Any) -> type[msgspec.Struct] | None:  # noqa: ANN401
    """Return the Struct of an array of tables."""
    if get_origin(wanted) in (tuple, list):
        return _table_of(get_args(wanted)[0])
    for part in get_args(wanted):
        found = _table_item_of(part)
        if found is not None:
            return found
    return None


def _shown(value: object) -> str:
    if value is None:
        return ""
    text = repr(value) if not isinstance(value, str) else f'"{value}"'
    return text if len(text) <= 60 else text[:57] + "…"


class _Lines:
    """Finds the line of a dotted key in the text; tomllib does not tell."""

    def __init__(self, text: str) -> None:
        self._at: dict[str, int] = {}
        table, counts = "", {"": 0}
        for number, line in enumerate(text.splitlines(), start=1):
            header = re.match(r"\s*(\[{1,2})\s*([^\[\]]+?)\s*\]{1,2}\s*(#.*)?$", line)
            if header:
                table = header.group(2).replace('"', "")
                if header.group(1) == "[[":
                    index = counts.get(table, 0)
                    counts[table] = index + 1
                    table = f"{table}[{index}]"
                self._at.setdefault(table, number)
                continue
            key = re.match(r"""\s*["']?([A-Za-z0-9_.-]+)["']?\s*=""", line)
            if key:
                self._at.setdefault(
                    f"{table}.{key.group(1)}" if table else key.group(1), number
                )

    def of(self, dotted: str) -> int:
        """Return the line of a key, or of the nearest table around it; 0 if there is none."""
        while dotted:
            if dotted in self._at:
                return self._at[dotted]
            dotted = dotted.rpartition(".")[0]
        return 0
