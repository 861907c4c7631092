"""Settings of the buckets for DAGs, logs and data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from settings.base import Mistake, Settings, matching

BucketName = Annotated[
    str, matching(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "the name of an S3 bucket: 3 to 63 of a-z, 0-9, dot, hyphen")
]
Days = Annotated[int, Field(ge=1, le=36500)]


class BucketsSettings(Settings):
    """Lifecycles of the three buckets. All are private, versioned and encrypted with keys of their own."""

    dag_version_days: Days = 90
    """How long overwritten and deleted DAG files can be brought back."""
    log_days: Days = 90
    """How long task logs are kept."""
    data_version_days: Days = 30
    """How long overwritten and deleted data can be brought back."""
    data_archive_days: Days | None = None
    """Move data that is this old to Intelligent-Tiering; by default never."""
    abort_upload_days: Days = 7
    """Remove the parts of uploads that nobody completed."""
    access_log_bucket: BucketName | None = None
    """An existing bucket, in the same region and account, that receives the access logs of all three."""

    def mistakes(self) -> Iterator[Mistake]:
        if self.access_log_bucket and ".." in self.access_log_bucket:
            yield Mistake("accessLogBucket", "two dots may not stand together", self.access_log_bucket)
