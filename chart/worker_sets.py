"""Worker groups as worker sets of the chart, each with its own autoscaler."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chart.names import KEDA_NAMESPACE
from chart.parts import Part, worker_service_account
from chart.pieces import (
    Values,
    disruption_budget,
    environment,
    liveness_probe,
    log_groomer,
    resources,
    service_account,
    spread_over_zones,
)
from settings import WorkerGroup

CAPACITY_LABEL = "karpenter.sh/capacity-type"
CAPACITY_TYPES = {"onDemand": "on-demand", "spot": "spot"}
ON_DEMAND = {CAPACITY_LABEL: CAPACITY_TYPES["onDemand"]}


def celery_workers(groups: Sequence[WorkerGroup], *, env: Sequence[Mapping[str, str]]) -> Values:
    """The chart's `workers.celery`: what all groups share, and a set for each."""
    return {
        # The default set's selector matches the pods of named sets as well. With two disruption budgets on one pod, no
        # eviction ever succeeds. With two autoscalers, neither scales.
        "enableDefault": False,
        "persistence": {"enabled": False},
        "strategy": {"rollingUpdate": {"maxSurge": "100%", "maxUnavailable": 0}},
        "safeToEvict": False,
        "podDisruptionBudget": disruption_budget(),
        "podAnnotations": {"karpenter.sh/do-not-disrupt": "true"},
        "livenessProbe": {"enabled": True, **liveness_probe()},
        "logGroomerSidecar": {"enabled": True, "requirePersistence": False, **log_groomer()},
        "sets": [_set(group, env) for group in groups],
    }


def _set(group: WorkerGroup, env: Sequence[Mapping[str, str]]) -> Values:
    """A group: its queue, its service account, its nodes, its size, its scale."""
    own = {"AIRFLOW__CELERY__WORKER_CONCURRENCY": str(group.concurrency), "ALISIO_WORKER_GROUP": group.name}
    return {
        "name": group.name,
        "queue": group.queue_name,
        # The chart's own command leaves out a queue that is called `default`. Such a group would serve the queue that
        # airflow.cfg calls the default one, which is the first group's. Without `exec` the shell swallows SIGTERM.
        "args": ["bash", "-c", f"exec airflow celery worker -q {group.queue_name}"],
        "serviceAccount": service_account(worker_service_account(group.name)),
        "nodeSelector": {CAPACITY_LABEL: CAPACITY_TYPES[group.capacity]},
        "topologySpreadConstraints": spread_over_zones({"component": Part.WORKER.value, "worker-set": group.name}),
        "resources": resources(group.cpu, group.memory),
        "terminationGracePeriodSeconds": group.grace_minutes * 60,
        "env": [*env, *environment(own)],
        "keda": _keda(group),
    }


def _keda(group: WorkerGroup) -> Values:
    """As many workers as queued and running tasks fill. After ten calm minutes, one worker less every two minutes.

    The autoscaler does not see which worker is busy. A worker that is told to stop takes no more tasks, and has the
    group's grace to finish those that it has.
    """
    return {
        "enabled": True,
        "namespaceLabels": {"kubernetes.io/metadata.name": KEDA_NAMESPACE},
        "pollingInterval": 10,
        "cooldownPeriod": 300,
        "minReplicaCount": group.min_workers,
        "maxReplicaCount": group.max_workers,
        "usePgbouncer": False,
        # The chart's own query counts with the one concurrency of airflow.cfg. Our groups have different ones.
        "query": (
            f"SELECT ceil(COUNT(*)::decimal / {group.concurrency}) FROM task_instance"
            f" WHERE state IN ('queued', 'running') AND queue = '{group.queue_name}'"
        ),
        "advanced": {
            "horizontalPodAutoscalerConfig": {
                "behavior": {
                    # By default Kubernetes takes a tenth too few for enough: 18 workers where the tasks need 19.
                    "scaleUp": {"tolerance": "0"},
                    "scaleDown": {
                        "stabilizationWindowSeconds": 600,
                        "policies": [{"type": "Pods", "value": 1, "periodSeconds": 120}],
                    },
                }
            }
        },
    }
