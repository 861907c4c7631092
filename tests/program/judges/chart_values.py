"""Judges values of the Airflow chart by the table of its keys, and by Kubernetes's own types."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Any, cast

import jsonschema
import kubernetes_validate as kubernetes  # pyright: ignore[reportMissingTypeStubs]
from referencing import Registry, Resource

from .chart_keys import KUBERNETES, Key, read
from .manifests import KUBERNETES_VERSION

SAME_KEYS = {"workers.celery.sets[]": "workers.celery"}
"""A worker set overrides what stands under `workers.celery`; the chart's own schema accepts anything there."""
TYPES = "https://kubernetes.io/api/_definitions.json"


def problems(values: dict[str, Any], keys: Iterable[Key] | None = None) -> list[str]:
    """Each key that the chart does not know, and each value that it does not accept, with its path.

    The chart's own schema accepts any key at the top, under `workers.celery` and in worker sets, where a misspelt key
    is ignored without a word: here it is a problem everywhere. Helm drops keys whose value is null, and so does this.
    """
    validator = _validator_of_table() if keys is None else _validator(keys)
    found = [
        (".".join(str(step) for step in error.absolute_path) or "(root)", str(error.message))
        for error in validator.iter_errors(_without_nulls(values))
    ]
    return [f"{path}: {message}" for path, message in sorted(found)]


@cache
def _validator_of_table() -> Any:
    return _validator([*read(), *_verbatim()])


def _verbatim() -> Iterable[Key]:
    """What the templates hand on to Kubernetes word for word, although the chart's schema does not list it."""
    policies = json.dumps({"enum": ["IfHealthyBudget", "AlwaysAllow"]})
    for key in read():
        if key.path.endswith(".podDisruptionBudget.config"):
            yield Key(
                f"{key.path}.unhealthyPodEvictionPolicy", types="string", required="", limits=policies, default=""
            )


def _validator(keys: Iterable[Key]) -> Any:
    return jsonschema.Draft202012Validator(schema_of(keys), registry=_kubernetes_types())


def schema_of(keys: Iterable[Key]) -> dict[str, Any]:
    """The table as a JSON schema, in which a node with known keys has no others."""
    nodes: dict[str, dict[str, Any]] = {"": {"type": "object"}}
    for key in keys:
        parent, name = _split(key.path)
        nodes[key.path] = node = _node(key)
        match name:
            case "[]":
                nodes[parent]["items"] = node
            case "*":
                nodes[parent]["additionalProperties"] = node
            case _:
                nodes[parent].setdefault("properties", {})[name] = node
                nodes[parent].setdefault("additionalProperties", False)
                if key.required:
                    nodes[parent].setdefault("required", []).append(name)
    for path, other in SAME_KEYS.items():
        if path in nodes and other in nodes:
            properties = {**nodes[other]["properties"], "name": {"type": "string"}}
            nodes[path].update(properties=properties, additionalProperties=False)
    return nodes[""]


def _node(key: Key) -> dict[str, Any]:
    types = [each for each in key.types.split("|") if each]
    if types and types[0].startswith(KUBERNETES):
        reference = {"$ref": f"{TYPES}#/$defs/{types[0]}"}
        return {"anyOf": [reference, {"type": "null"}]} if "null" in types else reference
    limits: dict[str, Any] = json.loads(key.limits) if key.limits else {}
    return limits | ({"type": types} if types else {})


def _split(path: str) -> tuple[str, str]:
    """What holds a key, and its own name there."""
    if path.endswith("[]"):
        return path[:-2], "[]"
    parent, _, name = path.rpartition(".")
    return parent, name


@cache
def _kubernetes_types() -> Registry[Any]:
    folder = f"kubernetes-json-schema/v{KUBERNETES_VERSION}.0-local-strict"
    types = kubernetes.utils.schema_contents(f"{folder}/_definitions.json", KUBERNETES_VERSION)
    empty: Registry[Any] = Registry()
    return empty.with_resource(TYPES, Resource.from_contents(types))


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {key: _without_nulls(inner) for key, inner in items if inner is not None}
    if isinstance(value, list):
        return [_without_nulls(inner) for inner in cast("list[Any]", value)]
    return value
