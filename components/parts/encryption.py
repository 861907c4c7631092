"""KMS keys, and log groups that are encrypted with them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pulumi_aws as aws
from pulumi import Input, ResourceOptions

from components.parts.iam import only_from
from settings import Site


def encryption_key(
    name: str,
    purpose: str,
    site: Site,
    *,
    holds_state: bool = True,
    outlives: bool = False,
    opts: ResourceOptions,
    services: Mapping[str, Sequence[str]] | None = None,
) -> aws.kms.Key:
    """Make a key for one component and its log groups. AWS rotates it every year.

    `services` are more AWS services that may use the key, with their actions, on behalf of this account only. Without
    the key the data is lost. So a protected stack protects it, and AWS then waits 30 days before it deletes the key. A
    key that goes with a setting, such as that of a queue, holds no state: protection would refuse the setting's change.
    A key that `outlives` the stack stays when Pulumi gives it up: something stays that nobody could read without it.
    """
    key = aws.kms.Key(
        name,
        description=purpose,
        enable_key_rotation=True,
        deletion_window_in_days=30 if site.protect else 7,
        policy=_key_policy(site, services or {}),
        # A key has no name of its own: an interrupted update finds it by this (scripts/recover/aws.py).
        tags={"Name": name},
        opts=ResourceOptions.merge(
            opts, ResourceOptions(protect=site.protect and holds_state, retain_on_delete=outlives)
        ),
    )
    aws.kms.Alias(name, name=f"alias/{name}", target_key_id=key.key_id, opts=opts)
    return key


def _key_policy(site: Site, services: Mapping[str, Sequence[str]]) -> str:
    """AWS's default, which leaves the decision to IAM, and a statement for CloudWatch Logs of this account."""
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
                *(
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": service},
                        "Action": list(actions),
                        "Resource": "*",
                        "Condition": only_from(site.account_id),
                    }
                    for service, actions in services.items()
                ),
            ],
        }
    )


def log_group(
    name: str, path: Input[str], *, days: int, key: aws.kms.Key, opts: ResourceOptions
) -> aws.cloudwatch.LogGroup:
    """Make an encrypted log group. The service that writes to it comes after it, or makes one without a key."""
    return aws.cloudwatch.LogGroup(name, name=path, retention_in_days=days, kms_key_id=key.arn, opts=opts)
