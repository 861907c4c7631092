"""What the official Airflow chart accepts as values: a table of facts, so that no test needs the chart for it.

The table is made from a chart's folder: python -m tests.program.judges.chart_keys CHART_FOLDER
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any, cast

import yaml

from .plain import items, mapping

TABLE = Path(__file__).with_name("airflow_chart_keys.tsv")
LIMITS = ("enum", "minimum", "maximum", "pattern")
KUBERNETES = "io.k8s."
LONGEST_DEFAULT = 60


@dataclass(frozen=True)
class Key:
    """One line of the table."""

    path: str
    """`[]` stands for each item of a list, `*` for each key of a map."""
    types: str
    """JSON types, or the name of a type of the Kubernetes API. Empty: anything."""
    required: str
    """`yes` where whatever holds this key must have it."""
    limits: str
    """What the value must be, as JSON; empty if only the type counts."""
    default: str
    """The chart's own, as JSON; `...` stands for a long one. Empty: none, or null, or that of what it holds."""


def head(version: str) -> str:
    return f"# Airflow's Helm chart {version} (airflow.apache.org): what its values.schema.json and values.yaml say"


def read(table: Path = TABLE) -> list[Key]:
    with table.open(encoding="utf-8", newline="") as lines:
        next(lines)
        return [Key(**row) for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]


def text(version: str, keys: Iterable[Key]) -> str:
    """The table as it stands in its file."""
    rows = [[field.name for field in fields(Key)], *(astuple(key) for key in keys)]
    return "\n".join([head(version), *("\t".join(row) for row in rows), ""])


def of_chart(folder: Path) -> str:
    """The table of a chart."""
    version = yaml.safe_load((folder / "Chart.yaml").read_text(encoding="utf-8"))["version"]
    schema = json.loads((folder / "values.schema.json").read_text(encoding="utf-8"))
    values = yaml.safe_load((folder / "values.yaml").read_text(encoding="utf-8"))
    return text(version, sorted(_keys(schema, values, schema["definitions"]), key=lambda key: key.path))


def _keys(node: dict[str, Any], values: Any, definitions: dict[str, Any], *, prefix: str = "") -> Iterator[Key]:
    """The lines for what a node of the chart's schema holds."""
    known: dict[str, Any] = mapping(node, "properties")
    defaults = cast("dict[str, Any]", values) if isinstance(values, dict) else {}
    required: list[str] = items(node, "required")
    for name in {**known, **({} if "*" in _inner(node) else defaults)}:
        path = f"{prefix}.{name}" if prefix else name
        yield from _key(path, known.get(name, {}), defaults.get(name), definitions, required=name in required)
    for sign, inner in _inner(node).items():
        yield from _key(f"{prefix}.*" if sign == "*" else f"{prefix}[]", inner, None, definitions)


def _key(
    path: str, schema: dict[str, Any], default: Any, definitions: dict[str, Any], *, required: bool = False
) -> Iterator[Key]:
    node = _resolved(schema, definitions)
    types = [node["kubernetes"]] if "kubernetes" in node else _as_list(node.get("type"))
    if "kubernetes" in node and "null" in _as_list(schema.get("type")):
        types.append("null")
    limits = {name: node[name] for name in LIMITS if name in node}
    deeper = list(_keys(node, default, definitions, prefix=path))
    yield Key(
        path=path,
        types="|".join(sorted(types, key=lambda each: (each == "null", each))),
        required="yes" if required else "",
        limits=_json(limits) if limits else "",
        default="" if deeper and isinstance(default, dict) else _short(default),
    )
    yield from deeper


def _inner(node: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What the keys of a map, or the items of a list, are."""
    found = {"*": node.get("additionalProperties"), "[]": node.get("items")}
    return {sign: cast("dict[str, Any]", inner) for sign, inner in found.items() if isinstance(inner, dict) and inner}


def _resolved(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A node without references; alternatives become one node that has what any of them has."""
    if reference := schema.get("$ref"):
        name = str(reference).rpartition("/")[2]
        if name.startswith(KUBERNETES):
            return {"kubernetes": name}
        return {**definitions[name], **{key: value for key, value in schema.items() if key != "$ref"}}
    merged = dict(schema)
    for choice in (*items(schema, "oneOf"), *items(schema, "anyOf")):
        node = _resolved(choice, definitions)
        if "kubernetes" in node:
            node = {"type": ["object"]}
        merged["type"] = sorted({*_as_list(merged.get("type")), *_as_list(node.get("type"))})
        merged["properties"] = {**mapping(merged, "properties"), **mapping(node, "properties")}
    return merged


def _as_list(value: Any) -> list[str]:
    if isinstance(value, list):
        return cast("list[str]", value)
    return [] if value is None else [str(value)]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _short(default: Any) -> str:
    written = "" if default is None else _json(default)
    return written if len(written) <= LONGEST_DEFAULT else "..."


def main(folder: str) -> None:
    TABLE.write_text(of_chart(Path(folder)), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
