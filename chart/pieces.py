"""Pieces of the chart's values that several parts of Airflow share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chart.names import RELEASE
from chart.parts import Part
from settings import Component

Values = dict[str, Any]


def part_values(part: Part, component: Component) -> Values:
    """Values of every part that runs all the time: size, account, disruption budget, spread."""
    return {
        "replicas": component.replicas,
        "resources": resources(component.cpu, component.memory),
        "serviceAccount": service_account(part.service_account),
        "podDisruptionBudget": disruption_budget(),
        "topologySpreadConstraints": spread_over_zones({"component": part.value}),
    }


def job(part: Part) -> Values:
    """Values of a job. It runs beside the pods that wait for it. A Helm hook would wait for them: a deadlock."""
    return {
        "enabled": True,
        "useHelmHooks": False,
        # Jobs need PGSSLMODE and the other variables as the pods do.
        "applyCustomEnv": True,
        # A job's pod template cannot be changed, so the job has to be gone before the next update.
        "ttlSecondsAfterFinished": 60,
        "serviceAccount": service_account(part.service_account),
    }


def service_account(name: str) -> Values:
    """A service account without a mounted token. No pod of Airflow talks to the Kubernetes API."""
    return {"create": True, "name": name, "automountServiceAccountToken": False}


def process_probes() -> Values:
    """Probes of a process that takes a while until its first heartbeat."""
    return {
        "livenessProbe": liveness_probe(),
        "startupProbe": {"failureThreshold": 30, "periodSeconds": 10, "timeoutSeconds": 30},
    }


def liveness_probe() -> Values:
    """A probe every two minutes, not every minute as the chart has it. Each starts a Python for some 5 s of CPU."""
    return {"periodSeconds": 120, "timeoutSeconds": 60, "failureThreshold": 5}


def disruption_budget() -> Values:
    """One pod at a time. A pod that is not ready may always go: it would keep a node from being drained."""
    return {"enabled": True, "config": {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow"}}


def log_groomer() -> Values:
    """The sidecar that removes local logs. The bucket has them."""
    return {"retentionDays": 2, "resources": resources("10m", "128Mi")}


def resources(cpu: str, memory: str) -> Values:
    """CPU is reserved, and a pod may use more. Memory is reserved, and a pod may not use more."""
    return {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": memory}}


def spread_over_zones(labels: Mapping[str, str]) -> list[Values]:
    """Prefer different zones for the pods. Where that is impossible, they start anyway."""
    return [
        {
            "maxSkew": 1,
            "topologyKey": "topology.kubernetes.io/zone",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": {"tier": "airflow", "release": RELEASE, **labels}},
        }
    ]


def environment(variables: Mapping[str, str]) -> list[dict[str, str]]:
    """Environment variables as Kubernetes lists them."""
    return [{"name": name, "value": value} for name, value in sorted(variables.items())]
