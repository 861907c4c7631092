"""Values of KEDA's chart. KEDA scales the worker groups by the tasks in the metadata database."""

from __future__ import annotations

from typing import Any

from chart import ca_bundle
from chart.worker_sets import ON_DEMAND


def keda_values() -> dict[str, Any]:
    """Values for KEDA. Its operator connects to the database, so it needs the CA bundle as Airflow's pods do."""
    volume = {"name": "rds-ca", "configMap": {"name": ca_bundle.NAME}}
    mount = {"name": "rds-ca", "mountPath": ca_bundle.FOLDER, "readOnly": True}
    return {
        "nodeSelector": ON_DEMAND,
        "operator": {"replicaCount": 2},
        "env": [{"name": name, "value": value} for name, value in ca_bundle.TLS_ENVIRONMENT.items()],
        "volumes": {"keda": {"extraVolumes": [volume], "extraVolumeMounts": [mount]}},
        "podDisruptionBudget": {"operator": {"maxUnavailable": 1}},
    }
