"""The plan as JSON, for a diff between two commits or for a policy check. The same program gives the same bytes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from plan.deployment import Deployment, Resource
from plan.price import monitoring_price
from plan.wire import Asset, Reference, Secret, Unknown, transform

SECRET_TEXT = "[secret]"
UNKNOWN_TEXT = "[unknown]"


def to_json(deployment: Deployment) -> str:
    return json.dumps(report(deployment), indent=2, ensure_ascii=False)


def report(deployment: Deployment) -> dict[str, Any]:
    """The plan with secrets and unknowns masked, and the price of monitoring.

    Files are shown by path in the project and hash of their content.
    """
    root = deployment.project_dir
    return {
        "stack": deployment.stack,
        "resources": [_entry(resource, root) for resource in deployment.resources],
        "outputs": masked(deployment.outputs, root),
        "monitoring": monitoring_price(deployment),
    }


def _entry(resource: Resource, root: Path | None) -> dict[str, Any]:
    return {
        "urn": resource.urn,
        "type": resource.type,
        "name": resource.name,
        "parent": resource.parent,
        "custom": resource.custom,
        "protect": resource.protect,
        "dependencies": list(resource.dependencies),
        "inputs": masked(resource.inputs, root),
        "secretInputs": list(resource.secret_inputs),
    }


def masked(value: Any, root: Path | None = None) -> Any:
    """The value without what JSON cannot express or a reader must not see."""

    def mask(leaf: Any) -> Any:
        match leaf:
            case Secret():
                return SECRET_TEXT
            case Unknown():
                return UNKNOWN_TEXT
            case Reference():
                return {"resource": leaf.urn}
            case Asset():
                return _asset(leaf, root)
            case _:
                return leaf

    return transform(value, mask)


def _asset(asset: Asset, root: Path | None) -> dict[str, Any]:
    shown: dict[str, Any] = {asset.kind: asset.source}
    match asset.source:
        case "file":
            path = Path(asset.value) if root is None else root / asset.value
            inside = root is not None and path.is_relative_to(root)
            shown["path"] = path.relative_to(root).as_posix() if root is not None and inside else str(asset.value)
            if path.is_file():
                shown["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
        case "remote":
            shown["uri"] = asset.value
        case source:
            shown[source] = masked(asset.value, root)
    return shown
