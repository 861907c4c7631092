"""Names of the Helm releases and their namespaces."""

from __future__ import annotations

RELEASE = "airflow"
NAMESPACE = "airflow"
KEDA_RELEASE = "keda"
KEDA_NAMESPACE = "keda"
