"""A scenario written as the TOML that `doorstep-sim run FILE` reads: only what is not usual."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from sim.scenario import Scenario


def to_toml(scenario: Scenario, *, remarks: tuple[str, ...] = ()) -> str:
    """Return the text of a scenario file; `remarks` stand above it."""
    usual = msgspec.to_builtins(Scenario(name=""))
    lines = [f"# {remark}" for remark in remarks]
    tables: list[str] = []
    for key, value in msgspec.to_builtins(scenario).items():
        if value is None or value == usual.get(key):
            continue
        if isinstance(value, dict):
            tables += ["", f"[{key}]", *_pairs(value, usual.get(key) or {})]
        elif isinstance(value, list | tuple):
            for each in value:
                tables += ["", f"[[{key}]]", *_pairs(each, {})]
        else:
            lines.append(f"{key} = {_value(value)}")
    return "\n".join((*lines, *tables, ""))


def _pairs(table: dict[str, Any], usual: dict[str, Any]) -> Iterator[str]:
    for key, value in table.items():
        if value is not None and (key not in usual or value != usual[key]):
            yield f"{key} = {_value(value)}"


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case list() | tuple():
            return f"[{', '.join(map(_value, value))}]"
        case dict():
            pairs = (
                f"{key} = {_value(each)}" for key, each in value.items() if each is not None
            )
            return f"{{ {', '.join(pairs)} }}"
    raise TypeError(f"{type(value).__name__} has no TOML here")
