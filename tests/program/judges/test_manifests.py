"""Validation of manifests, and the index of what pods refer to."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from .manifests import Reference, dangling, pod_templates, pods_by_label, references, validate

DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "worker", "namespace": "airflow"},
    "spec": {
        "selector": {"matchLabels": {"component": "worker"}},
        "template": {
            "metadata": {"labels": {"component": "worker"}},
            "spec": {
                "serviceAccountName": "worker",
                "imagePullSecrets": [{"name": "pull"}],
                "containers": [
                    {
                        "name": "worker",
                        "image": "i",
                        "ports": [{"name": "logs", "containerPort": 8793}, {"containerPort": 1, "protocol": "UDP"}],
                        "envFrom": [
                            {"secretRef": {"name": "all"}},
                            {"configMapRef": {"name": "maybe", "optional": True}},
                        ],
                        "env": [
                            {"name": "PLAIN", "value": "x"},
                            {"name": "A", "valueFrom": {"secretKeyRef": {"name": "broker", "key": "connection"}}},
                            {"name": "B", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "b"}}},
                        ],
                    }
                ],
                "initContainers": [
                    {
                        "name": "wait",
                        "image": "i",
                        "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "init", "key": "k"}}}],
                    }
                ],
                "volumes": [
                    {"name": "ca", "configMap": {"name": "rds-ca"}},
                    {"name": "tls", "secret": {"secretName": "tls"}},
                    {"name": "both", "projected": {"sources": [{"secret": {"name": "token"}}]}},
                ],
            },
        },
    },
}


def without(*path: str) -> dict[str, Any]:
    manifest = copy.deepcopy(DEPLOYMENT)
    at = manifest
    for step in path[:-1]:
        at = at[step]
    del at[path[-1]]
    return manifest


def test_a_valid_manifest_has_no_error() -> None:
    """The API's own schema accepts a complete deployment."""
    verdict = validate([DEPLOYMENT])
    assert verdict.errors == []
    assert verdict.skipped == {}


def test_errors_name_object_and_path() -> None:
    """A missing and an unknown field are both errors, each with its object and path."""
    misspelt = copy.deepcopy(DEPLOYMENT)
    misspelt["spec"]["template"]["spec"]["containers"][0]["imagePullPolice"] = "Always"
    first, second = validate([without("spec", "selector"), misspelt]).errors
    assert first == "Deployment/worker: spec: 'selector' is a required property"
    assert second.startswith("Deployment/worker: spec.template.spec.containers.0: ")
    assert "imagePullPolice" in second


@pytest.mark.parametrize(("api", "kind"), [("apps/v1", "Deploymnet"), ("apps/v9", "Deployment"), ("kda.sh/v1", "X")])
def test_an_unknown_kind_is_an_error(api: str, kind: str) -> None:
    """Only custom resources of known groups are skipped: a misspelt kind, version or group is an error."""
    verdict = validate([{"apiVersion": api, "kind": kind, "metadata": {"name": "x"}}])
    assert verdict.errors == [f"{kind}/x: Kubernetes 1.33 has no kind {kind} in {api}"]


def test_custom_resources_are_skipped_with_a_reason() -> None:
    """What no schema at hand can judge is listed, not silently passed."""
    scaled = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {"name": "w"}}
    verdict = validate([scaled, {"metadata": {"name": "y"}}])
    assert list(verdict.skipped) == ["ScaledObject/w"]
    assert verdict.errors == ["?/y: apiVersion and kind are required"]


def test_pods_are_found_by_component() -> None:
    """A workload's pod carries its namespace, labels, ports and service account."""
    (pod,) = pods_by_label(pod_templates([DEPLOYMENT, {"kind": "Service", "metadata": {"name": "s"}}]))["worker"]
    assert (pod.owner, pod.namespace, pod.service_account) == ("Deployment/worker", "airflow", "worker")
    assert pod.named_ports() == {"logs": (8793, "TCP")}


def test_every_reference_of_a_pod_is_found() -> None:
    """Environment, whole-object environment, volumes, projected volumes, init containers and pull secrets all count."""
    (pod,) = pod_templates([DEPLOYMENT])
    found = {(item.kind, item.name, item.key, item.optional) for item in references(pod)}
    assert found == {
        ("Secret", "all", None, False),
        ("ConfigMap", "maybe", None, True),
        ("Secret", "broker", "connection", False),
        ("ConfigMap", "settings", "b", False),
        ("Secret", "init", "k", False),
        ("ConfigMap", "rds-ca", None, False),
        ("Secret", "tls", None, False),
        ("Secret", "token", None, False),
        ("Secret", "pull", None, True),
    }
    reference = Reference(kind="Secret", name="broker", key="connection", optional=False, path="")
    assert reference in references(pod), "where it is mentioned does not count"


def test_what_nobody_provides_is_dangling() -> None:
    """A service account, Secret or ConfigMap that is neither rendered nor given is reported; optional ones are not."""
    own = {"kind": "ConfigMap", "metadata": {"name": "settings"}}
    given = {"secrets": ["all", "broker", "init", "tls"], "config_maps": ["rds-ca"]}
    assert dangling([DEPLOYMENT, own], **given) == [
        "Deployment/worker: spec.template.spec.serviceAccountName: no ServiceAccount worker",
        "Deployment/worker: spec.template.spec.volumes[both]: no Secret token",
    ]
    account = {"kind": "ServiceAccount", "metadata": {"name": "worker"}}
    given["secrets"].append("token")
    assert dangling([DEPLOYMENT, own, account], **given) == []
