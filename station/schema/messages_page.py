"""docs/wire/messages.md: the catalog, the facts and the orders as tables for people."""

import inspect
from collections.abc import Iterable, Sequence
from typing import Any, get_args

import msgspec

from edge.messages.broker.catalog import CATALOG, MAX_PAYLOAD_B, ROOT, Row
from edge.messages.commands import AnyDriverAction, Command, Order
from edge.messages.facts import Fact, FactEvent
from edge.messages.parcels import FailureCode, Outcome

INTRODUCTION = f"""# Messages

*Made by `doorstep-station schema` from `edge/messages/`; edit there.*

Everything goes over one MQTT broker below `{ROOT}/<org>/<vehicle>/`, in payloads of at most
{MAX_PAYLOAD_B:,} bytes. What is **recorded** is numbered by (vehicle, epoch, seq), sent again
until the far side has committed it and says so in an `ack`, and counted once. A field that
this version does not know is ignored; nothing is ever renamed or used for something else.
The JSON Schema of each message is in [schemas/](schemas/), all of them together in
[asyncapi.json](asyncapi.json) (AsyncAPI 3.0).
"""


def messages_page() -> str:
    """Return the whole page."""
    parts = [
        INTRODUCTION,
        "## The catalog\n",
        _table(
            ("message", "topic", "content", "lane", "QoS", "retained", "rate", "stale after",
             "recorded", "version", "what"),
            map(_row, CATALOG),
        ),
        "\n## Facts\n",
        "Each is the `data` of a CloudEvent (`up/fact`), signed, and chained to the one before"
        " by `prevhash`.\n",
        _table(("fact", "type", "what", "fields"), map(_fact, get_args(Fact))),
        "\nThe envelope:\n",
        _fields(FactEvent),
        "\n## Orders\n",
        "Each is the `order` of a `Command` (`down/route`, `down/command`), signed by the"
        " station.\n",
        _table(("order", "what", "fields"), map(_order, get_args(Order))),
        "\nThe envelope:\n",
        _fields(Command),
        "\n## What a driver does\n",
        "Posted by the driver's page with an `action_id`; a repeat is harmless.\n",
        _table(("action", "what", "fields"), map(_order, get_args(AnyDriverAction))),
        "\n## Closed sets\n",
        _table(
            ("set", "values"),
            (
                ("outcome of a parcel", ", ".join(f"`{one.value}`" for one in Outcome)),
                ("code of an attempt", ", ".join(f"`{one.value}`" for one in FailureCode)),
            ),
        ),
    ]  # fmt: skip
    return "\n".join(parts)


def _row(row: Row) -> Sequence[str]:
    return (
        f"[`{row.name}`](schemas/{row.name}.json)",
        f"`{row.topic}`",
        row.encoding,
        row.lane,
        str(row.qos),
        "yes" if row.retained else "",
        "" if row.rate_hz is None else f"{row.rate_hz:g} Hz",
        "" if row.stale_after_s is None else f"{row.stale_after_s:g} s",
        "yes" if row.recorded else "",
        row.version,
        row.summary,
    )


def _fact(struct: Any) -> Sequence[str]:  # noqa: ANN401
    tag = struct.__struct_config__.tag
    return f"`{tag}`", f"`doorstep.{tag}.v1`", _doc(struct), _names(struct)


def _order(struct: Any) -> Sequence[str]:  # noqa: ANN401
    return f"`{struct.__struct_config__.tag}`", _doc(struct), _names(struct)


def _fields(struct: Any) -> str:  # noqa: ANN401
    schema = msgspec.json.schema(struct)["$defs"][struct.__name__]
    required = set(schema["required"])
    return _table(
        ("field", "kind", "needed"),
        (
            (f"`{name}`", _kind(field), "yes" if name in required else "")
            for name, field in schema["properties"].items()
        ),
    )


def _kind(field: dict[str, Any]) -> str:
    if "$ref" in field:
        return str(field["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in field:
        kinds = [_kind(one) for one in field["anyOf"]]
        return " or ".join(kinds) if len(kinds) < 5 else f"one of {len(kinds)} above"
    if "enum" in field:
        return " or ".join(f"`{value}`" for value in field["enum"])
    return str(field.get("format") or field.get("type") or "")


def _names(struct: Any) -> str:  # noqa: ANN401
    fields = msgspec.structs.fields(struct)
    return ", ".join(f"`{field.name}`" + ("" if field.required else "?") for field in fields)


def _doc(struct: Any) -> str:  # noqa: ANN401
    return " ".join((inspect.getdoc(struct) or "").split())


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    lines += [
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows
    ]
    return "\n".join(lines) + "\n"
