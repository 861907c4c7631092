"""A role for jobs of a GitHub repository that publish DAG releases."""

from __future__ import annotations

import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from components.parts.hardened_bucket import HardenedBucket
from components.parts.iam import allow, document
from releases.pointer import archive_key, pointer_key
from settings import Site

GITHUB = "token.actions.githubusercontent.com"


def publishers(site: Site) -> str:
    """Pattern of the roles that publish: they alone lie below this IAM path."""
    return f"arn:aws:iam::{site.account_id}:role/{site.path}/publishers/*"


def github_publisher(
    name: str, repository: str, environment: str, bucket: HardenedBucket, site: Site, *, opts: ResourceOptions
) -> Output[str]:
    """ARN of a role that jobs in one environment of one repository take, to publish and roll back, not to delete.

    The account must know GitHub as an identity provider; it takes one of a kind, so the program makes none.
    """
    vouched = {f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": f"repo:{repository}:environment:{environment}"}
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
                # Without a condition on the prefix: what is not there must answer 404, not 403.
                allow(["s3:ListBucket", "s3:ListBucketVersions"], on=bucket.bucket.arn),
                allow(["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"], on=objects),
                bucket.using_key(["kms:Decrypt", "kms:GenerateDataKey"]),
            ]
        ),
        opts=opts,
    )
    return role.arn
