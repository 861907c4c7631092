"""One rule of a NetworkPolicy: which endpoints and which ports it means."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .manifests import PodTemplate
from .plain import items, mapping

Direction = Literal["Ingress", "Egress"]


@dataclass(frozen=True)
class Pod:
    """A pod as a policy sees it.

    With an `ip`, ipBlock rules match it too: on AWS's network plugin a pod has an address of the VPC.
    """

    namespace: str
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    namespace_labels: Mapping[str, str] = field(default_factory=dict[str, str])
    ports: Mapping[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])
    """Name -> (number, protocol), for policies that name ports."""
    ip: str | None = None

    @classmethod
    def of(
        cls, template: PodTemplate, *, namespace_labels: Mapping[str, str] | None = None, ip: str | None = None
    ) -> Pod:
        """The pod that a workload creates."""
        return cls(
            namespace=template.namespace,
            labels=template.labels,
            namespace_labels=namespace_labels or {},
            ports=template.named_ports(),
            ip=ip,
        )


@dataclass(frozen=True)
class Address:
    """An endpoint outside the cluster, such as a database or a load balancer."""

    ip: str


Endpoint = Pod | Address


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    wanted: dict[str, str] = mapping(selector, "matchLabels")
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    return all(_expression_matches(expression, labels) for expression in items(selector, "matchExpressions"))


def _expression_matches(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, values = expression["key"], items(expression, "values")
    match expression["operator"]:
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
        case other:
            raise ValueError(f"matchExpressions: {key}: unknown operator {other!r}")


def port_matches(rule: Mapping[str, Any], *, target: Endpoint, port: int, protocol: str) -> bool:
    entries = items(rule, "ports")
    if not entries:
        return True
    for entry in entries:
        if (entry.get("protocol") or "TCP") != protocol:
            continue
        wanted = entry.get("port")
        if wanted is None:
            return True
        if isinstance(wanted, str):
            if isinstance(target, Pod) and target.ports.get(wanted) == (port, protocol):
                return True
        elif wanted <= port <= (entry.get("endPort") or wanted):
            return True
    return False


def peer_matches(rule: Mapping[str, Any], *, direction: Direction, namespace: str, peer: Endpoint) -> bool:
    peers = items(rule, "from" if direction == "Ingress" else "to")
    return not peers or any(_one_peer_matches(entry, namespace=namespace, peer=peer) for entry in peers)


def _one_peer_matches(entry: Mapping[str, Any], *, namespace: str, peer: Endpoint) -> bool:
    if block := entry.get("ipBlock"):
        if peer.ip is None:
            return False
        address = ipaddress.ip_address(peer.ip)
        inside = address in ipaddress.ip_network(block["cidr"], strict=False)
        return inside and not any(
            address in ipaddress.ip_network(hole, strict=False) for hole in items(block, "except")
        )
    if isinstance(peer, Address):
        return False
    of_namespace = entry.get("namespaceSelector")
    if of_namespace is None and peer.namespace != namespace:
        return False
    # Kubernetes itself sets this label on every namespace.
    labels = {"kubernetes.io/metadata.name": peer.namespace, **peer.namespace_labels}
    if of_namespace is not None and not selects(of_namespace, labels):
        return False
    return selects(mapping(entry, "podSelector"), peer.labels)
