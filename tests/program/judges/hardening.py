"""What scanners of manifests, such as kube-linter and Checkov, find beyond the Pod Security Standards.

Each rule has a name of our own; docs/accepted-findings.md says for which containers a finding stays, and why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .manifests import Manifest, PodTemplate, by_kind, pod_templates
from .plain import items, mapping

HIGH_UID = 10000
"""Below it a user of the container may also be one of the node."""
ENDS = ("Job/", "CronJob/")
"""A pod of these ends by itself: a probe could only end it earlier."""
WILDCARD = "*"


@dataclass(frozen=True, order=True)
class Finding:
    """A rule that something breaks."""

    rule: str
    where: str
    """`Kind/workload/container`, or `Kind/name` of what is no pod."""


def findings(manifests: Iterable[Manifest]) -> list[Finding]:
    """Every rule that a container or a cluster role breaks, in order."""
    manifests = list(manifests)
    accounts = by_kind(manifests, "ServiceAccount")
    found: set[Finding] = set()
    for pod in pod_templates(manifests):
        if _mounts_token(pod, accounts):
            found.add(Finding("token", pod.owner))
        for path, container in pod.containers():
            where = f"{pod.owner}/{container['name']}"
            ends = pod.owner.startswith(ENDS) or ".initContainers[" in path
            found |= {Finding(rule, where) for rule in _broken(pod, container, ends=ends)}
    return sorted(found | set(_of_roles(manifests)))


def _mounts_token(pod: PodTemplate, accounts: dict[str, Manifest]) -> bool:
    """The pod's own word wins over its account's; without a word there is a token."""
    own = pod.spec.get("automountServiceAccountToken")
    return (
        accounts.get(pod.service_account, {}).get("automountServiceAccountToken") is not False if own is None else own
    )


def _broken(pod: PodTemplate, container: dict[str, Any], *, ends: bool) -> Iterator[str]:
    resources, context = mapping(container, "resources"), mapping(container, "securityContext")
    rules: dict[str, Callable[[], bool]] = {
        "writable-root": lambda: context.get("readOnlyRootFilesystem") is not True,
        "image-without-digest": lambda: "@sha256:" not in container["image"],
        "image-not-pulled": lambda: (
            container.get("imagePullPolicy") != "Always" and "@sha256:" not in container["image"]
        ),
        "no-cpu-request": lambda: not mapping(resources, "requests").get("cpu"),
        "no-cpu-limit": lambda: not mapping(resources, "limits").get("cpu"),
        "no-memory-limit": lambda: not mapping(resources, "limits").get("memory"),
        "no-liveness-probe": lambda: not ends and not container.get("livenessProbe"),
        "no-readiness-probe": lambda: not ends and not container.get("readinessProbe"),
        "secret-in-environment": lambda: any(
            "secretKeyRef" in mapping(each, "valueFrom") for each in items(container, "env")
        ),
        "low-uid": lambda: _user(pod, context) < HIGH_UID,
    }
    return (rule for rule, broken in rules.items() if broken())


def _user(pod: PodTemplate, context: dict[str, Any]) -> int:
    return int(context.get("runAsUser") or mapping(pod.spec, "securityContext").get("runAsUser") or 0)


def _of_roles(manifests: list[Manifest]) -> Iterator[Finding]:
    for kind in ("ClusterRole", "Role"):
        for name, role in by_kind(manifests, kind).items():
            for rule in items(role, "rules"):
                resources, verbs = set(items(rule, "resources")), set(items(rule, "verbs"))
                if any(each.startswith(WILDCARD) for each in resources | verbs | set(items(rule, "apiGroups"))):
                    yield Finding("wildcard-role", f"{kind}/{name}")
                if "secrets" in resources:
                    yield Finding("reads-secrets", f"{kind}/{name}")
                if resources & {"validatingwebhookconfigurations", "mutatingwebhookconfigurations"}:
                    yield Finding("changes-admission", f"{kind}/{name}")
