"""Custom resources: those that EKS Auto Mode brings, and KEDA's, read where their authors keep them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from tests.engine.programs import KARPENTER, KEDA

PATH: Final = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def karpenter() -> Iterator[dict[str, Any]]:
    """NodePool and its kin, with Karpenter's own validation."""
    yield from _read(KARPENTER.folder / "pkg" / "apis" / "crds")


def keda() -> Iterator[dict[str, Any]]:
    """ScaledObject, TriggerAuthentication and their kin; the official chart brings them by itself."""
    yield from _read(KEDA.folder / "config" / "crd" / "bases")


def node_class() -> dict[str, Any]:
    """NodeClass of EKS Auto Mode. AWS publishes no schema, so this one takes every spec:
    https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html
    """
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "nodeclasses.eks.amazonaws.com"},
        "spec": {
            "group": "eks.amazonaws.com",
            "scope": "Cluster",
            "names": {"kind": "NodeClass", "plural": "nodeclasses", "singular": "nodeclass"},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": schema},
                    "subresources": {"status": {}},
                }
            ],
        },
    }


def _read(folder: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.glob("*.yaml")):
        for document in yaml.safe_load_all(file.read_text(encoding="utf-8")):
            if document:
                yield document
