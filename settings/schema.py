"""Writes what editors and the Pulumi CLI know of the settings, from the models: `make schema`.

`settings.schema.json` describes a whole stack file; the `config:` part of `Pulumi.yaml` its keys.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import yaml

from settings.explain import plain
from settings.stack import AwsSettings, StackSettings
from settings.stack_name import PROJECT

SCHEMA_FILE = Path("settings.schema.json")
PROJECT_FILE = Path("Pulumi.yaml")
CONFIG_MARK = "\n# From the settings' docstrings, by `make schema`.\nconfig:\n"


def stack_file_schema() -> str:
    """JSON schema of `Pulumi.<stack>.yaml`."""
    own = _schema(StackSettings)
    provider = _schema(AwsSettings)
    properties = {f"{PROJECT}:{key}": value for key, value in own["properties"].items()}
    properties |= {f"aws:{key}": value for key, value in provider["properties"].items()}
    properties["aws:defaultTags"] = {"type": "object", "description": "Tags of every AWS resource."}
    required = [f"{PROJECT}:{key}" for key in own["required"]] + [f"aws:{key}" for key in provider["required"]]
    others: dict[str, Any] = {"^(?!alisio:)": {}}
    ours: dict[str, Any] = {
        "type": "object",
        "properties": properties,
        "required": required,
        "patternProperties": others,
    }
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A stack of Alísio",
        "type": "object",
        "properties": {"config": {**ours, "additionalProperties": False}},
        "required": ["config"],
        "$defs": own["$defs"],
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def project_file(current: str) -> str:
    """`Pulumi.yaml` with a new `config:` part."""
    config = {key: _pulumi_type(value) for key, value in _schema(StackSettings)["properties"].items()}
    listed = yaml.safe_dump({"config": config}, sort_keys=False, width=110, allow_unicode=True)
    head = current.partition(CONFIG_MARK)[0].rstrip()
    return head + CONFIG_MARK + listed.removeprefix("config:\n")


def _schema(model: type[StackSettings] | type[AwsSettings]) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True)
    return _plain_descriptions({"$defs": {}, "required": [], **schema})


def _plain_descriptions(node: Any) -> Any:
    """The schema with one-line descriptions, and without pydantic's titles, which only repeat the names."""
    if isinstance(node, list):
        return [_plain_descriptions(item) for item in cast("list[Any]", node)]
    if not isinstance(node, dict):
        return node
    kept = {
        key: value
        for key, value in cast("dict[str, Any]", node).items()
        if not (key == "title" and isinstance(value, str))
    }
    return {
        key: plain(value) if key == "description" and isinstance(value, str) else _plain_descriptions(value)
        for key, value in kept.items()
    }


def _pulumi_type(schema: dict[str, Any]) -> dict[str, Any]:
    """A setting in the schema language of the Pulumi CLI, which knows less than JSON schema."""
    # What may be missing is of a kind or null.
    kind = schema.get("type") or next((each["type"] for each in schema.get("anyOf", ()) if "type" in each), "object")
    items = {"items": {"type": "string"}} if kind == "array" else {}
    declared: dict[str, Any] = {"type": kind, **items, "description": schema["description"]}
    # The CLI requires a key without a default of every stack (pulumi/pulumi 21797). The default of a map is empty.
    if "default" in schema:
        empty: dict[str, Any] = {"object": {}, "string": schema["default"] or ""}
        declared["default"] = empty.get(kind, schema["default"])
    return declared


def main() -> None:
    """Write both files."""
    SCHEMA_FILE.write_text(stack_file_schema())
    PROJECT_FILE.write_text(project_file(PROJECT_FILE.read_text()))


if __name__ == "__main__":
    main()
