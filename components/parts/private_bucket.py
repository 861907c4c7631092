"""A bucket that is private, versioned, encrypted and tidy, whatever it is for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from settings import BucketsSettings

LifecycleRule = aws.s3.BucketLifecycleConfigurationRuleArgsDict
Encryption = aws.s3.BucketServerSideEncryptionConfigurationRuleArgsDict


@dataclass(frozen=True)
class PrivateBucket:
    """A bucket."""

    bucket: aws.s3.Bucket
    ready: Sequence[pulumi.Resource]
    """What must exist before the first object. Otherwise that could be public, unencrypted or without versions."""


def private_bucket(
    name: str,
    settings: BucketsSettings,
    *,
    encryption: Encryption,
    policy: Callable[[Output[str]], Output[str]],
    version_days: int,
    rules: Sequence[LifecycleRule],
    protect: bool,
    opts: ResourceOptions,
) -> PrivateBucket:
    """Make a bucket. `policy` makes its policy of its ARN. `rules` are more lifecycle rules.

    Unless the settings say otherwise, the bucket outlives the stack, with all that guards it.
    """
    # Comes and goes with a setting, so it does not stay.
    with_setting = opts
    opts = ResourceOptions.merge(opts, ResourceOptions(retain_on_delete=not settings.force_destroy))
    bucket = aws.s3.Bucket(
        name,
        force_destroy=settings.force_destroy,
        opts=ResourceOptions.merge(opts, ResourceOptions(protect=protect)),
    )
    closed = aws.s3.BucketPublicAccessBlock(
        name,
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=opts,
    )
    aws.s3.BucketOwnershipControls(name, bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"}, opts=opts)
    versioned = aws.s3.BucketVersioning(
        name, bucket=bucket.id, versioning_configuration={"status": "Enabled"}, opts=opts
    )
    encrypted = aws.s3.BucketServerSideEncryptionConfiguration(name, bucket=bucket.id, rules=[encryption], opts=opts)
    aws.s3.BucketLifecycleConfiguration(
        name,
        bucket=bucket.id,
        rules=[*_housekeeping(settings, version_days), *rules],
        opts=ResourceOptions.merge(opts, ResourceOptions(depends_on=[versioned])),
    )
    guarded = aws.s3.BucketPolicy(
        name,
        bucket=bucket.id,
        policy=policy(bucket.arn),
        opts=ResourceOptions.merge(opts, ResourceOptions(depends_on=[closed])),
    )
    if settings.access_log_bucket:
        aws.s3.BucketLogging(
            name,
            bucket=bucket.id,
            target_bucket=settings.access_log_bucket,
            target_prefix=f"{name}/",
            opts=with_setting,
        )
    return PrivateBucket(bucket=bucket, ready=[closed, versioned, encrypted, guarded])


def _housekeeping(settings: BucketsSettings, version_days: int) -> list[LifecycleRule]:
    return [
        {
            "id": "stale-uploads",
            "status": "Enabled",
            "filter": {},
            "abort_incomplete_multipart_upload": {"days_after_initiation": settings.abort_upload_days},
        },
        {
            "id": "old-versions",
            "status": "Enabled",
            "filter": {},
            "noncurrent_version_expiration": {"noncurrent_days": version_days},
        },
        {
            "id": "delete-markers",
            "status": "Enabled",
            "filter": {},
            "expiration": {"expired_object_delete_marker": True},
        },
    ]
