"""airflow.cfg of the platform: what differs from Airflow's defaults, and why.

The settings in RECOVERY come from killing and freezing each part of a running platform. With Airflow's defaults, tasks
are lost when the broker or the database is away for seconds. With these settings, an outage of 60 s costs no task.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeVar

from chart.door import Door, door_config
from chart.metrics import metrics_config
from settings import AirflowSettings, MonitoringSettings

Config = dict[str, dict[str, str]]
Text = TypeVar("Text")
"""`str` on one machine. On AWS also an output."""

SYSTEM_CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
"""A file of Airflow's image. Amazon's public CA signs the certificates of ElastiCache."""

RECOVERY: Config = {
    "celery": {
        # This fires inside Celery's own retry of a publish. It raises AirflowTaskTimeout, the one error after which the
        # scheduler queues a task again instead of failing it. So an outage of the broker uses up no try.
        "operation_timeout": "1.0",
        "task_publish_max_retries": "60",
        # Limits how long the scheduler's loop can block while the broker is away.
        "sync_parallelism": "4",
        "extra_celery_config": json.dumps(
            {
                "task_publish_retry_policy": {
                    "max_retries": 1000,
                    "interval_start": 0,
                    "interval_step": 0.2,
                    "interval_max": 0.5,
                },
                # Otherwise a worker takes one task at a time for half a minute after each reconnect.
                "worker_enable_prefetch_count_reduction": False,
                # Otherwise a worker takes message after message while the database is away. It cannot note that a task
                # has begun, so it drops the message. The task stays queued until `task_queued_timeout`.
                "result_backend_always_retry": True,
                "result_backend_max_sleep_between_retries_ms": 2000,
            }
        ),
    },
    "celery_broker_transport_options": {
        "socket_keepalive": "True",
        "socket_connect_timeout": "5",
        "health_check_interval": "30",
        "retry_on_timeout": "True",
    },
    "core": {"default_task_retries": "2"},
    "scheduler": {
        # A database that is away for a minute must not make every running task look dead.
        "task_instance_heartbeat_timeout": "300",
        # A message that was lost with the broker is sent again after this. It is longer than a node takes to start.
        "task_queued_timeout": "600",
    },
    "workers": {
        # Longer than a failover of the database. After Airflow's 5 s a task would send its request again, while the
        # first still waits for the database. One of them then violates a unique constraint, and the task fails.
        "execution_api_timeout": "120",
        "execution_api_retries": "25",
        "execution_api_retry_wait_max": "15",
        "max_failed_heartbeats": "10",
    },
}


def airflow_config(
    settings: AirflowSettings, monitoring: MonitoringSettings, *, log_folder: str, door: Door | None = None
) -> Config:
    """airflow.cfg by section and key. `airflow.config` of the settings comes last and wins."""
    ours: Config = {
        "core": {
            # By this the api-server finds a worker or triggerer, to show the log of what still runs. No name will do:
            # DNS knows no pod of a Deployment (apache/airflow 35388).
            "hostname_callable": "airflow.utils.net.get_host_ip_address",
            "load_examples": "False",
            # Airflow waits 30 s. A task that is added that soon after another change would be unknown to the scheduler.
            "min_serialized_dag_update_interval": str(min(30, settings.dag_refresh_seconds)),
            "max_active_tasks_per_dag": str(settings.max_active_tasks_per_dag),
            "parallelism": str(settings.parallelism),
        },
        "api": {"expose_config": "False"},
        "celery": {
            # One task for each slot. A prefetched task would wait behind a long one while another worker is idle.
            "worker_prefetch_multiplier": "1",
            "worker_concurrency": str(settings.worker_groups[0].concurrency),
            # Flower reads these, and not the broker's URL. It checks certificate and host name.
            "ssl_active": "True",
            "ssl_mutual_tls": "False",
            "ssl_cacert": SYSTEM_CA_BUNDLE,
        },
        "celery_broker_transport_options": {"visibility_timeout": str(settings.longest_task_hours * 3600)},
        "dag_processor": {"refresh_interval": str(settings.dag_refresh_seconds)},
        "database": {"sql_alchemy_pool_recycle": "1800"},
        "logging": {
            "remote_logging": "True",
            "remote_base_log_folder": log_folder,
            "remote_log_conn_id": "aws_default",
            # The bucket encrypts with its own key. This option would ask for S3's key.
            "encrypt_s3_logs": "False",
            "delete_local_logs": "True",
            "colored_console_log": "False",
        },
        "metrics": metrics_config(monitoring),
        "operators": {"default_queue": settings.worker_groups[0].queue_name},
        "usage_data_collection": {"enabled": "False"},
    }
    return merged(merged(merged(ours, RECOVERY), door_config(door)), settings.config)


def variable(section: str, key: str) -> str:
    """The environment variable of an option."""
    return f"AIRFLOW__{section.replace('.', '_')}__{key}".upper()


def secret_variables(options: Mapping[str, Mapping[str, Text]]) -> dict[str, Text]:
    """The variables of options that come from a Secret, which has them as keys."""
    return {variable(section, key): value for section, entries in options.items() for key, value in entries.items()}


def merged(base: Config, more: Config) -> Config:
    """Two configurations in one. `more` wins."""
    return {section: {**base.get(section, {}), **more.get(section, {})} for section in sorted({*base, *more})}
