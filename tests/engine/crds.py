"""Custom resources: those that EKS Auto Mode brings, and KEDA's, read where their authors keep them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from tests.engine.programs import KARPENTER, KEDA

PATH: Final = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

# Upstream's, as far as a program needs it: config/crd/bases/elbv2.k8s.aws_targetgroupbindings.yaml and
# webhooks/elbv2/targetgroupbinding_validator.go (what cannot change) of
# https://github.com/kubernetes-sigs/aws-load-balancer-controller. EKS wants `targetType` and takes no name of a group:
# https://github.com/aws/containers-roadmap/issues/2621. `networking` is left out, as this program must not use it.
TARGET_GROUP_BINDING: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "required": ["serviceRef", "targetGroupARN", "targetType"],
            "properties": {
                "ipAddressType": {"type": "string", "enum": ["ipv4", "ipv6"]},
                "serviceRef": {
                    "type": "object",
                    "required": ["name", "port"],
                    "properties": {"name": {"type": "string"}, "port": {"x-kubernetes-int-or-string": True}},
                },
                "targetGroupARN": {"type": "string", "minLength": 1},
                "targetType": {"type": "string", "enum": ["instance", "ip"]},
                "vpcID": {"type": "string"},
            },
            "x-kubernetes-validations": [
                {"rule": f"self.{each} == oldSelf.{each}", "message": f"{each} is immutable"}
                for each in ("targetGroupARN", "targetType")
            ],
        },
        "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    },
}


def karpenter() -> Iterator[dict[str, Any]]:
    """NodePool and its kin, with Karpenter's own validation."""
    yield from _read(KARPENTER.folder / "pkg" / "apis" / "crds")


def keda() -> Iterator[dict[str, Any]]:
    """ScaledObject, TriggerAuthentication and their kin; the official chart brings them by itself."""
    yield from _read(KEDA.folder / "config" / "crd" / "bases")


def auto_mode() -> Iterator[dict[str, Any]]:
    """NodeClass and TargetGroupBinding of EKS Auto Mode. AWS publishes neither schema.

    So NodeClass takes every spec: https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html
    """
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    yield _of_eks("NodeClass", "Cluster", anything)
    yield _of_eks("TargetGroupBinding", "Namespaced", TARGET_GROUP_BINDING)


def _of_eks(kind: str, scope: str, schema: dict[str, Any]) -> dict[str, Any]:
    plural = {"NodeClass": "nodeclasses"}.get(kind, f"{kind.lower()}s")
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.eks.amazonaws.com"},
        "spec": {
            "group": "eks.amazonaws.com",
            "scope": scope,
            "names": {"kind": kind, "plural": plural, "singular": kind.lower()},
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
