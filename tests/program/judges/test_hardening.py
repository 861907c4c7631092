"""The judge of hardening finds each fault in a pod that has no other, and none in a pod that has none."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.program.judges.hardening import Finding, findings

CONTAINER: dict[str, Any] = {
    "name": "c",
    "image": f"i@sha256:{'0' * 64}",
    "securityContext": {"readOnlyRootFilesystem": True, "runAsUser": 50000},
    "resources": {"requests": {"cpu": "1"}, "limits": {"cpu": "1", "memory": "1Gi"}},
    "livenessProbe": {"exec": {"command": ["true"]}},
    "readinessProbe": {"exec": {"command": ["true"]}},
    "env": [{"name": "A", "value": "b"}],
}


def deployment(**changes: Any) -> list[dict[str, Any]]:
    container = {**copy.deepcopy(CONTAINER), **changes}
    account = {"kind": "ServiceAccount", "metadata": {"name": "a"}, "automountServiceAccountToken": False}
    template = {"spec": {"serviceAccountName": "a", "containers": [container]}}
    return [account, {"kind": "Deployment", "metadata": {"name": "d"}, "spec": {"template": template}}]


def role(**rule: list[str]) -> list[dict[str, Any]]:
    return [
        {"kind": "ClusterRole", "metadata": {"name": "r"}, "rules": [{"apiGroups": [""], "verbs": ["get"], **rule}]}
    ]


def test_a_sound_pod_has_no_finding() -> None:
    """Read-only, pinned, limited, probed, without token and secrets."""
    assert findings(deployment()) == []
    assert findings(role(resources=["pods"])) == []


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"securityContext": {"runAsUser": 50000}}, {"writable-root"}),
        ({"securityContext": {"readOnlyRootFilesystem": True, "runAsUser": 1000}}, {"low-uid"}),
        ({"securityContext": {"readOnlyRootFilesystem": True}}, {"low-uid"}),
        ({"image": "i:1"}, {"image-without-digest", "image-not-pulled"}),
        ({"image": "i:1", "imagePullPolicy": "Always"}, {"image-without-digest"}),
        ({"resources": {"limits": {"cpu": "1", "memory": "1Gi"}}}, {"no-cpu-request"}),
        ({"resources": {"requests": {"cpu": "1"}, "limits": {"memory": "1Gi"}}}, {"no-cpu-limit"}),
        ({"resources": {"requests": {"cpu": "1"}, "limits": {"cpu": "1"}}}, {"no-memory-limit"}),
        ({"livenessProbe": None}, {"no-liveness-probe"}),
        ({"readinessProbe": {}}, {"no-readiness-probe"}),
        ({"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}, {"secret-in-environment"}),
    ],
)
def test_each_fault_of_a_container_is_found(changes: dict[str, Any], rules: set[str]) -> None:
    """One change of the sound pod, one rule that it breaks."""
    assert findings(deployment(**changes)) == sorted(Finding(rule, "Deployment/d/c") for rule in rules)


@pytest.mark.parametrize(
    ("account", "pod", "mounted"),
    [(False, None, False), (True, None, True), (None, None, True), (True, False, False), (False, True, True)],
)
def test_a_token_is_found(account: bool | None, pod: bool | None, mounted: bool) -> None:  # noqa: FBT001
    """The pod's own word wins over its account's, and without a word Kubernetes mounts one."""
    manifests = deployment()
    for holder, value in ((manifests[0], account), (manifests[1]["spec"]["template"]["spec"], pod)):
        holder["automountServiceAccountToken"] = value
    assert findings(manifests) == ([Finding("token", "Deployment/d")] if mounted else [])


def test_a_job_needs_no_probe() -> None:
    """It ends by itself, and so does an init container."""
    account, workload = deployment(livenessProbe=None, readinessProbe=None)
    assert findings([account, {**workload, "kind": "Job"}]) == []
    pod = workload["spec"]["template"]["spec"]
    pod["initContainers"] = pod.pop("containers")
    assert findings([account, workload]) == []


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ({"resources": ["*/scale"]}, "wildcard-role"),
        ({"resources": ["*"]}, "wildcard-role"),
        ({"resources": ["pods"], "verbs": ["*"]}, "wildcard-role"),
        ({"resources": ["secrets"]}, "reads-secrets"),
        ({"resources": ["validatingwebhookconfigurations"]}, "changes-admission"),
    ],
)
def test_each_fault_of_a_role_is_found(rule: dict[str, list[str]], name: str) -> None:
    """A role for everything, for secrets, or for what admission does."""
    assert findings(role(**rule)) == [Finding(name, "ClusterRole/r")]
