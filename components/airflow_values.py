"""Values of the official Airflow chart, from the settings. Pure: no Pulumi here; the local platform uses it too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import versions
from components.airflow_config import airflow_config
from components.airflow_names import RELEASE, Secret, service_account
from components.worker_sets import ON_DEMAND, worker_set
from settings import AirflowSettings, Component

Values = dict[str, Any]

CA_BUNDLE = {"name": "rds-ca-bundle", "path": "/etc/rds-ca", "file": "global-bundle.pem"}
SECRETS_BACKEND = "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend"
S3_BUNDLE = "airflow.providers.amazon.aws.bundles.s3.S3DagBundle"
CLEANED_TABLES = (
    # Without dag and dag_version: airflow db clean breaks on their foreign keys (apache/airflow 56192, 71864).
    "asset_event", "callback_request", "celery_taskmeta", "celery_tasksetmeta", "dag_run", "deadline", "import_error",
    "job", "log", "revoked_token", "session", "task_instance", "task_instance_history", "task_reschedule", "trigger", "xcom",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """What the rest of the platform tells Airflow. No secret among it."""

    region: str
    secrets_prefix: str
    """Prefix of the stack's connections and variables in AWS Secrets Manager."""
    dag_bucket: str
    dag_prefix: str
    log_bucket: str
    log_prefix: str
    data_bucket: str
    secrets_checksum: str
    """Changes with any secret, and so rolls the pods."""


def airflow_values(settings: AirflowSettings, endpoints: Endpoints) -> Values:
    """Values of the chart: secrets by name only, the settings' own `values` merged last."""
    values: Values = {
        **_identity(settings),
        **_security(),
        **_secrets(endpoints),
        "env": _environment(settings, endpoints),
        "config": airflow_config(settings, log_folder=f"s3://{endpoints.log_bucket}/{endpoints.log_prefix.rstrip('/')}"),
        "apiServer": {
            **_component("api-server", settings.api_server),
            "allowPodLogReading": False,
            "startupProbe": {"failureThreshold": 30, "periodSeconds": 10, "timeoutSeconds": 20},
        },
        "scheduler": {
            **_component("scheduler", settings.scheduler),
            **_process_probes(),
            "logGroomerSidecar": _groomer(),
        },
        "dagProcessor": {
            **_component("dag-processor", settings.dag_processor),
            "enabled": True,
            "livenessProbe": _probe(),
            "logGroomerSidecar": _groomer(),
            "dagBundleConfigList": [_dag_bundle(settings, endpoints)],
            "env": _secrets_backend(endpoints),
        },
        "triggerer": {
            **_component("triggerer", settings.triggerer),
            "enabled": True,
            "livenessProbe": _probe(),
            "persistence": {"enabled": False},
            "logGroomerSidecar": _groomer(),
            "env": _secrets_backend(endpoints),
        },
        "workers": {"celery": _workers(settings, endpoints)},
        "flower": {
            "enabled": settings.flower.enabled,
            "secretName": Secret.FLOWER.value,
            "serviceAccount": service_account("flower"),
            "resources": _resources(settings.flower.cpu, settings.flower.memory),
        },
        "createUserJob": _admin_job(),
        "migrateDatabaseJob": {
            **_job("migrate-database"),
            "resources": _resources("500m", "1Gi"),
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
            "resources": _resources("100m", "1Gi"),
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
    pod = {"runAsNonRoot": True, "runAsUser": 50000, "runAsGroup": 0, "fsGroup": 0, "fsGroupChangePolicy": "OnRootMismatch"}
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
        "airflowPodAnnotations": {"checksum/alisio-secrets": endpoints.secrets_checksum},
        "volumes": [{"name": "rds-ca", "configMap": {"name": CA_BUNDLE["name"]}}],
        "volumeMounts": [{"name": "rds-ca", "mountPath": CA_BUNDLE["path"], "readOnly": True}],
    }


def _environment(settings: AirflowSettings, endpoints: Endpoints) -> list[dict[str, str]]:
    return _env(
        {
            # Found before any lookup in a backend or the database; the credentials are the pod's own.
            "AIRFLOW_CONN_AWS_DEFAULT": "aws://",
            "ALISIO_DATA_BUCKET": endpoints.data_bucket,
            "ALISIO_WORKER_QUEUES": ",".join(group.queue_name for group in settings.worker_groups),
            "AWS_DEFAULT_REGION": endpoints.region,
            # Not in the URL: psycopg2 and asyncpg both read these, and only one of them knows `sslmode` in a URL.
            "PGSSLMODE": "verify-full",
            "PGSSLROOTCERT": f"{CA_BUNDLE['path']}/{CA_BUNDLE['file']}",
            # S3DagBundle deletes what is not in the bucket, and with it every __pycache__.
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
    return _env(
        {"AIRFLOW__SECRETS__BACKEND": SECRETS_BACKEND, "AIRFLOW__SECRETS__BACKEND_KWARGS": json.dumps(prefixes)}
    )


def _dag_bundle(settings: AirflowSettings, endpoints: Endpoints) -> Values:
    return {
        "name": "dags",
        "classpath": S3_BUNDLE,
        "kwargs": {
            "bucket_name": endpoints.dag_bucket,
            "prefix": endpoints.dag_prefix.rstrip("/"),
            "aws_conn_id": "aws_default",
            "refresh_interval": settings.dag_refresh_seconds,
        },
    }


def _component(name: str, component: Component) -> Values:
    return {
        "replicas": component.replicas,
        "resources": _resources(component.cpu, component.memory),
        "serviceAccount": service_account(name),
        "podDisruptionBudget": {"enabled": True, "config": {"maxUnavailable": 1}},
        "topologySpreadConstraints": spread_over_zones({"component": name}),
    }


def _workers(settings: AirflowSettings, endpoints: Endpoints) -> Values:
    return {
        # The default set's selector matches the pods of named sets as well: two disruption budgets on one pod, and no
        # eviction ever succeeds; two autoscalers, and neither scales.
        "enableDefault": False,
        "persistence": {"enabled": False},
        "strategy": {"rollingUpdate": {"maxSurge": "100%", "maxUnavailable": 0}},
        "safeToEvict": False,
        "podDisruptionBudget": {"enabled": True, "config": {"maxUnavailable": 1}},
        "podAnnotations": {"karpenter.sh/do-not-disrupt": "true"},
        "livenessProbe": {"enabled": True, **_probe()},
        "logGroomerSidecar": {"enabled": True, "requirePersistence": False, **_groomer()},
        "sets": [
            {
                **worker_set(group),
                "resources": _resources(group.cpu, group.memory),
                "topologySpreadConstraints": spread_over_zones({"component": "worker", "worker-set": group.name}),
                "env": [
                    *_secrets_backend(endpoints),
                    *_env(
                        {
                            "AIRFLOW__CELERY__WORKER_CONCURRENCY": str(group.concurrency),
                            "ALISIO_WORKER_GROUP": group.name,
                        }
                    ),
                ],
            }
            for group in settings.worker_groups
        ],
    }


def _admin_job() -> Values:
    secret = Secret.ADMIN.value
    variables = {"ADMIN_USERNAME": "username", "ADMIN_PASSWORD": "password"}
    return {
        **_job("create-user"),
        "resources": _resources("500m", "1Gi"),
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
            {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}} for name, key in variables.items()
        ],
    }


def _job(name: str) -> Values:
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


def _process_probes() -> Values:
    return {"livenessProbe": _probe(), "startupProbe": {"failureThreshold": 30, "periodSeconds": 10, "timeoutSeconds": 30}}


def _probe() -> Values:
    """The chart's probes start a Python for some 5 s of CPU each time; its defaults would do that every minute."""
    return {"periodSeconds": 120, "timeoutSeconds": 60, "failureThreshold": 5}


def _groomer() -> Values:
    return {"retentionDays": 2, "resources": _resources("10m", "128Mi")}


def _resources(cpu: str, memory: str) -> Values:
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


def _env(variables: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in sorted(variables.items())]
