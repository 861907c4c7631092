"""Pieces of the chart's values that several components share. Pure: no Pulumi here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.airflow_names import RELEASE, service_account
from settings import Component

Values = dict[str, Any]


def component_values(name: str, component: Component) -> Values:
    return {
        "replicas": component.replicas,
        "resources": resources(component.cpu, component.memory),
        "serviceAccount": service_account(name),
        "podDisruptionBudget": {"enabled": True, "config": {"maxUnavailable": 1}},
        "topologySpreadConstraints": spread_over_zones({"component": name}),
    }


def job(name: str) -> Values:
    """A job beside the pods that wait for it: as a Helm hook it would wait for them."""
    return {
        "enabled": True,
        "useHelmHooks": False,
        # The jobs need PGSSLMODE and its fellows as much as the pods do.
        "applyCustomEnv": True,
        # A job's pod template cannot be changed: it has to be gone before the next update.
        "ttlSecondsAfterFinished": 60,
        "serviceAccount": service_account(name),
    }


def process_probes() -> Values:
    return {
        "livenessProbe": liveness_probe(),
        "startupProbe": {"failureThreshold": 30, "periodSeconds": 10, "timeoutSeconds": 30},
    }


def liveness_probe() -> Values:
    """The chart's probes start a Python for some 5 s of CPU each time; its defaults would do that every minute."""
    return {"periodSeconds": 120, "timeoutSeconds": 60, "failureThreshold": 5}


def log_groomer() -> Values:
    return {"retentionDays": 2, "resources": resources("10m", "128Mi")}


def resources(cpu: str, memory: str) -> Values:
    return {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": memory}}


def spread_over_zones(labels: Mapping[str, str]) -> list[Values]:
    """Prefer to stand in different zones; rather crowded than not at all."""
    return [
        {
            "maxSkew": 1,
            "topologyKey": "topology.kubernetes.io/zone",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": {"tier": "airflow", "release": RELEASE, **labels}},
        }
    ]


def environment(variables: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in sorted(variables.items())]
