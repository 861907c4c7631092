"""airflow.cfg of the platform: what differs from Airflow's defaults, and why.

The settings in RECOVERY come from killing each part of a running platform. With Airflow's defaults, tasks are lost when
the broker or the database is away for seconds. With these settings, an outage of 60 s costs no task.
"""

from __future__ import annotations

import json

from settings import AirflowSettings

Config = dict[str, dict[str, str]]

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
        "execution_api_retries": "25",
        "execution_api_retry_wait_max": "15",
        "max_failed_heartbeats": "10",
    },
}


def airflow_config(settings: AirflowSettings, *, log_folder: str) -> Config:
    """airflow.cfg by section and key. `airflow.config` of the settings comes last and wins."""
    ours: Config = {
        "core": {
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
        "metrics": {"statsd_on": "False"},
        "operators": {"default_queue": settings.worker_groups[0].queue_name},
        "usage_data_collection": {"enabled": "False"},
    }
    return merged(merged(ours, RECOVERY), settings.config)


def merged(base: Config, more: Config) -> Config:
    """Two configurations in one. `more` wins."""
    return {section: {**base.get(section, {}), **more.get(section, {})} for section in sorted({*base, *more})}
