"""Names inside the cluster that more than one file needs. Pure: no Pulumi here."""

from __future__ import annotations

from enum import Enum
from typing import Any

NAMESPACE = "airflow"
RELEASE = "airflow"
KEDA_NAMESPACE = "keda"


class Secret(Enum):
    """Kubernetes Secrets of ours. Never the chart's own names, which it would want to own (apache/airflow 58982)."""

    METADATA = "alisio-metadata"
    RESULTS = "alisio-results"
    BROKER = "alisio-broker"
    FERNET = "alisio-fernet"
    API = "alisio-api"
    JWT = "alisio-jwt"
    FLOWER = "alisio-flower"
    ADMIN = "alisio-admin"


def service_account_name(component: str) -> str:
    """The service account of a component; pod roles are tied to it by name."""
    return f"{RELEASE}-{component}"


def worker_component(group: str) -> str:
    """The component that a worker group is."""
    return f"worker-{group}"


def service_account(component: str) -> dict[str, Any]:
    """A service account in the chart's values. No pod of Airflow talks to the Kubernetes API: no token is mounted."""
    return {"create": True, "name": service_account_name(component), "automountServiceAccountToken": False}
