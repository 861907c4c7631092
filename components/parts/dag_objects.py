"""DAGs as objects of their bucket: as one release, or file by file."""

from __future__ import annotations

import pulumi_aws as aws
from pulumi import FileAsset, ResourceOptions

from chart.endpoints import DAG_PREFIX
from components.parts.hardened_bucket import HardenedBucket
from releases.format import Release
from releases.pointer import archive_key, pointer_key, pointer_to
from releases.publication import LooseFiles

PUBLISHER = "pulumi"


def release_objects(name: str, release: Release, bucket: HardenedBucket, *, opts: ResourceOptions) -> None:
    """Make two objects, whatever the number of files: the archive, and then the pointer that makes it current.

    Both stay in the bucket when Pulumi gives them up. A run may still need an old archive, and the next publication
    writes the pointer anew. `python -m scripts.dags prune` removes old archives.
    """
    archive = aws.s3.BucketObjectv2(
        f"{name}-release",
        bucket=bucket.bucket.id,
        key=archive_key(release.sha256),
        source=FileAsset(str(release.archive)),
        content_type="application/x-tar",
        opts=ResourceOptions.merge(opts, ResourceOptions(retain_on_delete=True, depends_on=bucket.ready)),
    )
    aws.s3.BucketObjectv2(
        f"{name}-current",
        bucket=bucket.bucket.id,
        key=pointer_key(),
        content=pointer_to(release, published_by=PUBLISHER).document(),
        content_type="application/json",
        opts=ResourceOptions.merge(opts, ResourceOptions(retain_on_delete=True, depends_on=[archive])),
    )


def loose_objects(name: str, files: LooseFiles, bucket: HardenedBucket, *, opts: ResourceOptions) -> None:
    """Make an object for each file, as Airflow's own S3DagBundle expects them."""
    for path, source in files.paths.items():
        key = f"{DAG_PREFIX}{path}"
        aws.s3.BucketObjectv2(
            f"{name}-{key}",
            bucket=bucket.bucket.id,
            key=key,
            source=FileAsset(str(source)),
            opts=ResourceOptions.merge(opts, ResourceOptions(depends_on=bucket.ready)),
        )
