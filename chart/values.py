"""Values of the official Airflow chart, from the settings. The local platform uses them too."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

import versions
from chart import ca_bundle, pod_code, queue_probe
from chart.access import flower_values
from chart.admin import admin_job
from chart.cleanup import cleanup_job
from chart.config import airflow_config
from chart.door import Door, door_values
from chart.endpoints import DAG_PREFIX, LOG_PREFIX, Endpoints
from chart.metrics import queue_environment
from chart.names import RELEASE
from chart.parts import Part
from chart.pieces import (
    Values,
    environment,
    job,
    liveness_probe,
    log_groomer,
    part_values,
    process_probes,
    resources,
    service_account,
)
from chart.quoting import quoted
from chart.secrets import Secret
from chart.worker_sets import ON_DEMAND, celery_workers
from settings import AirflowSettings, MonitoringSettings

SECRETS_BACKEND = "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend"
RELEASE_BUNDLE = pod_code.pod_name("runtime.release_bundle.ReleaseDagBundle")
S3_BUNDLE = "airflow.providers.amazon.aws.bundles.s3.S3DagBundle"
TMP = "/tmp"
"""The one folder that every container may write to. It holds the DAGs too, and what tasks put there."""


def airflow_values(
    settings: AirflowSettings,
    monitoring: MonitoringSettings,
    endpoints: Endpoints,
    *,
    secrets_checksum: str,
    secret_variables: Iterable[str] = (),
    door: Door | None = None,
) -> Values:
    """Values of the chart. They name secrets and hold none. `airflow.values` of the settings is merged last.

    `secrets_checksum` changes with any secret, and so rolls the pods. `secret_variables` are the keys of Secret.CONFIG.
    `door` is the load balancer, if there is one, with single sign-on, if there is that.
    """
    sign_on = door.sign_on if door else None
    log_folder = f"s3://{endpoints.log_bucket}/{LOG_PREFIX.rstrip('/')}"
    values: Values = {
        **_identity(settings),
        **_security(),
        **_secrets(),
        **_mounts(secrets_checksum),
        "env": _environment(endpoints, queue_environment(settings, monitoring)),
        "secret": [
            {"envName": name, "secretName": Secret.CONFIG.value, "secretKey": name} for name in secret_variables
        ],
        "config": {
            section: {key: quoted(value) for key, value in options.items()}
            for section, options in airflow_config(settings, monitoring, log_folder=log_folder, door=door).items()
        },
        Part.API_SERVER.values_key: {
            **part_values(Part.API_SERVER, settings.api_server),
            "allowPodLogReading": False,
            "startupProbe": {"failureThreshold": 30, "periodSeconds": 10, "timeoutSeconds": 20},
            **door_values(door, flower=settings.flower.enabled),
        },
        Part.SCHEDULER.values_key: {
            **part_values(Part.SCHEDULER, settings.scheduler),
            **process_probes(),
            "logGroomerSidecar": log_groomer(),
        },
        Part.DAG_PROCESSOR.values_key: {
            **part_values(Part.DAG_PROCESSOR, settings.dag_processor),
            "enabled": True,
            "livenessProbe": liveness_probe(),
            "logGroomerSidecar": log_groomer(),
            "dagBundleConfigList": [_dag_bundle(settings, endpoints)],
            "extraContainers": queue_probe.sidecars(settings, monitoring),
            "env": _secrets_backend(endpoints),
        },
        Part.TRIGGERER.values_key: {
            **part_values(Part.TRIGGERER, settings.triggerer),
            "enabled": True,
            "livenessProbe": liveness_probe(),
            "persistence": {"enabled": False},
            "logGroomerSidecar": log_groomer(),
            "env": _secrets_backend(endpoints),
        },
        Part.WORKER.values_key: {"celery": celery_workers(settings.worker_groups, env=_secrets_backend(endpoints))},
        Part.FLOWER.values_key: {
            "enabled": settings.flower.enabled,
            "secretName": Secret.FLOWER.value,
            "serviceAccount": service_account(Part.FLOWER.service_account),
            "resources": resources(settings.flower.cpu, settings.flower.memory),
            **flower_values(sign_on=sign_on),
        },
        Part.CREATE_USER.values_key: admin_job() if not sign_on or sign_on.local_admin else {"enabled": False},
        Part.MIGRATION.values_key: {
            **job(Part.MIGRATION),
            "resources": resources("500m", "1Gi"),
        },
        Part.DATABASE_CLEANUP.values_key: cleanup_job(settings.database_cleanup),
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
        # Flower and the pod template know no digest of their own. As a part of the tag it reaches every pod.
        "defaultAirflowTag": settings.image.reference,
        "images": {"migrationsWaitTimeout": 600},
        "labels": {"app.kubernetes.io/part-of": "alisio"},
        # Airflow's own parts never run on spot nodes. A worker group says for itself.
        "nodeSelector": ON_DEMAND,
        "webserver": {"enabled": False},
        "statsd": {"enabled": False},
        "postgresql": {"enabled": False},
        "redis": {"enabled": False},
        # The program makes its own, for both directions.
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
    container = {
        "runAsNonRoot": True,
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        # What a process writes goes to /tmp, and its logs to the chart's volume for them.
        "readOnlyRootFilesystem": True,
    }
    return {"securityContexts": {"pod": {**pod, **seccomp}, "containers": {**container, **seccomp}}}


def _secrets() -> Values:
    return {
        "data": {
            "metadataSecretName": Secret.METADATA.value,
            "resultBackendSecretName": Secret.RESULTS.value,
            "brokerUrlSecretName": Secret.BROKER.value,
        },
        "fernetKeySecretName": Secret.FERNET.value,
        "apiSecretKeySecretName": Secret.API.value,
        "jwtSecretName": Secret.JWT.value,
    }


def _mounts(secrets_checksum: str) -> Values:
    """What every pod has mounted, and the hashes that roll the pods when that changes."""
    return {
        "airflowPodAnnotations": {
            "checksum/alisio-secrets": secrets_checksum,
            "checksum/alisio-runtime": pod_code.CHECKSUM,
        },
        "volumes": [
            {"name": ca_bundle.NAME, "configMap": {"name": ca_bundle.NAME}},
            pod_code.volume(),
            {"name": "tmp", "emptyDir": {"sizeLimit": "10Gi"}},
        ],
        "volumeMounts": [
            {"name": ca_bundle.NAME, "mountPath": ca_bundle.FOLDER, "readOnly": True},
            {"name": pod_code.NAME, "mountPath": pod_code.FOLDER, "readOnly": True},
            {"name": "tmp", "mountPath": TMP},
        ],
    }


def _environment(endpoints: Endpoints, queues: Mapping[str, str]) -> list[dict[str, str]]:
    return environment(
        {
            # Airflow finds it before it asks a backend or the database. The credentials are the pod's own.
            "AIRFLOW_CONN_AWS_DEFAULT": "aws://",
            "ALISIO_DATA_BUCKET": endpoints.data_bucket,
            "ALISIO_WATCHED_QUEUES": json.dumps(dict(sorted(endpoints.watched_queues.items()))),
            **queues,
            "AWS_DEFAULT_REGION": endpoints.region,
            **ca_bundle.TLS_ENVIRONMENT,
            "PYTHONPATH": pod_code.FOLDER,
            # Not beside the DAGs. A release is read-only, and S3DagBundle deletes files that it does not know.
            "PYTHONPYCACHEPREFIX": f"{TMP}/pycache",
        }
    )


def _secrets_backend(endpoints: Endpoints) -> list[dict[str, str]]:
    """Only for parts that may read the stack's secrets. For the others each lookup would be a refusal in the log."""
    prefixes = {
        "connections_prefix": f"{endpoints.secrets_prefix}/connections",
        "variables_prefix": f"{endpoints.secrets_prefix}/variables",
        # It is in the environment. So a task does not call AWS for it when it starts.
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
            "prefix": "" if release else DAG_PREFIX.rstrip("/"),
            "aws_conn_id": "aws_default",
            "refresh_interval": settings.dag_refresh_seconds,
        },
    }
