"""Reads Kubernetes manifests: are they valid, which pods do they make, and what do those pods refer to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import kubernetes_validate as kubernetes  # pyright: ignore[reportMissingTypeStubs]

from .plain import items, mapping

Manifest = dict[str, Any]

KUBERNETES_VERSION = "1.33"

CUSTOM_GROUPS = frozenset({"keda.sh", "karpenter.sh", "eks.amazonaws.com", "monitoring.coreos.com"})
"""API groups of custom resources. Only these are skipped: a misspelt built-in kind must not pass as a custom one."""

_POD_PATHS: dict[str, tuple[str, ...]] = {
    "Pod": (),
    "Deployment": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}

_CONTAINER_LISTS = ("initContainers", "containers", "ephemeralContainers")


@dataclass(frozen=True)
class Verdict:
    """What the Kubernetes API's schemas say about a list of manifests."""

    errors: list[str]
    skipped: dict[str, str]
    """Object -> why no schema judged it."""


@dataclass(frozen=True)
class PodTemplate:
    """A pod as a workload would create it."""

    owner: str
    """`Kind/name` of the workload."""
    namespace: str
    labels: dict[str, str]
    annotations: dict[str, str]
    spec: dict[str, Any]
    path: str
    """Where the pod's spec stands in its manifest, such as `spec.template.spec`."""

    @property
    def service_account(self) -> str:
        """Kubernetes gives a pod that names no service account the one called `default`."""
        return str(self.spec.get("serviceAccountName") or self.spec.get("serviceAccount") or "default")

    def containers(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every container of every kind with its path."""
        for group in _CONTAINER_LISTS:
            for container in items(self.spec, group):
                yield f"{self.path}.{group}[{container.get('name', '?')}]", container

    def named_ports(self) -> dict[str, tuple[int, str]]:
        """Port name -> (number, protocol)."""
        return {
            port["name"]: (int(port["containerPort"]), str(port.get("protocol") or "TCP"))
            for _, container in self.containers()
            for port in items(container, "ports")
            if port.get("name")
        }


@dataclass(frozen=True)
class Reference:
    """One mention of a Secret or ConfigMap by a pod. `key` is None where the whole object is taken."""

    kind: Literal["Secret", "ConfigMap"]
    name: str
    key: str | None
    optional: bool = field(compare=False)
    path: str = field(compare=False)


def identify(manifest: Mapping[str, Any]) -> str:
    """`Kind/name`."""
    metadata = mapping(manifest, "metadata")
    return f"{manifest.get('kind', '?')}/{metadata.get('name', '?')}"


def validate(
    manifests: Iterable[Manifest],
    *,
    version: str = KUBERNETES_VERSION,
    custom_groups: Collection[str] = CUSTOM_GROUPS,
) -> Verdict:
    """Judge each manifest by the strict schema of its kind: unknown fields are errors."""
    errors: list[str] = []
    skipped: dict[str, str] = {}
    for manifest in manifests:
        who = identify(manifest)
        if not manifest.get("apiVersion") or not manifest.get("kind"):
            errors.append(f"{who}: apiVersion and kind are required")
            continue
        group = str(manifest["apiVersion"]).rpartition("/")[0]
        if group in custom_groups:
            skipped[who] = f"{group} is a custom resource: its schema lives in the cluster"
            continue
        try:
            kubernetes.validate(manifest, version, strict=True)
        except kubernetes.SchemaNotFoundError:
            errors.append(f"{who}: Kubernetes {version} has no kind {manifest['kind']} in {manifest['apiVersion']}")
        except kubernetes.ValidationError as error:
            where = ".".join(str(step) for step in cast("Iterable[object]", error.absolute_path))
            errors.append(f"{who}: {where or '(root)'}: {error.message}")
    return Verdict(errors=errors, skipped=skipped)


def by_kind(manifests: Iterable[Manifest], kind: str) -> dict[str, Manifest]:
    """Name -> manifest, for one kind."""
    return {manifest["metadata"]["name"]: manifest for manifest in manifests if manifest.get("kind") == kind}


def pod_templates(manifests: Iterable[Manifest], *, namespace: str = "default") -> list[PodTemplate]:
    """Every pod that the workloads among these manifests would create."""
    found: list[PodTemplate] = []
    for manifest in manifests:
        steps = _POD_PATHS.get(str(manifest.get("kind")))
        if steps is None:
            continue
        template: dict[str, Any] = manifest
        for step in steps:
            template = template.get(step) or {}
        metadata: dict[str, Any] = mapping(template, "metadata")
        found.append(
            PodTemplate(
                owner=identify(manifest),
                namespace=str(mapping(manifest, "metadata").get("namespace") or namespace),
                labels={key: str(value) for key, value in mapping(metadata, "labels").items()},
                annotations={key: str(value) for key, value in mapping(metadata, "annotations").items()},
                spec=mapping(template, "spec"),
                path=".".join((*steps, "spec")),
            )
        )
    return found


def pods_by_label(pods: Iterable[PodTemplate], label: str = "component") -> dict[str, list[PodTemplate]]:
    """Label value -> pods. Pods without the label stand under the empty string."""
    index: dict[str, list[PodTemplate]] = defaultdict(list)
    for pod in pods:
        index[pod.labels.get(label, "")].append(pod)
    return dict(index)


def references(pod: PodTemplate) -> set[Reference]:
    """Every Secret and ConfigMap the pod reads: environment, volumes and image pull secrets."""
    found = set(_volume_references(pod))
    for path, container in pod.containers():
        found.update(_environment_references(container, path))
    for secret in items(pod.spec, "imagePullSecrets"):
        path = f"{pod.path}.imagePullSecrets"
        # The kubelet goes on without a pull secret that is missing.
        found.add(Reference(kind="Secret", name=secret["name"], key=None, optional=True, path=path))
    return found


def dangling(
    manifests: Iterable[Manifest],
    *,
    secrets: Collection[str] = (),
    config_maps: Collection[str] = (),
    service_accounts: Collection[str] = ("default",),
) -> list[str]:
    """What the pods need and neither these manifests nor the given names provide."""
    manifests = list(manifests)
    present = {
        "Secret": {*by_kind(manifests, "Secret"), *secrets},
        "ConfigMap": {*by_kind(manifests, "ConfigMap"), *config_maps},
        "ServiceAccount": {*by_kind(manifests, "ServiceAccount"), *service_accounts},
    }
    problems: list[str] = []
    for pod in pod_templates(manifests):
        if pod.service_account not in present["ServiceAccount"]:
            problems.append(f"{pod.owner}: {pod.path}.serviceAccountName: no ServiceAccount {pod.service_account}")
        problems.extend(
            f"{pod.owner}: {reference.path}: no {reference.kind} {reference.name}"
            for reference in sorted(references(pod), key=lambda item: (item.path, item.name))
            if not reference.optional and reference.name not in present[reference.kind]
        )
    return problems


def _environment_references(container: dict[str, Any], path: str) -> Iterator[Reference]:
    for entry in items(container, "envFrom"):
        if source := entry.get("secretRef"):
            yield _reference("Secret", source, f"{path}.envFrom")
        if source := entry.get("configMapRef"):
            yield _reference("ConfigMap", source, f"{path}.envFrom")
    for variable in items(container, "env"):
        source = mapping(variable, "valueFrom")
        where = f"{path}.env[{variable['name']}]"
        if key := source.get("secretKeyRef"):
            yield _reference("Secret", key, where)
        if key := source.get("configMapKeyRef"):
            yield _reference("ConfigMap", key, where)


def _volume_references(pod: PodTemplate) -> Iterator[Reference]:
    for volume in items(pod.spec, "volumes"):
        path = f"{pod.path}.volumes[{volume['name']}]"
        for source in (volume, *items(mapping(volume, "projected"), "sources")):
            if secret := source.get("secret"):
                # A volume says secretName, a projected source says name.
                yield from _keys("Secret", {"name": secret.get("secretName"), **secret}, path)
            if config_map := source.get("configMap"):
                yield from _keys("ConfigMap", config_map, path)


def _keys(kind: Literal["Secret", "ConfigMap"], source: Mapping[str, Any], path: str) -> Iterator[Reference]:
    """The keys that a volume names; all of them, if it names none."""
    for item in items(source, "items") or [{}]:
        yield _reference(kind, {**source, "key": item.get("key")}, path)


def _reference(kind: Literal["Secret", "ConfigMap"], source: Mapping[str, Any], path: str) -> Reference:
    return Reference(
        kind=kind,
        name=str(source["name"]),
        key=source.get("key"),
        optional=source.get("optional") is True,
        path=path,
    )
