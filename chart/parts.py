"""Every kind of pod that the platform runs, in one enum. All names of a part follow from it."""

from __future__ import annotations

from enum import Enum

from chart.names import KEDA_NAMESPACE, NAMESPACE, RELEASE


class Part(Enum):
    """A kind of pod. The value is its label: `component` for Airflow's, `app` for KEDA's."""

    API_SERVER = "api-server"
    DAG_PROCESSOR = "dag-processor"
    FLOWER = "flower"
    SCHEDULER = "scheduler"
    TRIGGERER = "triggerer"
    WORKER = "worker"
    MIGRATION = "run-airflow-migrations"
    CREATE_USER = "create-user-job"
    DATABASE_CLEANUP = "database-cleanup"

    KEDA_OPERATOR = "keda-operator"
    KEDA_METRICS = "keda-operator-metrics-apiserver"
    KEDA_WEBHOOKS = "keda-admission-webhooks"

    @property
    def namespace(self) -> str:
        """The namespace of its pods."""
        return KEDA_NAMESPACE if self in KEDA_PARTS else NAMESPACE

    @property
    def labels(self) -> dict[str, str]:
        """Labels that select its pods, and no other pods."""
        return {"app": self.value} if self in KEDA_PARTS else {"release": RELEASE, "component": self.value}

    @property
    def values_key(self) -> str:
        """Its key in the values of Airflow's chart."""
        return VALUES_KEYS.get(self) or _camel(self.value)

    @property
    def service_account(self) -> str:
        """Its service account in Airflow's namespace; a worker group has one of its own."""
        return f"{RELEASE}-{SERVICE_ACCOUNTS.get(self, self.value)}"


KEDA_PARTS = (Part.KEDA_OPERATOR, Part.KEDA_METRICS, Part.KEDA_WEBHOOKS)
JOBS = (Part.MIGRATION, Part.CREATE_USER, Part.DATABASE_CLEANUP)
AIRFLOW_PARTS = tuple(part for part in Part if part not in KEDA_PARTS)
VALUES_KEYS = {
    Part.MIGRATION: "migrateDatabaseJob",
    Part.CREATE_USER: "createUserJob",
    Part.WORKER: "workers",
}
"""Keys of the chart that are not the label in camelCase."""
SERVICE_ACCOUNTS = {Part.MIGRATION: "migrate-database", Part.CREATE_USER: "create-user"}
"""Service accounts that are not called like the label."""


def worker_service_account(group: str) -> str:
    """The service account of a worker group."""
    return f"{Part.WORKER.service_account}-{group}"


def _camel(label: str) -> str:
    first, *others = label.split("-")
    return first + "".join(word.capitalize() for word in others)
