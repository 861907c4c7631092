"""What Airflow is told about the rest of the platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

DAG_PREFIX = "dags/"
"""Where DAG files lie in their bucket when they are published one by one."""
LOG_PREFIX = "logs/"
"""Where task logs lie in their bucket."""


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """Places and names outside Airflow. None of them is a secret."""

    region: str
    secrets_prefix: str
    """Prefix of the stack's connections and variables in AWS Secrets Manager."""
    dag_bucket: str
    log_bucket: str
    data_bucket: str
    watched_queues: Mapping[str, str] = field(default_factory=dict[str, str])
    """URLs of the queues with messages about new objects, by asset."""
