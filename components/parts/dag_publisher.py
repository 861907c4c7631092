"""A role for jobs of a GitHub repository that publish DAG releases."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from components.parts.hardened_bucket import HardenedBucket
from components.parts.iam import allow, document
from releases.pointer import archive_key, pointer_key
from settings import Site

GITHUB = "token.actions.githubusercontent.com"
_ID = re.compile(r"@\d+")


def publishers(site: Site) -> str:
    """Pattern of the roles that publish. No other role is below this IAM path."""
    return f"arn:aws:iam::{site.account_id}:role/{site.path}/publishers/*"


def subjects(repository: str, environment: str) -> str | Sequence[str]:
    """What GitHub may call the jobs of an environment: by names, and by names with ids if ids are given.

    Which of the two depends on when the repository was made, renamed, moved or opted in. Names alone are safe beside
    the ids: whoever takes over a free name gets tokens with ids.
    https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens/
    """
    names = _ID.sub("", repository)
    both = [f"repo:{each}:environment:{environment}" for each in dict.fromkeys((names, repository))]
    return both if len(both) > 1 else both[0]


def github_publisher(
    name: str, repository: str, environment: str, bucket: HardenedBucket, site: Site, *, opts: ResourceOptions
) -> Output[str]:
    """Make a role for the jobs in one environment of one repository. They may publish and roll back, but not delete.

    GitHub must be an identity provider of the account. An account can have it only once, so the program does not make
    it.
    """
    vouched = {f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": subjects(repository, environment)}
    role = aws.iam.Role(
        f"{name}-publisher",
        path=f"/{site.path}/publishers/",
        description=f"Publishes DAGs: {repository}, environment {environment}",
        assume_role_policy=document(
            [
                {
                    "Effect": "Allow",
                    "Principal": {"Federated": f"arn:aws:iam::{site.account_id}:oidc-provider/{GITHUB}"},
                    "Action": "sts:AssumeRoleWithWebIdentity",
                    "Condition": {"StringEquals": vouched},
                }
            ]
        ),
        opts=opts,
    )
    objects = [Output.concat(bucket.bucket.arn, "/", key) for key in (pointer_key(), archive_key("*"))]
    aws.iam.RolePolicy(
        f"{name}-publisher",
        role=role.name,
        policy=document(
            [
                # Without a condition on the prefix. With one, S3 answers 403 instead of 404 for what does not exist.
                allow(["s3:ListBucket", "s3:ListBucketVersions"], on=bucket.bucket.arn),
                allow(["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"], on=objects),
                bucket.using_key(["kms:Decrypt", "kms:GenerateDataKey"]),
            ]
        ),
        opts=opts,
    )
    return role.arn
