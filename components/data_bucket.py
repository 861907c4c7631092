"""The bucket of the data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import pulumi
from pulumi import Output, ResourceOptions

from components.parts.hardened_bucket import LifecycleRule, hardened_bucket
from components.parts.pod_role import PodRole
from settings import BucketsSettings, Site


@final
class DataBucket(pulumi.ComponentResource):
    """The data that flows through the platform. Each worker group has prefixes of its own."""

    bucket_name: Output[str]
    arn: Output[str]

    def __init__(
        self, name: str, settings: BucketsSettings, site: Site, *, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("alisio:aws:DataBucket", name, None, opts)
        archive: LifecycleRule = {
            "id": "archive",
            "status": "Enabled",
            "filter": {},
            "transitions": [{"days": settings.data_archive_days, "storage_class": "INTELLIGENT_TIERING"}],
        }
        self._bucket = hardened_bucket(
            name,
            "Data",
            settings,
            site,
            version_days=settings.data_version_days,
            rules=[archive] if settings.data_archive_days else [],
            readers=[],
            writers=[site.pod_roles, *site.people],
            opts=ResourceOptions(parent=self),
        )
        self.bucket_name = self._bucket.bucket.bucket
        self.arn = self._bucket.bucket.arn
        self.register_outputs({"bucketName": self.bucket_name})

    def grant_read_write(self, role: PodRole, prefixes: Sequence[str]) -> None:
        """Let a role list, read, write and delete below prefixes."""
        role.permit("data", [*self._bucket.writing(prefixes), *self._bucket.deleting(prefixes)])
