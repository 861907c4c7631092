"""Answers in place of the Kubernetes provider: the object as given, with a name, a namespace and a uid."""

from __future__ import annotations

import uuid
from typing import Any, Final

from plan.asked import Registration
from plan.sentinels import stable_bytes
from plan.wire import Secret, Unknown

RELEASE: Final = "kubernetes:helm.sh/v3:Release"
CLUSTER_SCOPED: Final = frozenset(
    {
        "APIService",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "IngressClass",
        "IngressClassParams",
        "Namespace",
        "NodeClass",
        "NodePool",
        "PersistentVolume",
        "PriorityClass",
        "RuntimeClass",
        "StorageClass",
    }
)


def answer(args: Registration) -> tuple[str, dict[str, Any]]:
    """The id, as `namespace/name`, and the object's own metadata."""
    if args.typ == RELEASE:
        return _release(args)
    metadata = _metadata(args)
    identifier = "/".join(metadata[key] for key in ("namespace", "name") if key in metadata)
    return identifier, {"metadata": metadata | {"uid": str(uuid.UUID(bytes=stable_bytes(args.urn, 16)))}}


def preview(args: Registration) -> dict[str, Any]:
    """The metadata, which is known in a preview: this provider chooses names before it creates anything."""
    if args.typ == RELEASE or isinstance(args.inputs.get("metadata"), Unknown | Secret):
        return {}
    return {"metadata": _metadata(args)}


def _metadata(args: Registration) -> dict[str, Any]:
    # https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/autonaming/: eight hex digits
    given: dict[str, Any] = args.inputs.get("metadata") or {}
    metadata = {"name": f"{args.name}-{_suffix(args.urn)}", **given}
    return metadata if args.typ.rpartition(":")[2] in CLUSTER_SCOPED else {"namespace": "default", **metadata}


def _release(args: Registration) -> tuple[str, dict[str, Any]]:
    name = args.text("name", default=f"{args.name}-{_suffix(args.urn)}")
    namespace = args.text("namespace", default="default")
    status = {
        "name": name,
        "namespace": namespace,
        "chart": args.text("chart"),
        "version": args.text("version"),
        "revision": 1,
        "status": "deployed",
    }
    return f"{namespace}/{name}", {"name": name, "namespace": namespace, "status": status}


def _suffix(urn: str) -> str:
    return stable_bytes(f"name {urn}", 4).hex()
