"""Alarms about the broker, for each of its nodes. A full broker refuses tasks. Its metrics are free."""

from __future__ import annotations

from collections.abc import Iterator

from health import capacity
from health.alarm import Alarm
from health.metric import Metric
from health.subjects import BROKER, KINDS, broker_node
from settings import CacheSettings

CLUSTER_DIMENSION = KINDS[BROKER].dimensions[:1]
NODE_DIMENSIONS = KINDS[BROKER].dimensions
CONNECTIONS = 10_000
"""Half of what the smallest node takes, a sixth of what others do. A worker needs some ten."""


def broker_alarms(settings: CacheSettings) -> Iterator[Alarm]:
    """The same for each node: after a failover any of them is the primary."""
    for number in range(1, settings.replicas + 2):
        yield from _node(settings, broker_node(number))


def _node(settings: CacheSettings, node: str) -> Iterator[Alarm]:
    yield _memory(node)
    yield _cpu(settings.node_type, node)
    yield _connections(node)
    yield _swap(node)
    if settings.replicas:
        yield _lag(node)
    if capacity.is_burstable(settings.node_type):
        yield _credits(node)


def _memory(node: str) -> Alarm:
    return Alarm(
        name=f"broker-memory.{node}",
        subject=f"{BROKER}-{node}",
        title=f"The broker's memory is nearly full (node {node})",
        metrics={"value": Metric(name="DatabaseMemoryUsagePercentage", statistic="Average", by=CLUSTER_DIMENSION)},
        comparison=">",
        threshold=80,
        datapoints=(5, 5),
        missing="notBreaching",
        pages=True,
        why="Percent of maxmemory. It never drops a task, so a full broker refuses new ones, and no task starts.",
        action="Do workers take tasks? If they do, a larger cache.nodeType.",
    )


def _cpu(node_type: str, node: str) -> Alarm:
    found = capacity.capacity(node_type)
    if found is None or found.vcpus >= capacity.SEVERAL_VCPUS:
        metric = Metric(name="EngineCPUUtilization", statistic="Average", by=CLUSTER_DIMENSION)
        threshold, why = 90.0, "Percent of the one thread in which Redis works."
    else:
        metric = Metric(name="CPUUtilization", statistic="Average", by=NODE_DIMENSIONS)
        threshold = 90 / found.vcpus
        why = f"Percent of all {found.vcpus} processors of {node_type}. Redis works in one thread: 90 % of one of them."
    return Alarm(
        name=f"broker-cpu.{node}",
        subject=f"{BROKER}-{node}",
        title=f"The broker is busy (node {node})",
        metrics={"value": metric},
        comparison=">",
        threshold=threshold,
        datapoints=(5, 5),
        missing="notBreaching",
        why=why,
        action="Fewer workers with more concurrency each, or a larger cache.nodeType.",
    )


def _connections(node: str) -> Alarm:
    return Alarm(
        name=f"broker-connections.{node}",
        subject=f"{BROKER}-{node}",
        title=f"The broker has too many connections (node {node})",
        metrics={"value": Metric(name="CurrConnections", statistic="Average", by=NODE_DIMENSIONS)},
        comparison=">",
        threshold=CONNECTIONS,
        datapoints=(10, 10),
        missing="notBreaching",
        why="Nodes take 65,000, small ones less. So many come from a client that opens connections and closes none.",
        action="Which part opens them? kubectl --namespace airflow get pod, and restart it.",
    )


def _swap(node: str) -> Alarm:
    return Alarm(
        name=f"broker-swap.{node}",
        subject=f"{BROKER}-{node}",
        title=f"The broker's machine has no memory left (node {node})",
        metrics={
            "swap": Metric(name="SwapUsage", statistic="Average", by=NODE_DIMENSIONS),
            "free": Metric(name="FreeableMemory", statistic="Average", by=NODE_DIMENSIONS),
        },
        expression="IF(swap > free, 1, 0)",
        comparison=">=",
        threshold=1,
        datapoints=(15, 15),
        missing="notBreaching",
        why="More memory on disk than free: AWS's own sign that the machine is too small, whatever its size.",
        action="A larger cache.nodeType.",
    )


def _lag(node: str) -> Alarm:
    return Alarm(
        name=f"broker-replication.{node}",
        subject=f"{BROKER}-{node}",
        title=f"The broker's copy lags behind (node {node})",
        metrics={"value": Metric(name="ReplicationLag", statistic="Average", by=CLUSTER_DIMENSION)},
        comparison=">",
        threshold=10,
        datapoints=(15, 15),
        missing="notBreaching",
        why="Seconds. Only a copy sends it. What it has not yet is lost in a failover, and queued again.",
        action="Is the broker busy, or its network? Then a larger cache.nodeType.",
    )


def _credits(node: str) -> Alarm:
    return Alarm(
        name=f"broker-credits.{node}",
        subject=f"{BROKER}-{node}",
        title=f"The broker's reserve of processor time is used up (node {node})",
        metrics={"value": Metric(name="CPUCreditBalance", statistic="Maximum", by=NODE_DIMENSIONS)},
        comparison="<",
        threshold=1,
        period_seconds=300,
        datapoints=(12, 12),
        missing="notBreaching",
        why="A t type has a share of its processors and saves up the rest. Without savings, more is billed.",
        action="An m type for cache.nodeType, if that is no exception.",
    )
