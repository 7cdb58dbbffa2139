"""The generated files of docs/wire: written, or compared with what is there."""

import json
from collections.abc import Iterator
from pathlib import Path

from station.schema.messages_page import messages_page
from station.schema.schemas import Json, asyncapi, json_schemas

SCHEMAS = "schemas"


def generated() -> dict[str, str]:
    """Return the text of each file by its path below docs/wire; always the same."""
    files = {f"{SCHEMAS}/{name}.json": _text(schema) for name, schema in json_schemas().items()}
    return files | {"asyncapi.json": _text(asyncapi()), "messages.md": messages_page()}


def write(docs: Path) -> list[str]:
    """Write what differs and remove schemas of messages that are no more; return the paths."""
    changed = list(stale(docs))
    files = generated()
    for name in changed:
        path = docs / name
        if name in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[name], encoding="utf-8")
        else:
            path.unlink()
    return changed


def stale(docs: Path) -> Iterator[str]:
    """Yield the files that are not what the messages say, by their path below docs/wire."""
    files = generated()
    for name, text in files.items():
        path = docs / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            yield name
    for path in sorted((docs / SCHEMAS).glob("*.json")):
        if (name := f"{SCHEMAS}/{path.name}") not in files:
            yield name


def _text(document: Json) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
