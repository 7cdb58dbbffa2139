"""JSON Schema of each message, and one AsyncAPI 3 document of them all."""

from collections.abc import Mapping
from typing import Any

import msgspec

from edge.messages.broker.catalog import CATALOG, MAX_PAYLOAD_B, ROOT, TRACK_BATCH, Row

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ASYNCAPI_VERSION = "3.0.0"
MQTT_BINDING = "0.2.0"
INNER = {"track_batch": TRACK_BATCH}
"""Messages that travel inside another one."""
CONTENT_TYPES: Mapping[str, str] = {
    "json": "application/json",
    "cloudevents-batch+json": "application/cloudevents-batch+json",
    "msgpack": "application/msgpack",
}
PARAMETERS = {
    "org": {"description": "Whose fleet this is."},
    "vehicle": {"description": "The vehicle's name; with TLS the common name of its client."},
}

Json = dict[str, Any]


def json_schemas() -> dict[str, Json]:
    """Return the schema of every message by its name in the catalog."""
    named = {row.name: row.struct for row in CATALOG} | INNER
    versions = {row.name: row.version for row in CATALOG}
    return {
        name: _schema(name, struct, versions.get(name, "1.0")) for name, struct in named.items()
    }


def asyncapi() -> Json:
    """Return the document, seen from the vehicle: what it sends and what it receives."""
    kinds = tuple(dict.fromkeys((*(row.struct for row in CATALOG), *INNER.values())))
    schemas, components = msgspec.json.schema_components(
        kinds, ref_template="#/components/schemas/{name}"
    )
    payloads = dict(zip(kinds, schemas, strict=True))
    return {
        "asyncapi": ASYNCAPI_VERSION,
        "info": {
            "title": "doorstep",
            "version": "1.0",
            "description": (
                "What a vehicle and its station say to each other over MQTT, seen from the "
                "vehicle. Everything recorded is numbered, and acknowledged end to end only "
                "once the far side has committed it; any broker will do."
            ),
        },
        "defaultContentType": "application/json",
        "servers": {
            "broker": {
                "host": "{host}:{port}",
                "protocol": "mqtt",
                "description": "MQTT 5 or 3.1.1.",
                "variables": {
                    "host": {"default": "127.0.0.1"},
                    "port": {"default": "1883"},
                },
            }
        },
        "channels": {row.name: _channel(row) for row in CATALOG},
        "operations": {_operation_name(row): _operation(row) for row in CATALOG},
        "components": {
            "messages": {row.name: _message(row, payloads[row.struct]) for row in CATALOG},
            "schemas": dict(sorted(components.items())),
            "parameters": PARAMETERS,
        },
    }


def _schema(name: str, struct: Any, version: str) -> Json:  # noqa: ANN401
    schema = msgspec.json.schema(struct)
    defs = schema.pop("$defs", {})
    return {
        "$schema": DIALECT,
        "$id": f"urn:doorstep:{name}:{version}",
        "title": name,
        **schema,
        "$defs": dict(sorted(defs.items())),
    }


def _channel(row: Row) -> Json:
    return {
        "address": f"{ROOT}/{{org}}/{{vehicle}}/{row.topic}",
        "summary": row.summary,
        "messages": {row.name: {"$ref": f"#/components/messages/{row.name}"}},
        "parameters": {
            name: {"$ref": f"#/components/parameters/{name}"} for name in PARAMETERS
        },
    }


def _operation_name(row: Row) -> str:
    return f"{'send' if row.direction == 'up' else 'receive'}_{row.name}"


def _operation(row: Row) -> Json:
    return {
        "action": "send" if row.direction == "up" else "receive",
        "channel": {"$ref": f"#/channels/{row.name}"},
        "summary": row.summary,
        "messages": [{"$ref": f"#/channels/{row.name}/messages/{row.name}"}],
        "bindings": {
            "mqtt": {"qos": row.qos, "retain": row.retained, "bindingVersion": MQTT_BINDING}
        },
    }


def _message(row: Row, payload: Json) -> Json:
    if row.encoding == "cloudevents-batch+json":
        payload = {"type": "array", "items": payload}
    message: Json = {
        "name": row.name,
        "title": row.name,
        "summary": row.summary,
        "contentType": CONTENT_TYPES[row.encoding],
        "payload": payload,
        "x-lane": row.lane,
        "x-recorded": row.recorded,
        "x-version": row.version,
        "x-max-bytes": MAX_PAYLOAD_B,
    }
    if row.rate_hz is not None:
        message["x-rate-hz"] = row.rate_hz
    if row.stale_after_s is not None:
        message["x-stale-after-s"] = row.stale_after_s
    return message
