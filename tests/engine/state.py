"""What lies in the folder of the state, and what the engine recorded, in the words of `plan`."""

from __future__ import annotations

import gzip
import json
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from plan.deployment import Resource
from plan.wire import SECRET, SIGNATURE
from tests.engine.raw import Raw, differences, encoded
from tests.program.facts import minutes

INSIDE_COMPONENT = "$eks:index:Cluster$"


def files_of(backend: Path) -> list[Path]:
    """The state, its backups and its history: everything that the engine has written."""
    return sorted(path for path in backend.rglob("*") if path.is_file())


def in_clear(secrets: Collection[str], files: Iterable[Path]) -> list[str]:
    """The names of the files that hold one of the secrets."""
    found: list[str] = []
    for file in files:
        content = file.read_bytes()
        text = (gzip.decompress(content) if file.suffix == ".gz" else content).decode(errors="replace")
        if any(secret in text for secret in secrets):
            found.append(file.name)
    return found


def recorded(resource: Mapping[str, Any]) -> dict[str, Any]:
    """What the engine keeps of a resource, for a comparison with `planned`.

    Aliases, `deleteBeforeReplace` and `replaceOnChanges` are no part of it: the engine uses and forgets them.
    """
    dependencies: Mapping[str, Any] = resource.get("propertyDependencies") or {}
    timeouts: Mapping[str, float] = resource.get("customTimeouts") or {}
    provider = str(resource.get("provider", "")).rpartition("::")[0]
    return {
        "parent": resource.get("parent", ""),
        "custom": resource["custom"],
        "protect": resource.get("protect", False),
        "dependencies": _outside(resource.get("dependencies") or ()),
        "property_dependencies": {key: _outside(urns) for key, urns in dependencies.items() if urns},
        "provider": "" if "::default" in provider else provider,
        "retain_on_delete": resource.get("retainOnDelete", False),
        "deleted_with": resource.get("deletedWith", ""),
        "additional_secret_outputs": sorted(resource.get("additionalSecretOutputs") or ()),
        "ignore_changes": sorted(resource.get("ignoreChanges") or ()),
        "custom_timeouts": {key: value for key, value in timeouts.items() if value},
    }


def planned(resource: Resource) -> dict[str, Any]:
    """The same of a plan."""
    return {
        "parent": resource.parent,
        "custom": resource.custom,
        "protect": resource.protect,
        "dependencies": sorted(resource.dependencies),
        "property_dependencies": {key: sorted(urns) for key, urns in resource.property_dependencies.items()},
        "provider": resource.provider,
        "retain_on_delete": resource.retain_on_delete,
        "deleted_with": resource.deleted_with,
        "additional_secret_outputs": sorted(resource.additional_secret_outputs),
        "ignore_changes": sorted(resource.ignore_changes),
        # The engine keeps seconds.
        "custom_timeouts": {key: minutes(text) * 60 for key, text in resource.custom_timeouts.items()},
    }


def differing_inputs(resource: Mapping[str, Any], plan: Resource) -> list[str]:
    """The paths at which inputs differ, in value or in secrecy."""
    ours, engines = encoded(plan.inputs), revealed(resource.get("inputs") or {})
    if plan.type.startswith("pulumi:providers:"):
        # The SDK's version goes with the registration; the engine keeps it among the inputs.
        engines = {key: value for key, value in engines.items() if key not in {"version", "__internal"}}
    return sorted({*differences(_without_hashes(engines), ours), *(_secrets(engines) ^ _secrets(ours))})


def revealed(value: Any) -> Any:
    """As on the wire: a state's secret keeps its value as JSON in a text."""
    match value:
        case dict():
            fields = cast("Raw", value)
            if fields.get(SIGNATURE) == SECRET:
                return {SIGNATURE: SECRET, "value": revealed(json.loads(fields["plaintext"]))}
            return {key: revealed(item) for key, item in fields.items()}
        case list():
            return [revealed(item) for item in cast("list[Any]", value)]
        case _:
            return value


def _outside(urns: Iterable[str]) -> list[str]:
    """A plan sees a remote component, and nothing inside it."""
    return sorted({urn for urn in urns if INSIDE_COMPONENT not in urn})


def _without_hashes(value: Any) -> Any:
    """A plan does not read the files of its assets."""
    match value:
        case dict():
            fields = cast("Raw", value)
            drop = {"hash"} if SIGNATURE in fields else set[str]()
            return {key: _without_hashes(item) for key, item in fields.items() if key not in drop}
        case list():
            return [_without_hashes(item) for item in cast("list[Any]", value)]
        case _:
            return value


def _secrets(value: Any, path: str = "") -> set[str]:
    match value:
        case dict():
            fields = cast("Raw", value)
            if fields.get(SIGNATURE) == SECRET:
                return {path}
            return {found for key, item in fields.items() for found in _secrets(item, f"{path}.{key}")}
        case list():
            items = enumerate(cast("list[Any]", value))
            return {found for index, item in items for found in _secrets(item, f"{path}[{index}]")}
        case _:
            return set()
