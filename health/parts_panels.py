"""Panels of the parts that may be at their limit: database, broker, slots, cluster, nodes, ways in and out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from health.airflow_metrics import gauge
from health.capacity import SEVERAL_VCPUS, capacity
from health.metric import Metric
from health.panel import Line, Panel
from health.subjects import (
    AIRFLOW,
    BROKER,
    CLUSTER,
    DATABASE,
    DEAD_LETTERS,
    KINDS,
    NAT,
    PODS,
    QUEUE,
    broker_node,
    nat_zones,
)
from settings import CacheSettings, NetworkSettings, StackSettings, Watch


def parts_panels(settings: StackSettings) -> Iterator[Panel]:
    """The database first: it is what most platforms wait for."""
    yield from _database()
    yield from _broker(settings.cache)
    yield _slots()
    yield from _cluster()
    yield from _events(settings.buckets.watches)
    yield from _nat(settings.network)


def _panel(title: str, lines: Iterable[Line]) -> Panel:
    return Panel(title=title, lines=tuple(lines))


def _database() -> Iterator[Panel]:
    def line(label: str, name: str, statistic: str) -> Line:
        metric = Metric(name=name, statistic=statistic, by=KINDS[DATABASE].dimensions)
        return Line(label=label, subject=DATABASE, metric=metric)

    yield _panel("Database: CPU, percent", [line("CPU", "CPUUtilization", "Average")])
    yield _panel("Database: connections", [line("connections", "DatabaseConnections", "Maximum")])
    yield _panel("Database: sessions for each processor", [line("load", "DBLoadRelativeToNumVCPUs", "Average")])
    yield _panel("Database: free memory, bytes", [line("free", "FreeableMemory", "Minimum")])
    yield _panel("Database: free storage, bytes", [line("free", "FreeStorageSpace", "Minimum")])
    yield _panel(
        "Database: seconds for each read and write",
        [line("read", "ReadLatency", "Average"), line("write", "WriteLatency", "Average")],
    )


def _broker(settings: CacheSettings) -> Iterator[Panel]:
    nodes = [broker_node(number) for number in range(1, settings.replicas + 2)]
    cluster, node_of = KINDS[BROKER].dimensions[:1], KINDS[BROKER].dimensions

    def lines(name: str, statistic: str, by: tuple[str, ...]) -> list[Line]:
        metric = Metric(name=name, statistic=statistic, by=by)
        return [Line(label=f"node {node}", subject=f"{BROKER}-{node}", metric=metric) for node in nodes]

    found = capacity(settings.node_type)
    if found is None or found.vcpus >= SEVERAL_VCPUS:
        yield _panel("Broker: its one thread, percent", lines("EngineCPUUtilization", "Average", cluster))
    else:
        yield _panel("Broker: CPU, percent", lines("CPUUtilization", "Average", node_of))
    yield _panel("Broker: memory, percent", lines("DatabaseMemoryUsagePercentage", "Maximum", cluster))
    yield _panel("Broker: connections", lines("CurrConnections", "Maximum", node_of))


def _slots() -> Panel:
    return _panel(
        "Free slots of scheduler and triggerer",
        [
            Line(label=label, subject=AIRFLOW, metric=gauge(name, statistic="Minimum"))
            for label, name in (("scheduler", "executor.open_slots"), ("triggerer", "triggerer.capacity_left"))
        ],
    )


def _cluster() -> Iterator[Panel]:
    def line(label: str, subject: str, name: str, statistic: str = "Maximum") -> Line:
        return Line(
            label=label, subject=subject, metric=Metric(name=name, statistic=statistic, by=KINDS[CLUSTER].dimensions)
        )

    yield _panel(
        "Cluster: pods without a node, failures of the API",
        [
            line("pods", CLUSTER, "scheduler_pending_pods_UNSCHEDULABLE"),
            line("failures", CLUSTER, "apiserver_request_total_5XX", "Sum"),
        ],
    )
    yield _panel(
        "Nodes: the fullest one, percent",
        [
            line("CPU", PODS, "node_cpu_utilization"),
            line("memory", PODS, "node_memory_utilization"),
            line("disk", PODS, "node_filesystem_utilization"),
        ],
    )
    yield _panel(
        "Nodes: how many",
        [line("nodes", PODS, "cluster_node_count"), line("failed", PODS, "cluster_failed_node_count")],
    )


def _events(watches: tuple[Watch, ...]) -> Iterator[Panel]:
    def lines(kind: str, name: str) -> list[Line]:
        metric = Metric(name=name, statistic="Maximum", by=KINDS[kind].dimensions)
        return [Line(label=watch.asset, subject=f"{kind}-{watch.asset}", metric=metric) for watch in watches]

    yield _panel("New objects: seconds that the oldest waits", lines(QUEUE, "ApproximateAgeOfOldestMessage"))
    yield _panel("New objects: dead letters", lines(DEAD_LETTERS, "ApproximateNumberOfMessagesVisible"))


def _nat(network: NetworkSettings) -> Iterator[Panel]:
    metric = Metric(name="ErrorPortAllocation", statistic="Sum", by=KINDS[NAT].dimensions)
    yield _panel(
        "NAT: connections refused for want of a port",
        [Line(label=f"zone {zone}", subject=f"{NAT}-{zone}", metric=metric) for zone in nat_zones(network)],
    )
