"""Values of the official Airflow chart, from the settings. Pure: no Pulumi here; the local platform uses it too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

import versions
from components.airflow_config import airflow_config
from components.airflow_names import RELEASE, Secret, service_account
from components.chart_parts import (
    Values,
    component_values,
    environment,
    job,
    liveness_probe,
    log_groomer,
    process_probes,
    resources,
)
from components.endpoints import Endpoints
from components.worker_sets import ON_DEMAND, celery_workers
from settings import AirflowSettings

RUNTIME = {"name": "alisio-runtime", "path": "/opt/alisio/runtime"}
"""Our Python that runs inside Airflow's pods, as the package `runtime`."""
CA_BUNDLE = {"name": "rds-ca-bundle", "path": "/etc/rds-ca", "file": "global-bundle.pem"}
SECRETS_BACKEND = "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend"
RELEASE_BUNDLE = "runtime.release_bundle.ReleaseDagBundle"
S3_BUNDLE = "airflow.providers.amazon.aws.bundles.s3.S3DagBundle"
CLEANED_TABLES = (
    # Without dag and dag_version: airflow db clean breaks on their foreign keys (apache/airflow 56192, 71864).
    *("asset_event", "callback_request", "celery_taskmeta", "celery_tasksetmeta", "dag_run", "deadline"),
    *("import_error", "job", "log", "revoked_token", "session", "task_instance", "task_instance_history"),
    *("task_reschedule", "trigger", "xcom"),
)


def airflow_values(settings: AirflowSettings, endpoints: Endpoints) -> Values:
    """Values of the chart: secrets by name only, the settings' own `values` merged last."""
    values: Values = {
        **_identity(settings),
        **_security(),
        **_secrets(endpoints),
        "env": _environment(settings, endpoints),
        "config": airflow_config(
            settings, log_folder=f"s3://{endpoints.log_bucket}/{endpoints.log_prefix.rstrip('/')}"
        ),
        "apiServer": {
            **component_values("api-server", settings.api_server),
            "allowPodLogReading": False,
            "startupProbe": {"failureThreshold": 30, "periodSeconds": 10, "timeoutSeconds": 20},
        },
        "scheduler": {
            **component_values("scheduler", settings.scheduler),
            **process_probes(),
            "logGroomerSidecar": log_groomer(),
        },
        "dagProcessor": {
            **component_values("dag-processor", settings.dag_processor),
            "enabled": True,
            "livenessProbe": liveness_probe(),
            "logGroomerSidecar": log_groomer(),
            "dagBundleConfigList": [_dag_bundle(settings, endpoints)],
            "env": _secrets_backend(endpoints),
        },
        "triggerer": {
            **component_values("triggerer", settings.triggerer),
            "enabled": True,
            "livenessProbe": liveness_probe(),
            "persistence": {"enabled": False},
            "logGroomerSidecar": log_groomer(),
            "env": _secrets_backend(endpoints),
        },
        "workers": {"celery": celery_workers(settings.worker_groups, env=_secrets_backend(endpoints))},
        "flower": {
            "enabled": settings.flower.enabled,
            "secretName": Secret.FLOWER.value,
            "serviceAccount": service_account("flower"),
            "resources": resources(settings.flower.cpu, settings.flower.memory),
        },
        "createUserJob": _admin_job(),
        "migrateDatabaseJob": {
            **job("migrate-database"),
            "resources": resources("500m", "1Gi"),
        },
        "databaseCleanup": {
            "enabled": settings.database_cleanup.enabled,
            "schedule": settings.database_cleanup.schedule,
            "retentionDays": settings.database_cleanup.retention_days,
            "skipArchive": True,
            "batchSize": 10000,
            "tables": list(CLEANED_TABLES),
            "ttlSecondsAfterFinished": 86400,
            "serviceAccount": service_account("database-cleanup"),
            "resources": resources("100m", "1Gi"),
        },
    }
    return overlaid(values, settings.values)


def overlaid(values: Values, override: Mapping[str, Any]) -> Values:
    """Values with overrides in them, as Helm merges: maps are merged, everything else is replaced."""
    result = dict(values)
    for key, value in override.items():
        old = result.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        result[key] = overlaid(cast("Values", old), cast("Values", value)) if both else value
    return result


def _identity(settings: AirflowSettings) -> Values:
    return {
        "useStandardNaming": True,
        "fullnameOverride": RELEASE,
        "revisionHistoryLimit": 3,
        "enableServiceLinks": False,
        "executor": "CeleryExecutor",
        "airflowVersion": versions.AIRFLOW,
        # Flower ignores images.airflow: only these keys reach every pod.
        "defaultAirflowRepository": settings.image.repository,
        "defaultAirflowTag": settings.image.tag,
        "images": {"migrationsWaitTimeout": 600},
        "labels": {"app.kubernetes.io/part-of": "alisio"},
        # Airflow's own parts never stand on spot nodes; worker groups say for themselves.
        "nodeSelector": ON_DEMAND,
        "webserver": {"enabled": False},
        "statsd": {"enabled": False},
        "postgresql": {"enabled": False},
        "redis": {"enabled": False},
        # The program brings its own, for both directions.
        "networkPolicies": {"enabled": False},
        "allowPodLaunching": False,
        "allowJobLaunching": False,
        "logs": {"emptyDirConfig": {"sizeLimit": "10Gi"}},
    }


def _security() -> Values:
    seccomp = {"seccompProfile": {"type": "RuntimeDefault"}}
    pod = {
        "runAsNonRoot": True,
        "runAsUser": 50000,
        "runAsGroup": 0,
        "fsGroup": 0,
        "fsGroupChangePolicy": "OnRootMismatch",
    }
    container = {"runAsNonRoot": True, "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    return {"securityContexts": {"pod": {**pod, **seccomp}, "containers": {**container, **seccomp}}}


def _secrets(endpoints: Endpoints) -> Values:
    return {
        "data": {
            "metadataSecretName": Secret.METADATA.value,
            "resultBackendSecretName": Secret.RESULTS.value,
            "brokerUrlSecretName": Secret.BROKER.value,
        },
        "fernetKeySecretName": Secret.FERNET.value,
        "apiSecretKeySecretName": Secret.API.value,
        "jwtSecretName": Secret.JWT.value,
        "airflowPodAnnotations": {
            "checksum/alisio-secrets": endpoints.secrets_checksum,
            "checksum/alisio-runtime": endpoints.runtime_checksum,
        },
        "volumes": [{"name": what["name"], "configMap": {"name": what["name"]}} for what in (CA_BUNDLE, RUNTIME)],
        "volumeMounts": [
            {"name": what["name"], "mountPath": what["path"], "readOnly": True} for what in (CA_BUNDLE, RUNTIME)
        ],
    }


def _environment(settings: AirflowSettings, endpoints: Endpoints) -> list[dict[str, str]]:
    return environment(
        {
            # Found before any lookup in a backend or the database; the credentials are the pod's own.
            "AIRFLOW_CONN_AWS_DEFAULT": "aws://",
            "ALISIO_DATA_BUCKET": endpoints.data_bucket,
            "ALISIO_WATCHED_QUEUES": json.dumps(dict(sorted(endpoints.watched_queues.items()))),
            "ALISIO_WORKER_QUEUES": ",".join(group.queue_name for group in settings.worker_groups),
            "AWS_DEFAULT_REGION": endpoints.region,
            # Not in the URL: psycopg2 and asyncpg both read these, and only one of them knows `sslmode` in a URL.
            "PGSSLMODE": "verify-full",
            "PGSSLROOTCERT": f"{CA_BUNDLE['path']}/{CA_BUNDLE['file']}",
            "PYTHONPATH": RUNTIME["path"].rpartition("/")[0],
            # The folder of the DAGs is the bundle's: a release is read-only, S3DagBundle deletes what it does not know.
            "PYTHONPYCACHEPREFIX": "/tmp/pycache",
        }
    )


def _secrets_backend(endpoints: Endpoints) -> list[dict[str, str]]:
    """For those alone who may read the stack's secrets: to the others each lookup would be a refusal in the log."""
    prefixes = {
        "connections_prefix": f"{endpoints.secrets_prefix}/connections",
        "variables_prefix": f"{endpoints.secrets_prefix}/variables",
        # It is in the environment: no call to AWS at the start of every task for it.
        "connections_lookup_pattern": "^(?!aws_default$)",
    }
    return environment(
        {"AIRFLOW__SECRETS__BACKEND": SECRETS_BACKEND, "AIRFLOW__SECRETS__BACKEND_KWARGS": json.dumps(prefixes)}
    )


def _dag_bundle(settings: AirflowSettings, endpoints: Endpoints) -> Values:
    release = settings.dags.bundle == "release"
    return {
        "name": "dags",
        "classpath": RELEASE_BUNDLE if release else S3_BUNDLE,
        "kwargs": {
            "bucket_name": endpoints.dag_bucket,
            "prefix": "" if release else endpoints.dag_prefix.rstrip("/"),
            "aws_conn_id": "aws_default",
            "refresh_interval": settings.dag_refresh_seconds,
        },
    }


def _admin_job() -> Values:
    secret = Secret.ADMIN.value
    variables = {"ADMIN_USERNAME": "username", "ADMIN_PASSWORD": "password"}
    return {
        **job("create-user"),
        "resources": resources("500m", "1Gi"),
        # `users create` leaves a user alone that exists; the second command makes a rotated password count.
        "args": [
            "bash",
            "-c",
            "airflow db check-migrations --migration-wait-timeout 600"
            ' && airflow users create -r Admin -u "$ADMIN_USERNAME" -e "$ADMIN_USERNAME@localhost"'
            ' -f Platform -l Admin -p "$ADMIN_PASSWORD"'
            ' && exec airflow users reset-password -u "$ADMIN_USERNAME" -p "$ADMIN_PASSWORD"',
        ],
        "env": [
            {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}
            for name, key in variables.items()
        ],
    }
