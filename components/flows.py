"""Who may talk to whom in the namespaces of Airflow and KEDA: the one table of it in code. Pure: no Pulumi here.

A flow is opened at both ends: egress of its sources, and ingress of its destination where that is a pod. What no flow
names is refused, in both directions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.addresses import ANYWHERE, METADATA_SERVICE, cluster_dns, without
from components.airflow_names import KEDA_NAMESPACE, NAMESPACE, RELEASE
from settings import AirflowSettings

API_SERVER = "api-server"
DAG_PROCESSOR = "dag-processor"
FLOWER = "flower"
SCHEDULER = "scheduler"
TRIGGERER = "triggerer"
WORKER = "worker"
JOBS = ("run-airflow-migrations", "create-user-job", "database-cleanup")
PARTS = (API_SERVER, DAG_PROCESSOR, FLOWER, SCHEDULER, TRIGGERER, WORKER, *JOBS)
"""Values of the label `component` on the chart's pods; every worker group is a `worker`."""
POD_IDENTITY_AGENT = "169.254.170.23/32"
"""Where pods get their AWS credentials: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html"""
Policy = dict[str, Any]


@dataclass(frozen=True)
class Flow:
    """TCP from some parts to addresses, or to one part."""

    sources: tuple[str, ...]
    to: tuple[str, ...] | str
    ports: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Address ranges around the pods."""

    vpc: str
    services: str
    public: tuple[str, ...]
    data: tuple[str, ...]

    @property
    def off_limits(self) -> tuple[str, ...]:
        """Where no way to "anywhere" leads: the VPC's other tiers, and the instance metadata service."""
        return (*self.public, *self.data, METADATA_SERVICE)


def airflow_flows(settings: AirflowSettings, around: Surroundings) -> list[Flow]:
    """The flows between Airflow's parts and to what they need."""
    aws = (DAG_PROCESSOR, WORKER, TRIGGERER, API_SERVER)
    return [
        Flow((SCHEDULER, API_SERVER, DAG_PROCESSOR, TRIGGERER, *JOBS), around.data, (5432,)),
        # Celery's results; a task itself has no access to the metadata.
        Flow((WORKER,), around.data, (5432,)),
        Flow((SCHEDULER, WORKER, FLOWER), around.data, (6379,)),
        # The execution API.
        Flow((WORKER,), API_SERVER, (8080,)),
        # Logs of what is running.
        Flow((API_SERVER,), WORKER, (8793,)),
        Flow((API_SERVER,), TRIGGERER, (8794,)),
        Flow(aws, (POD_IDENTITY_AGENT,), (80,)),
        Flow(aws, without(ANYWHERE, around.off_limits), (443,)),
        *(
            Flow((WORKER, TRIGGERER), without(egress.cidr, around.off_limits), egress.ports)
            for egress in settings.egress
        ),
    ]


def airflow_policies(settings: AirflowSettings, around: Surroundings) -> list[Policy]:
    """Network policies of Airflow's namespace."""
    flows = airflow_flows(settings, around)
    return [
        _policy("default-deny", NAMESPACE, {}, egress=[_dns(around)], ingress=[]),
        *(_part_policy(part, flows) for part in PARTS),
    ]


def keda_policies(around: Surroundings) -> list[Policy]:
    """Network policies of KEDA's namespace: it asks the database, and the Kubernetes API asks it."""
    kubernetes_api = _to((around.vpc, around.services), (443,))
    from_kubernetes_api = {"from": [{"ipBlock": {"cidr": around.vpc}}]}
    operator, metrics, webhooks = (
        {"app": f"keda-{app}"} for app in ("operator", "operator-metrics-apiserver", "admission-webhooks")
    )
    return [
        _policy("default-deny", KEDA_NAMESPACE, {}, egress=[_dns(around), kubernetes_api], ingress=[]),
        _policy(
            "operator",
            KEDA_NAMESPACE,
            operator,
            egress=[_to(around.data, (5432,))],
            ingress=[{"from": [{"podSelector": {"matchLabels": metrics}}], "ports": _ports((9666,))}],
        ),
        _policy(
            "metrics",
            KEDA_NAMESPACE,
            metrics,
            egress=[{"to": [{"podSelector": {"matchLabels": operator}}], "ports": _ports((9666,))}],
            ingress=[{**from_kubernetes_api, "ports": _ports((6443,))}],
        ),
        _policy(
            "webhooks", KEDA_NAMESPACE, webhooks, egress=[], ingress=[{**from_kubernetes_api, "ports": _ports((9443,))}]
        ),
    ]


def _part_policy(part: str, flows: Sequence[Flow]) -> Policy:
    return _policy(
        part,
        NAMESPACE,
        _labels(part),
        egress=[
            _to(flow.to, flow.ports)
            if isinstance(flow.to, tuple)
            else {"to": [{"podSelector": {"matchLabels": _labels(flow.to)}}], "ports": _ports(flow.ports)}
            for flow in flows
            if part in flow.sources
        ],
        ingress=[
            {
                "from": [{"podSelector": {"matchLabels": _labels(source)}} for source in flow.sources],
                "ports": _ports(flow.ports),
            }
            for flow in flows
            if flow.to == part
        ],
    )


def _labels(part: str) -> dict[str, str]:
    return {"release": RELEASE, "component": part}


def _dns(around: Surroundings) -> dict[str, Any]:
    """By address: on Auto Mode the resolver is no pod that a selector could name (aws/containers-roadmap 2552)."""
    ports = [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]
    return {"to": [{"ipBlock": {"cidr": cluster_dns(around.services)}}], "ports": ports}


def _to(cidrs: Sequence[str], ports: Sequence[int]) -> dict[str, Any]:
    return {"to": [{"ipBlock": {"cidr": cidr}} for cidr in cidrs], "ports": _ports(ports)}


def _ports(ports: Sequence[int]) -> list[dict[str, Any]]:
    return [{"protocol": "TCP", "port": port} for port in ports]


def _policy(
    name: str, namespace: str, labels: Mapping[str, str], *, egress: list[dict[str, Any]], ingress: list[dict[str, Any]]
) -> Policy:
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
