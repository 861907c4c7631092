"""Settings of the metadata database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

import versions
from settings.base import LogDays, Mistake, Settings, matching
from settings.windows import HalfHourDaily, HalfHourWeekly, overlap

InstanceClass = Annotated[
    str, matching(r"db\.[a-z]\d+[a-z]*\.[a-z0-9]+", "an RDS instance class, such as db.m8g.large")
]
TOO_SMALL_FOR_INSIGHTS = ("db.t4g.micro", "db.t4g.small", "db.t3.micro", "db.t3.small")
GUARDED_PARAMETERS = ("rds.force_ssl",)


def _insight_days(days: int) -> int:
    if days != 7 and days != 731 and (days % 31 or not 31 <= days <= 713):
        raise ValueError("7, 731, or a multiple of 31 up to 713")
    return days


class DataStoreSettings(Settings):
    """RDS PostgreSQL. To scale up, change `instanceClass` or `storageGib`."""

    engine_version: Literal["17", "18"] = versions.POSTGRES
    """Major version of PostgreSQL. AWS upgrades the minor version in the maintenance window."""
    allow_major_version_upgrade: bool = False
    """Allow a change of `engineVersion` to upgrade the database in place. Set it for that one update only."""
    instance_class: InstanceClass = "db.m8g.large"
    """Size of the instance."""
    # RDS allows 65,536 GiB at most, and the limit of autoscaling must be 10 % above the first size.
    storage_gib: Annotated[int, Field(ge=20, le=59578)] = 50
    """Storage (gp3) when the database is created."""
    max_storage_gib: Annotated[int, Field(ge=22, le=65536)] = 200
    """Limit up to which storage grows by itself."""
    multi_az: bool = True
    """A standby in another zone, with automatic failover."""
    backup_days: Annotated[int, Field(ge=1, le=35)] = 14
    """How far back a point-in-time restore reaches."""
    backup_window: HalfHourDaily = "02:00-03:00"
    """Daily window of the backup, UTC."""
    maintenance_window: HalfHourWeekly = "sun:04:00-sun:05:00"
    """Weekly window in which AWS patches, UTC."""
    performance_insights: bool = True
    """Turn on Performance Insights, which records what queries wait for."""
    performance_insights_days: Annotated[int, AfterValidator(_insight_days)] = 7
    """How long Performance Insights keeps its records. 7 days are free."""
    monitoring_seconds: Literal[0, 1, 5, 10, 15, 30, 60] = 60
    """Interval of enhanced monitoring; 0 turns it off."""
    log_days: LogDays = 30
    """How long PostgreSQL's logs are kept in CloudWatch Logs."""
    slow_query_milliseconds: Annotated[int, Field(ge=100, le=3_600_000)] = 1000
    """Queries that take longer are logged."""
    parameters: dict[str, str] = {}
    """More parameters for the parameter group, such as `work_mem`."""
    skip_final_snapshot: bool = False
    """Delete the database without a last snapshot, and its backups with it. By default both outlive it, and so does
    the key that they are encrypted with."""
    apply_immediately: bool = False
    """Apply changes at once instead of in the maintenance window."""

    def mistakes(self) -> Iterator[Mistake]:
        if self.max_storage_gib * 10 < self.storage_gib * 11:
            yield Mistake(
                "maxStorageGib",
                f"at least 10 % above storageGib ({self.storage_gib}), as RDS demands",
                self.max_storage_gib,
            )
        if overlap(self.backup_window, self.maintenance_window):
            yield Mistake("backupWindow", f"overlaps maintenanceWindow {self.maintenance_window}", self.backup_window)
        if self.performance_insights and self.instance_class in TOO_SMALL_FOR_INSIGHTS:
            yield Mistake(
                "performanceInsights", f"{self.instance_class} has no Performance Insights; set it to false", value=True
            )
        if self.performance_insights_days != 7 and not self.performance_insights:
            yield Mistake(
                "performanceInsightsDays",
                "has no effect while performanceInsights is false",
                self.performance_insights_days,
            )
        for parameter in GUARDED_PARAMETERS:
            if parameter in self.parameters:
                yield Mistake(
                    f"parameters.{parameter}",
                    "is set by the platform: connections are TLS only",
                    self.parameters[parameter],
                )
