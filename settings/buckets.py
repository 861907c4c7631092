"""Settings of the buckets for DAGs, logs and data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from settings.base import Mistake, Prefix, Settings, matching

BucketName = Annotated[
    str, matching(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "the name of an S3 bucket: 3 to 63 of a-z, 0-9, dot, hyphen")
]
Days = Annotated[int, Field(ge=1, le=36500)]


class Watch(Settings):
    """New objects below a prefix of the data bucket become events of an Airflow asset."""

    prefix: Prefix
    """Prefix of the data bucket. Watched prefixes may not overlap: S3 sends an event to one queue only."""
    asset: Annotated[str, matching(r"[a-z][a-z0-9_]{0,39}", "the name of an asset: 1 to 40 of a-z, 0-9, underscore")]
    """Name of the asset. DAGs use the same name."""


class BucketsSettings(Settings):
    """Lifecycles of the three buckets. Each is private, versioned, and encrypted with its own key."""

    dag_version_days: Days = 90
    """How long overwritten and deleted DAG files can be brought back."""
    log_days: Days = 90
    """How long task logs are kept."""
    data_version_days: Days = 30
    """How long overwritten and deleted data can be brought back."""
    data_archive_days: Days | None = None
    """Data of this age moves to Intelligent-Tiering; by default never."""
    abort_upload_days: Days = 7
    """Unfinished multipart uploads are removed at this age."""
    watches: tuple[Watch, ...] = ()
    """Prefixes whose new objects start DAG runs, seconds after they land."""
    force_destroy: bool = False
    """Delete the buckets with all that is in them when the stack is destroyed. By default they outlive it, and so do
    their keys."""
    access_log_bucket: BucketName | None = None
    """An existing bucket, in the same region and account, that receives the access logs of all three."""

    def mistakes(self) -> Iterator[Mistake]:
        if self.access_log_bucket and ".." in self.access_log_bucket:
            yield Mistake("accessLogBucket", "two dots in a row are not allowed", self.access_log_bucket)
        for index, watch in enumerate(self.watches):
            before = self.watches[:index]
            if watch.asset in [other.asset for other in before]:
                yield Mistake(f"watches[{index}].asset", "another watch feeds this asset", watch.asset)
            for other in before:
                if watch.prefix.startswith(other.prefix) or other.prefix.startswith(watch.prefix):
                    yield Mistake(
                        f"watches[{index}].prefix", f"overlaps the watched prefix {other.prefix}", watch.prefix
                    )
