"""A worker group as a worker set of the chart, with its own autoscaler. Pure: no Pulumi here."""

from __future__ import annotations

from typing import Any

from components.airflow_names import KEDA_NAMESPACE, service_account, worker_component
from settings import WorkerGroup

CAPACITY_LABEL = "karpenter.sh/capacity-type"
CAPACITY_TYPES = {"onDemand": "on-demand", "spot": "spot"}
ON_DEMAND = {CAPACITY_LABEL: CAPACITY_TYPES["onDemand"]}


def worker_set(group: WorkerGroup) -> dict[str, Any]:
    """The set: its queue, its service account, its nodes, its scale."""
    return {
        "name": group.name,
        "queue": group.queue_name,
        "serviceAccount": service_account(worker_component(group.name)),
        "nodeSelector": {CAPACITY_LABEL: CAPACITY_TYPES[group.capacity]},
        "terminationGracePeriodSeconds": group.grace_minutes * 60,
        "keda": _keda(group),
    }


def _keda(group: WorkerGroup) -> dict[str, Any]:
    """As many workers as queued and running tasks fill; one worker less every two minutes, after ten calm ones.

    The autoscaler picks its victims blindly. A worker that is told to stop takes no more tasks, and has the group's
    grace to finish those it has.
    """
    return {
        "enabled": True,
        "namespaceLabels": {"kubernetes.io/metadata.name": KEDA_NAMESPACE},
        "pollingInterval": 10,
        "cooldownPeriod": 300,
        "minReplicaCount": group.min_workers,
        "maxReplicaCount": group.max_workers,
        "usePgbouncer": False,
        # The chart's own query counts with the one concurrency of airflow.cfg; groups have different ones.
        "query": (
            f"SELECT ceil(COUNT(*)::decimal / {group.concurrency}) FROM task_instance"
            f" WHERE state IN ('queued', 'running') AND queue = '{group.queue_name}'"
        ),
        "advanced": {
            "horizontalPodAutoscalerConfig": {
                "behavior": {
                    "scaleDown": {
                        "stabilizationWindowSeconds": 600,
                        "policies": [{"type": "Pods", "value": 1, "periodSeconds": 120}],
                    }
                }
            }
        },
    }
