"""The job that removes old runs from the metadata database."""

from __future__ import annotations

from chart.parts import Part
from chart.pieces import Values, resources, service_account
from settings.airflow import DatabaseCleanup

CLEANED_TABLES = (
    # Without dag and dag_version: airflow db clean breaks on their foreign keys (apache/airflow 56192, 71864).
    *("asset_event", "callback_request", "celery_taskmeta", "celery_tasksetmeta", "dag_run", "deadline"),
    *("import_error", "job", "log", "revoked_token", "session", "task_instance", "task_instance_history"),
    *("task_reschedule", "trigger", "xcom"),
)


def cleanup_job(settings: DatabaseCleanup) -> Values:
    """Values of the clean-up."""
    return {
        "enabled": settings.enabled,
        "schedule": settings.schedule,
        "retentionDays": settings.retention_days,
        "skipArchive": True,
        "batchSize": 10000,
        "tables": list(CLEANED_TABLES),
        "ttlSecondsAfterFinished": 86400,
        "serviceAccount": service_account(Part.DATABASE_CLEANUP.service_account),
        "resources": resources("100m", "1Gi"),
    }
