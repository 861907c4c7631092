"""Values of KEDA's chart. KEDA scales the worker groups by the tasks in the metadata database."""

from __future__ import annotations

from typing import Any

from chart import ca_bundle
from chart.parts import Part
from chart.worker_sets import ON_DEMAND
from settings import AirflowSettings

ENVIRONMENT = {
    **ca_bundle.TLS_ENVIRONMENT,
    # In seconds. By default KEDA waits without end for a host that is gone, as after a failover, and no longer scales.
    # Nobody who answers for longer than a group's cooldown is another matter: KEDA 2.20 may then read from a cache that
    # it has just closed, take that for "no tasks", and stop a group without a minimum; its workers finish what they
    # have in hand (https://github.com/kedacore/keda/pull/7737, in getScalerState).
    "PGCONNECT_TIMEOUT": "10",
}

USER = {"runAsNonRoot": True, "runAsUser": 65532, "runAsGroup": 65532}
"""The user that the images of KEDA name themselves."""


def keda_values(settings: AirflowSettings) -> dict[str, Any]:
    """Values for KEDA. Its operator connects to the database, so it needs the CA bundle as Airflow's pods do."""
    volume = {"name": "rds-ca", "configMap": {"name": ca_bundle.NAME}}
    mount = {"name": "rds-ca", "mountPath": ca_bundle.FOLDER, "readOnly": True}
    return {
        "global": {"image": {"registry": settings.keda_registry}},
        "nodeSelector": ON_DEMAND,
        "operator": {"replicaCount": 2, "affinity": _apart(Part.KEDA_OPERATOR)},
        "podSecurityContext": dict.fromkeys(("operator", "metricServer", "webhooks"), USER),
        # Deployments need no rule of their own. This one would be for every kind there is.
        "rbac": {"enabledCustomScaledRefKinds": False},
        "env": [{"name": name, "value": value} for name, value in ENVIRONMENT.items()],
        "volumes": {"keda": {"extraVolumes": [volume], "extraVolumeMounts": [mount]}},
        "podDisruptionBudget": {"operator": {"maxUnavailable": 1}},
    }


def _apart(part: Part) -> dict[str, Any]:
    """Prefer different nodes for the pods of a part."""
    term = {"labelSelector": {"matchLabels": part.labels}, "topologyKey": "kubernetes.io/hostname"}
    return {
        "podAntiAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 100, "podAffinityTerm": term}]
        }
    }
