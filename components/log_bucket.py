"""The bucket of the task logs."""

from __future__ import annotations

from typing import final

import pulumi
from pulumi import Output, ResourceOptions

from chart.endpoints import LOG_PREFIX
from components.parts.hardened_bucket import LifecycleRule, hardened_bucket
from components.parts.pod_role import PodRole
from settings import BucketsSettings, Site


@final
class LogBucket(pulumi.ComponentResource):
    """The logs of tasks. They expire, and no pod can delete one."""

    bucket_name: Output[str]

    def __init__(
        self, name: str, settings: BucketsSettings, site: Site, *, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("alisio:aws:LogBucket", name, None, opts)
        expiry: LifecycleRule = {
            "id": "expiry",
            "status": "Enabled",
            "filter": {"prefix": LOG_PREFIX},
            "expiration": {"days": settings.log_days},
        }
        self._bucket = hardened_bucket(
            name,
            "Task logs",
            settings,
            site,
            version_days=7,
            rules=[expiry],
            readers=[],
            writers=[site.pod_roles, *site.people],
            opts=ResourceOptions(parent=self),
        )
        self.bucket_name = self._bucket.bucket.bucket
        self.register_outputs({"bucketName": self.bucket_name})

    def grant_read(self, role: PodRole) -> None:
        """Let a role list and read the logs."""
        role.permit("logs", self._bucket.reading([LOG_PREFIX]))

    def grant_write(self, role: PodRole) -> None:
        """Let a role append to logs. S3 cannot append, so this is reading and writing the whole object."""
        role.permit("logs", self._bucket.writing([LOG_PREFIX]))
