"""What the rest of the platform tells Airflow. Pure: no Pulumi here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """Places and names outside Airflow. No secret among them."""

    region: str
    secrets_prefix: str
    """Prefix of the stack's connections and variables in AWS Secrets Manager."""
    dag_bucket: str
    dag_prefix: str
    log_bucket: str
    log_prefix: str
    data_bucket: str
    watched_queues: Mapping[str, str] = field(default_factory=dict[str, str])
    """URLs of the queues that tell of new objects, by asset."""
    secrets_checksum: str
    """Changes with any secret, and so rolls the pods."""
    runtime_checksum: str = ""
    """Changes with our code inside the pods, and so rolls them."""
