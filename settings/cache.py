"""Settings of Celery's broker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings.base import LogDays, Mistake, Name, Settings, matching, unique
from settings.windows import HourDaily, HourWeekly, overlap

NodeType = Annotated[
    str, matching(r"cache\.[a-z]\d+[a-z]*\.[a-z0-9]+", "an ElastiCache node type, such as cache.m7g.large")
]


class CacheSettings(Settings):
    """ElastiCache replication group with cluster mode off. The broker only holds queued tasks, so it stays small."""

    engine: Literal["redis", "valkey"] = "redis"
    """Engine of the broker."""
    node_type: NodeType = "cache.t4g.small"
    """Size of each node."""
    replicas: Annotated[int, Field(ge=0, le=5)] = 1
    """Copies beside the primary. With at least one, failover is automatic and the nodes are in different zones."""
    multi_az: bool | None = None
    """Follows from `replicas`. Set it to true to make a single node a mistake."""
    maintenance_window: HourWeekly = "sun:05:30-sun:06:30"
    """Weekly window in which AWS patches, UTC."""
    snapshot_window: HourDaily = "03:00-04:00"
    """Daily window of the snapshot, UTC."""
    snapshot_days: Annotated[int, Field(ge=0, le=35)] = 1
    """How long snapshots are kept; 0 turns them off."""
    tokens: Annotated[tuple[Name, ...], Field(min_length=1), AfterValidator(unique)] = ("first",)
    """Names of the tokens that clients log in with, newest first; Airflow uses the first one. To rotate, put a new name
    first. The token before stays valid: docs/operations.md tells how it is retired."""
    log_days: LogDays = 30
    """How long the slow log and the engine's log are kept."""
    apply_immediately: bool = False
    """Apply changes at once instead of in the maintenance window."""

    def mistakes(self) -> Iterator[Mistake]:
        if self.multi_az and self.replicas < 1:
            yield Mistake("replicas", "Multi-AZ needs two nodes: at least 1 replica beside the primary", self.replicas)
        if self.multi_az is False and self.replicas > 0:
            yield Mistake(
                "multiAz", "replicas are in different zones; set replicas to 0, or leave multiAz out", value=False
            )
        if self.snapshot_days and overlap(self.snapshot_window, self.maintenance_window):
            yield Mistake(
                "snapshotWindow", f"overlaps maintenanceWindow {self.maintenance_window}", self.snapshot_window
            )
