"""Flows as network policies: one that refuses everything in a namespace, and one for each part of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chart.flows import HTTPS, Cidrs, Flow, Peer, Surroundings, airflow_flows, keda_flows
from chart.names import KEDA_NAMESPACE, NAMESPACE
from chart.parts import AIRFLOW_PARTS, KEDA_PARTS, Part
from settings import AccessSettings, AirflowSettings

Policy = dict[str, Any]
Rule = dict[str, Any]
POLICY_NAMES = {Part.KEDA_OPERATOR: "operator", Part.KEDA_METRICS: "metrics", Part.KEDA_WEBHOOKS: "webhooks"}
"""Policies that are not called like their part."""


def airflow_policies(settings: AirflowSettings, around: Surroundings, access: AccessSettings) -> list[Policy]:
    """Network policies of Airflow's namespace."""
    flows = airflow_flows(settings, around, access)
    return [
        _policy("default-deny", NAMESPACE, {}, egress=[_dns(around)], ingress=[]),
        *(part_policy(part, flows) for part in AIRFLOW_PARTS),
    ]


def keda_policies(around: Surroundings) -> list[Policy]:
    """Network policies of KEDA's namespace, where every pod connects to the Kubernetes API."""
    flows = keda_flows(around)
    kubernetes_api = _egress(Flow(Part.KEDA_OPERATOR, around.kubernetes_api, (HTTPS,)))
    return [
        _policy("default-deny", KEDA_NAMESPACE, {}, egress=[_dns(around), kubernetes_api], ingress=[]),
        *(part_policy(part, flows) for part in KEDA_PARTS),
    ]


def part_policy(part: Part, flows: Sequence[Flow]) -> Policy:
    """What one part may do: the flows that start at it, and those that end at it."""
    return _policy(
        POLICY_NAMES.get(part, part.value),
        part.namespace,
        part.labels,
        egress=[_egress(flow) for flow in flows if flow.source is part],
        ingress=[_ingress(flow) for flow in flows if flow.target is part],
    )


def _egress(flow: Flow) -> Rule:
    return {"to": _peers(flow.target, seen_from=flow.source), "ports": _ports(flow)}


def _ingress(flow: Flow) -> Rule:
    return {"from": _peers(flow.source, seen_from=flow.target), "ports": _ports(flow)}


def _peers(peer: Peer, *, seen_from: Peer) -> list[Rule]:
    """A peer as Kubernetes names it. A part in another namespace needs that namespace's label beside its own."""
    if isinstance(peer, Cidrs):
        return [{"ipBlock": {"cidr": cidr}} for cidr in peer.ranges]
    pods: Rule = {"podSelector": {"matchLabels": peer.labels}}
    if isinstance(seen_from, Part) and seen_from.namespace == peer.namespace:
        return [pods]
    return [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": peer.namespace}}, **pods}]


def _dns(around: Surroundings) -> Rule:
    ports = [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]
    return {"to": [{"ipBlock": {"cidr": cidr}} for cidr in around.resolver.ranges], "ports": ports}


def _ports(flow: Flow) -> list[Rule]:
    return [{"protocol": flow.protocol, "port": port} for port in flow.ports]


def _policy(name: str, namespace: str, labels: Mapping[str, str], *, egress: list[Rule], ingress: list[Rule]) -> Policy:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "podSelector": {"matchLabels": dict(labels)} if labels else {},
            "policyTypes": ["Egress", "Ingress"],
            "egress": egress,
            "ingress": ingress,
        },
    }
