"""KEDA, which scales the worker groups by what waits in the metadata database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi import ResourceOptions

import versions
from components.airflow_names import KEDA_NAMESPACE
from components.airflow_values import CA_BUNDLE
from components.worker_sets import ON_DEMAND


def keda(name: str, *, needs: Sequence[pulumi.Resource], opts: ResourceOptions) -> kubernetes.helm.v3.Release:
    """The release of KEDA, in a namespace that exists."""
    return kubernetes.helm.v3.Release(
        f"{name}-keda",
        name="keda",
        chart="keda",
        version=versions.KEDA_CHART,
        repository_opts={"repo": versions.KEDA_CHART_REPOSITORY},
        namespace=KEDA_NAMESPACE,
        values=keda_values(),
        atomic=True,
        timeout=600,
        max_history=5,
        opts=ResourceOptions.merge(opts, ResourceOptions(depends_on=list(needs))),
    )


def keda_values() -> dict[str, Any]:
    """Values of KEDA's chart. The operator opens the database itself: it needs the CA bundle as the pods do."""
    volume = {"name": "rds-ca", "configMap": {"name": CA_BUNDLE["name"]}}
    mount = {"name": "rds-ca", "mountPath": CA_BUNDLE["path"], "readOnly": True}
    return {
        "nodeSelector": ON_DEMAND,
        "operator": {"replicaCount": 2},
        "env": [
            {"name": "PGSSLMODE", "value": "verify-full"},
            {"name": "PGSSLROOTCERT", "value": f"{CA_BUNDLE['path']}/{CA_BUNDLE['file']}"},
        ],
        "volumes": {"keda": {"extraVolumes": [volume], "extraVolumeMounts": [mount]}},
        "podDisruptionBudget": {"operator": {"maxUnavailable": 1}},
    }
