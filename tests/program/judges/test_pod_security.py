"""Every control of the Pod Security Standards: one pod passes them all, and one change at a time breaks one control."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from .pod_security import Level, violations


def good_container(name: str = "main") -> dict[str, Any]:
    return {
        "name": name,
        "image": "example/image:1",
        "ports": [{"name": "http", "containerPort": 8080}],
        "livenessProbe": {"httpGet": {"path": "/", "port": 8080}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]},
            "procMount": "Default",
            "seLinuxOptions": {"type": "container_t", "level": "s0:c1"},
        },
    }


GOOD_SPEC: dict[str, Any] = {
    "securityContext": {
        "runAsNonRoot": True,
        "runAsUser": 50000,
        "seccompProfile": {"type": "RuntimeDefault"},
        "appArmorProfile": {"type": "RuntimeDefault"},
        "sysctls": [{"name": "net.ipv4.tcp_syncookies", "value": "1"}],
    },
    "containers": [good_container()],
    "initContainers": [good_container("init")],
    "ephemeralContainers": [good_container("debug")],
    "volumes": [
        {"name": "nothing"},
        {"name": "config", "configMap": {"name": "c"}},
        {"name": "csi", "csi": {"driver": "d"}},
        {"name": "downward", "downwardAPI": {"items": []}},
        {"name": "scratch", "emptyDir": {}},
        {"name": "ephemeral", "ephemeral": {}},
        {"name": "claim", "persistentVolumeClaim": {"claimName": "c"}},
        {"name": "projected", "projected": {"sources": []}},
        {"name": "secret", "secret": {"secretName": "s"}},
    ],
}


def pod(spec: dict[str, Any], annotations: dict[str, str] | None = None) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "annotations": annotations or {}},
        "spec": spec,
    }


def changed(path: str, value: Any) -> dict[str, Any]:
    """The good spec with one value at a dotted path, where a number is an index and None removes."""
    spec = copy.deepcopy(GOOD_SPEC)
    at: Any = spec
    *parents, last = path.split(".")
    for step in parents:
        at = at[int(step)] if step.isdigit() else at.setdefault(step, {})
    if value is None:
        del at[last]
    else:
        at[last] = value
    return spec


def controls(spec: dict[str, Any], level: Level = "restricted") -> set[tuple[str, str]]:
    return {(found.level, found.control) for found in violations([pod(spec)], level=level)}


def test_a_restricted_pod_has_no_violation() -> None:
    """A pod that uses everything the restricted level allows passes it, and so passes baseline."""
    assert violations([pod(GOOD_SPEC)]) == []
    assert violations([pod(GOOD_SPEC)], level="baseline") == []


BASELINE = [
    ("hostNetwork", True, "Host Namespaces"),
    ("hostPID", True, "Host Namespaces"),
    ("hostIPC", True, "Host Namespaces"),
    ("securityContext.windowsOptions", {"hostProcess": True}, "HostProcess"),
    ("securityContext.sysctls", [{"name": "kernel.msgmax", "value": "1"}], "Sysctls"),
    ("securityContext.appArmorProfile", {"type": "Unconfined"}, "AppArmor"),
    ("securityContext.seLinuxOptions", {"type": "spc_t"}, "SELinux"),
    ("securityContext.seLinuxOptions", {"user": "u"}, "SELinux"),
    ("securityContext.seLinuxOptions", {"role": "r"}, "SELinux"),
    ("securityContext.seccompProfile", {"type": "Unconfined"}, "Seccomp"),
]
BASELINE_CONTAINER = [
    ("securityContext.privileged", True, "Privileged Containers"),
    ("securityContext.procMount", "Unmasked", "/proc Mount Type"),
    ("securityContext.windowsOptions", {"hostProcess": True}, "HostProcess"),
    ("securityContext.appArmorProfile", {"type": "Unconfined"}, "AppArmor"),
    ("securityContext.seLinuxOptions", {"type": "spc_t"}, "SELinux"),
    ("securityContext.seccompProfile", {"type": "Unconfined"}, "Seccomp"),
    ("ports", [{"containerPort": 80, "hostPort": 80}], "Host Ports"),
    ("livenessProbe", {"httpGet": {"port": 80, "host": "10.0.0.1"}}, "Host Probes / Lifecycle Hooks"),
    ("readinessProbe", {"tcpSocket": {"port": 80, "host": "10.0.0.1"}}, "Host Probes / Lifecycle Hooks"),
    ("startupProbe", {"httpGet": {"port": 80, "host": "10.0.0.1"}}, "Host Probes / Lifecycle Hooks"),
    ("lifecycle", {"preStop": {"httpGet": {"port": 80, "host": "h"}}}, "Host Probes / Lifecycle Hooks"),
    ("lifecycle", {"postStart": {"tcpSocket": {"port": 80, "host": "h"}}}, "Host Probes / Lifecycle Hooks"),
]
RESTRICTED = [
    ("securityContext.runAsNonRoot", False, "Running as Non-root"),
    ("securityContext.runAsNonRoot", None, "Running as Non-root"),
    ("securityContext.runAsUser", 0, "Running as Non-root user"),
    ("securityContext.seccompProfile", None, "Seccomp"),
    ("volumes", [{"name": "v", "nfs": {"server": "s", "path": "/"}}], "Volume Types"),
    ("volumes", [{"name": "v", "image": {"reference": "r"}}], "Volume Types"),
]
RESTRICTED_CONTAINER = [
    ("securityContext", None, "Privilege Escalation"),
    ("securityContext.allowPrivilegeEscalation", True, "Privilege Escalation"),
    ("securityContext.allowPrivilegeEscalation", None, "Privilege Escalation"),
    ("securityContext.capabilities", None, "Capabilities"),
    ("securityContext.capabilities", {"drop": ["NET_RAW"]}, "Capabilities"),
    ("securityContext.capabilities", {"drop": ["ALL"], "add": ["CHOWN"]}, "Capabilities"),
    ("securityContext.runAsNonRoot", False, "Running as Non-root"),
    ("securityContext.runAsUser", 0, "Running as Non-root user"),
]
GROUPS = ("containers", "initContainers", "ephemeralContainers")


@pytest.mark.parametrize(("path", "value", "control"), BASELINE)
def test_a_pod_field_that_baseline_forbids(path: str, value: Any, control: str) -> None:
    """Each pod-wide baseline control fails both levels, and no other control speaks up at the baseline level."""
    assert controls(changed(path, value), "baseline") == {("baseline", control)}
    assert ("baseline", control) in controls(changed(path, value))


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize(("path", "value", "control"), BASELINE_CONTAINER)
def test_a_container_field_that_baseline_forbids(group: str, path: str, value: Any, control: str) -> None:
    """Each container control of baseline holds for containers of all three kinds."""
    assert controls(changed(f"{group}.0.{path}", value)) == {("baseline", control)}


@pytest.mark.parametrize(("path", "value", "control"), RESTRICTED)
def test_a_pod_field_that_restricted_forbids(path: str, value: Any, control: str) -> None:
    """Each pod-wide control of restricted fails that level only."""
    assert controls(changed(path, value)) == {("restricted", control)}
    assert controls(changed(path, value), "baseline") == set()


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize(("path", "value", "control"), RESTRICTED_CONTAINER)
def test_a_container_field_that_restricted_forbids(group: str, path: str, value: Any, control: str) -> None:
    """Each container control of restricted holds for containers of all three kinds, and fails that level only."""
    spec = changed(f"{group}.0.{path}", value)
    assert ("restricted", control) in controls(spec)
    assert controls(spec, "baseline") == set()


def test_containers_may_say_for_themselves_what_the_pod_does_not() -> None:
    """Non-root and seccomp may stand at every container instead of the pod."""
    spec = changed("securityContext", {})
    for group in GROUPS:
        spec[group][0]["securityContext"] |= {"runAsNonRoot": True, "seccompProfile": {"type": "Localhost"}}
    assert violations([pod(spec)]) == []


def test_a_host_path_fails_both_levels_and_is_told_once() -> None:
    """A field that both levels forbid is one violation, not two."""
    spec = changed("volumes", [{"name": "host", "hostPath": {"path": "/"}}])
    assert controls(spec, "baseline") == {("baseline", "HostPath Volumes")}
    assert [str(found) for found in violations([pod(spec)])] == [
        "Pod/p: spec.volumes[host]: type hostPath is forbidden (restricted: Volume Types)"
    ]


def test_a_dangerous_capability_fails_baseline() -> None:
    """Baseline forbids what lies outside the container runtime's default set."""
    add: dict[str, Any] = {"drop": ["ALL"], "add": ["SYS_ADMIN"]}
    spec = changed("containers.0.securityContext.capabilities", add)
    assert controls(spec, "baseline") == {("baseline", "Capabilities")}


@pytest.mark.parametrize(("value", "count"), [("runtime/default", 0), ("localhost/mine", 0), ("unconfined", 1)])
def test_the_old_app_armor_annotation_counts(value: str, count: int) -> None:
    """AppArmor may not be switched off by annotation either."""
    annotations = {"container.apparmor.security.beta.kubernetes.io/main": value}
    assert len(violations([pod(GOOD_SPEC, annotations)])) == count


@pytest.mark.parametrize("kind", ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob"])
def test_the_pods_of_every_workload_are_judged(kind: str) -> None:
    """A violation is found in the pod template of each kind of workload, with its path there."""
    bad = {"spec": changed("hostPID", value=True)}
    spec = {"template": bad}
    own = {"jobTemplate": {"spec": spec}} if kind == "CronJob" else spec
    manifest: dict[str, Any] = {"kind": kind, "metadata": {"name": "w"}, "spec": own}
    (found,) = violations([manifest])
    prefix = "spec.jobTemplate.spec.template" if kind == "CronJob" else "spec.template"
    assert (found.owner, found.path) == (f"{kind}/w", f"{prefix}.spec.hostPID")
