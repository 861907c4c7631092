"""The things that alarms and panels are about, and where CloudWatch keeps their metrics.

A subject is a key, such as `database` or `broker-001`. The program knows each thing's dimensions when it exists; this
module knows their names, and which things a stack has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from health.metric import MetricSource
from settings import NetworkSettings, StackSettings

AIRFLOW = "airflow"
DATABASE = "database"
BROKER = "broker"
QUEUE = "queue"
DEAD_LETTERS = "dead-letters"
NAT = "nat"
DOOR = "door"
CERTIFICATE = "certificate"
CLUSTER = "cluster"
PODS = "pods"
TOPIC = "topic"
TOPICS = ("pages", "tickets")
"""What wakes people up, and what waits for the morning."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Namespace of a kind of thing, and the dimensions that tell one from another."""

    namespace: str
    dimensions: tuple[str, ...]


KINDS = {
    DATABASE: Kind(namespace="AWS/RDS", dimensions=("DBInstanceIdentifier",)),
    BROKER: Kind(namespace="AWS/ElastiCache", dimensions=("CacheClusterId", "CacheNodeId")),
    QUEUE: Kind(namespace="AWS/SQS", dimensions=("QueueName",)),
    DEAD_LETTERS: Kind(namespace="AWS/SQS", dimensions=("QueueName",)),
    NAT: Kind(namespace="AWS/NATGateway", dimensions=("NatGatewayId",)),
    DOOR: Kind(namespace="AWS/ApplicationELB", dimensions=("LoadBalancer", "TargetGroup")),
    CERTIFICATE: Kind(namespace="AWS/CertificateManager", dimensions=("CertificateArn",)),
    CLUSTER: Kind(namespace="AWS/EKS", dimensions=("ClusterName",)),
    PODS: Kind(namespace="ContainerInsights", dimensions=("ClusterName", "Namespace")),
    TOPIC: Kind(namespace="AWS/SNS", dimensions=("TopicName",)),
}
"""But for `airflow`, which has a namespace of each stack's own, and needs no dimension."""


def airflow_namespace(prefix: str) -> str:
    """The namespace of a stack's own metrics."""
    return f"{prefix}/Airflow"


def broker_node(number: int) -> str:
    """The number of a node, counted from 1, as ElastiCache writes it at the end of the node's name."""
    return f"{number:03}"


def nat_zones(network: NetworkSettings) -> tuple[str, ...]:
    """The zones that have a NAT gateway of ours."""
    if network.existing:
        return ()
    return network.zones[: {"none": 0, "single": 1, "perZone": len(network.zones)}[network.nat]]


def subjects(settings: StackSettings) -> Iterator[str]:
    """What a stack has."""
    monitoring = settings.monitoring
    if not monitoring.enabled:
        return
    yield from (AIRFLOW, DATABASE)
    yield from (f"{BROKER}-{broker_node(number)}" for number in range(1, settings.cache.replicas + 2))
    for watch in settings.buckets.watches:
        yield from (f"{QUEUE}-{watch.asset}", f"{DEAD_LETTERS}-{watch.asset}")
    yield from (f"{NAT}-{zone}" for zone in nat_zones(settings.network))
    if settings.ingress.is_open:
        yield DOOR
        if not settings.ingress.certificate_arn:
            yield CERTIFICATE
    yield CLUSTER
    if monitoring.container_insights:
        yield PODS
    if monitoring.raises_alarms:
        yield from (f"{TOPIC}-{kind}" for kind in TOPICS)


def expected_sources(settings: StackSettings, prefix: str) -> dict[str, MetricSource[str]]:
    """The sources of a stack, with names in place of what only AWS knows: for the price, and for tests."""
    found: dict[str, MetricSource[str]] = {}
    for subject in subjects(settings):
        kind = KINDS.get(kind_of(subject))
        if kind is None:
            found[subject] = MetricSource(namespace=airflow_namespace(prefix), dimensions={})
        else:
            dimensions = dict.fromkeys(kind.dimensions, f"{prefix}-{subject}")
            found[subject] = MetricSource(namespace=kind.namespace, dimensions=dimensions)
    return found


def kind_of(subject: str) -> str:
    """`broker` of `broker-001`."""
    return next((kind for kind in KINDS if subject == kind or subject.startswith(f"{kind}-")), subject)
