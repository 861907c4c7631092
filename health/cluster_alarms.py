"""Alarms about Kubernetes. EKS's own metrics are free; those of pods and nodes come with Container Insights.

The agent sends most metrics of pods by cluster, or by cluster, namespace and workload, and not by cluster and
namespace, as AWS's catalogue of alarms has it: such an alarm would never have data.
https://github.com/aws/amazon-cloudwatch-agent/blob/main/translator/translate/otel/exporter/awsemf/kubernetes.go
"""

from __future__ import annotations

from collections.abc import Iterator

from health.alarm import Alarm
from health.metric import Metric
from health.subjects import CLUSTER, KINDS, PODS
from settings import MonitoringSettings

WHOLE_CLUSTER = KINDS[CLUSTER].dimensions
WORKLOAD = KINDS[PODS].dimensions
"""With `PodName`, which is the name of the workload and not of the pod."""
WORKLOADS = ("airflow-api-server", "airflow-dag-processor", "airflow-scheduler", "airflow-triggerer")
"""Workers are left out: they come and go."""


def cluster_alarms(monitoring: MonitoringSettings) -> Iterator[Alarm]:
    """Of the control plane, and of pods and nodes where they are measured."""
    yield _unschedulable()
    yield _api_errors()
    if monitoring.container_insights:
        for workload in WORKLOADS:
            yield _restarts(workload)
        yield _crash_loops()
        yield _out_of_memory()
        yield _node("disk", "node_filesystem_utilization", "Is it an image, or what tasks write to /tmp?")
        yield _node("memory", "node_memory_utilization", "Which pod takes more than it has asked for?")


def _unschedulable() -> Alarm:
    return Alarm(
        name="pods-pending",
        subject=CLUSTER,
        title="Pods find no node",
        metrics={"value": Metric(name="scheduler_pending_pods_UNSCHEDULABLE", statistic="Maximum", by=WHOLE_CLUSTER)},
        comparison=">",
        threshold=0,
        datapoints=(15, 15),
        missing="notBreaching",
        why="EKS starts a node within a few minutes. After a quarter of an hour none comes.",
        action="kubectl --namespace airflow describe pod: its events say why. Often a limit of cluster.nodePools.",
    )


def _api_errors() -> Alarm:
    return Alarm(
        name="kubernetes-errors",
        subject=CLUSTER,
        title="The Kubernetes API fails",
        metrics={"value": Metric(name="apiserver_request_total_5XX", statistic="Sum", by=WHOLE_CLUSTER)},
        comparison=">",
        threshold=10,
        datapoints=(5, 5),
        missing="notBreaching",
        why="Ten answers in a minute with 5xx, AWS's own limit. Pods go on, but none starts, and workers do not scale.",
        action="The AWS Health dashboard; then the control plane's log group, /aws/eks/<cluster>/cluster.",
    )


def _restarts(workload: str) -> Alarm:
    return Alarm(
        name=f"restarts.{workload}",
        subject=PODS,
        title=f"Containers of {workload} restart",
        metrics={
            "count": Metric(
                name="pod_number_of_container_restarts",
                statistic="Maximum",
                by=WORKLOAD,
                tags={"PodName": workload},
            )
        },
        # It counts from the pod's first start, so only its rise is news.
        expression="DIFF(count)",
        comparison=">",
        threshold=0,
        period_seconds=300,
        datapoints=(2, 3),
        missing="notBreaching",
        why="One restart is Kubernetes' own way to mend things. Two within a quarter of an hour are not.",
        action=f"kubectl --namespace airflow logs deploy/{workload}; was it killed for memory?",
    )


def _crash_loops() -> Alarm:
    return Alarm(
        name="crash-loops",
        subject=PODS,
        title="A container ends whenever it starts",
        metrics={
            "value": Metric(
                name="pod_container_status_waiting_reason_crash_loop_back_off",
                statistic="Maximum",
                by=WHOLE_CLUSTER,
            )
        },
        comparison=">",
        threshold=0,
        datapoints=(10, 15),
        missing="notBreaching",
        why="Kubernetes waits longer each time. It is sent only while it is so.",
        action="kubectl get pod --all-namespaces shows which; its log of the last start says why.",
    )


def _out_of_memory() -> Alarm:
    return Alarm(
        name="out-of-memory",
        subject=PODS,
        title="Containers are killed for memory",
        metrics={
            "value": Metric(
                name="pod_container_status_terminated_reason_oom_killed", statistic="Maximum", by=WHOLE_CLUSTER
            )
        },
        comparison=">",
        threshold=0,
        period_seconds=300,
        datapoints=(1, 2),
        missing="notBreaching",
        why="A container took more than its limit. In a worker, all of its tasks die with it.",
        action="More memory for the part or the worker group, or fewer tasks at once: concurrency.",
    )


def _node(what: str, metric: str, question: str) -> Alarm:
    return Alarm(
        name=f"node-{what}",
        subject=PODS,
        title=f"The {what} of a node is nearly full",
        metrics={"value": Metric(name=metric, statistic="Maximum", by=WHOLE_CLUSTER)},
        comparison=">",
        threshold=85,
        datapoints=(5, 5),
        missing="notBreaching",
        why="Percent, of the fullest node. Kubernetes evicts pods soon after, tasks with them.",
        action=question,
    )
