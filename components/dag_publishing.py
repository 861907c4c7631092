"""DAGs from the checkout into their bucket: as one release, or file by file."""

from __future__ import annotations

from pathlib import Path

import pulumi
import pulumi_aws as aws
from pulumi import FileAsset, ResourceOptions

from components.hardened_bucket import HardenedBucket
from runtime.release_build import IGNORED, IGNORED_SUFFIXES, build_release
from runtime.release_pointer import archive_key, pointer_key, pointer_to

BUILT = Path(".cache/dag-releases")
PUBLISHER = "pulumi"


def publish_release(name: str, dags: Path, bucket: HardenedBucket, *, parent: pulumi.Resource) -> None:
    """Two objects, whatever the number of files: the archive, and then the pointer that makes it current.

    Both stay where they are when Pulumi gives them up: a run may still need an old archive, and whoever publishes next
    writes the pointer anew. Old archives are removed by `python -m scripts.dags prune`.
    """
    release = build_release(dags, into=BUILT)
    archive = aws.s3.BucketObjectv2(
        f"{name}-release",
        bucket=bucket.bucket.id,
        key=archive_key(release.sha256),
        source=FileAsset(str(release.archive)),
        content_type="application/x-tar",
        opts=ResourceOptions(parent=parent, retain_on_delete=True, depends_on=bucket.ready),
    )
    aws.s3.BucketObjectv2(
        f"{name}-current",
        bucket=bucket.bucket.id,
        key=pointer_key(),
        content=pointer_to(release, published_by=PUBLISHER).document(),
        content_type="application/json",
        opts=ResourceOptions(parent=parent, retain_on_delete=True, depends_on=[archive]),
    )


def publish_files(name: str, dags: Path, bucket: HardenedBucket, *, prefix: str, parent: pulumi.Resource) -> None:
    """An object for each file, as Airflow's own S3DagBundle wants them."""
    for file in sorted(path for path in dags.rglob("*") if path.is_file() and _is_dag(path)):
        key = f"{prefix}{file.relative_to(dags).as_posix()}"
        aws.s3.BucketObjectv2(
            f"{name}-{key}",
            bucket=bucket.bucket.id,
            key=key,
            source=FileAsset(str(file)),
            opts=ResourceOptions(parent=parent, depends_on=bucket.ready),
        )


def _is_dag(path: Path) -> bool:
    return not IGNORED & set(path.parts) and path.suffix not in IGNORED_SUFFIXES
