"""KMS keys, and log groups that are encrypted with them."""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws
from pulumi import Input, ResourceOptions

from settings import Site


def encryption_key(name: str, purpose: str, site: Site, *, parent: pulumi.Resource) -> aws.kms.Key:
    """A key of its own for one component, rotated every year; also for the component's log groups.

    Who loses the key loses the data: it is protected, and AWS waits 30 days before it deletes one.
    """
    key = aws.kms.Key(
        name,
        description=purpose,
        enable_key_rotation=True,
        deletion_window_in_days=30 if site.protect else 7,
        policy=_key_policy(site),
        opts=ResourceOptions(parent=parent, protect=site.protect),
    )
    aws.kms.Alias(name, name=f"alias/{name}", target_key_id=key.key_id, opts=ResourceOptions(parent=parent))
    return key


def _key_policy(site: Site) -> str:
    """AWS's default, which leaves the decision to IAM policies, and CloudWatch Logs for this account's log groups."""
    log_groups = f"arn:aws:logs:{site.region}:{site.account_id}:log-group:*"
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "LeaveItToIam",
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{site.account_id}:root"},
                    "Action": "kms:*",
                    "Resource": "*",
                },
                {
                    "Sid": "EncryptLogGroups",
                    "Effect": "Allow",
                    "Principal": {"Service": f"logs.{site.region}.amazonaws.com"},
                    "Action": [
                        "kms:Decrypt",
                        "kms:Encrypt",
                        "kms:GenerateDataKey*",
                        "kms:ReEncrypt*",
                    ],
                    "Resource": "*",
                    "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
                },
            ],
        }
    )


def log_group(
    name: str, path: Input[str], *, days: int, key: aws.kms.Key, parent: pulumi.Resource
) -> aws.cloudwatch.LogGroup:
    """A log group, made before the service that writes to it would make one that is unencrypted and kept for ever."""
    return aws.cloudwatch.LogGroup(
        name,
        name=path,
        retention_in_days=days,
        kms_key_id=key.arn,
        opts=ResourceOptions(parent=parent),
    )
