"""A bucket with a key of its own, that only listed principals use."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from components.parts.bucket_policy import bucket_policy
from components.parts.encryption import encryption_key
from components.parts.iam import Statement, allow
from components.parts.private_bucket import LifecycleRule, private_bucket
from settings import BucketsSettings, Site


@dataclass(frozen=True)
class HardenedBucket:
    """A bucket with its key, and the statements that grant its use."""

    bucket: aws.s3.Bucket
    key: aws.kms.Key
    site: Site
    ready: Sequence[pulumi.Resource]
    """What must exist before the first object. Otherwise that could be public, unencrypted or without versions."""

    def reading(self, prefixes: Sequence[str]) -> list[Statement]:
        """Statements that allow listing and reading below prefixes. The empty prefix is the whole bucket."""
        return [
            self._list(prefixes),
            allow(["s3:GetObject"], on=self._objects(prefixes)),
            self.using_key(["kms:Decrypt"]),
        ]

    def writing(self, prefixes: Sequence[str]) -> list[Statement]:
        """Statements that allow listing, reading and writing below prefixes, and giving up an upload."""
        return [
            self._list(prefixes),
            allow(["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"], on=self._objects(prefixes)),
            self.using_key(["kms:Decrypt", "kms:GenerateDataKey"]),
        ]

    def deleting(self, prefixes: Sequence[str]) -> list[Statement]:
        """Statements that allow deleting below prefixes. Versioning keeps for a while what was deleted."""
        return [allow(["s3:DeleteObject"], on=self._objects(prefixes))]

    def _list(self, prefixes: Sequence[str]) -> Statement:
        whole = list(prefixes) == [""]
        when = None if whole else {"StringLike": {"s3:prefix": [f"{prefix}*" for prefix in prefixes]}}
        return allow(["s3:ListBucket"], on=self.bucket.arn, when=when)

    def _objects(self, prefixes: Sequence[str]) -> list[Output[str]]:
        return [Output.concat(self.bucket.arn, f"/{prefix}*") for prefix in prefixes]

    def using_key(self, actions: list[str]) -> Statement:
        """A statement that allows actions with the bucket's key, through S3 only."""
        through_s3 = {"StringEquals": {"kms:ViaService": f"s3.{self.site.region}.amazonaws.com"}}
        return allow(actions, on=self.key.arn, when=through_s3)


def hardened_bucket(
    name: str,
    purpose: str,
    settings: BucketsSettings,
    site: Site,
    *,
    version_days: int,
    rules: Sequence[LifecycleRule],
    readers: Sequence[str],
    writers: Sequence[str],
    opts: ResourceOptions,
) -> HardenedBucket:
    """Make a bucket that is private, versioned, encrypted with a key of its own, and reachable over TLS only.

    `readers` and `writers` are patterns of principal ARNs. `rules` are more lifecycle rules. Unless the settings say
    otherwise, the bucket outlives the stack, with its key and with all that guards it.
    """
    key = encryption_key(name, purpose, site, outlives=not settings.force_destroy, opts=opts)

    def policy(bucket_arn: Output[str]) -> Output[str]:
        return Output.all(bucket_arn, key.arn).apply(
            lambda arns: json.dumps(bucket_policy(arns[0], arns[1], readers=readers, writers=writers))
        )

    made = private_bucket(
        name,
        settings,
        encryption={
            "apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": key.arn},
            "bucket_key_enabled": True,
        },
        policy=policy,
        version_days=version_days,
        rules=rules,
        protect=site.protect,
        opts=opts,
    )
    return HardenedBucket(bucket=made.bucket, key=key, site=site, ready=made.ready)
