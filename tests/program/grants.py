"""What the program's roles may do, asked of the policies that it registers."""

from __future__ import annotations

from collections.abc import Mapping

from plan import Deployment
from tests.program.judges.iam import Decision, Policy, Request, evaluate

ACCOUNT = "111122223333"
REGION = "eu-west-1"
ADMINISTRATOR_ACCESS: Policy = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
"""AWS's managed policy of this name."""
PEOPLE = ("deployer", "platform-admin", "data-engineer", "outsider")
"""Roles that the program does not make; all of them administrators of the account."""
THROUGH_S3 = {"kms:ViaService": f"s3.{REGION}.amazonaws.com", "s3:TlsVersion": "1.3"}
VERBS = {
    "l": ("s3:ListBucket", None),
    "r": ("s3:GetObject", "kms:Decrypt"),
    "w": ("s3:PutObject", "kms:GenerateDataKey"),
    "d": ("s3:DeleteObject", None),
}
"""What S3 asks for: its own action, and that of the bucket's key."""


def principal(deployment: Deployment, who: str) -> str:
    """The ARN of a person's role, or of one that the program makes."""
    if who in PEOPLE:
        return f"arn:aws:iam::{ACCOUNT}:role/{who}"
    return str(deployment.one("aws:iam/role:Role", f"alisio-{deployment.stack}-{who}").outputs["arn"])


def identity_policies(deployment: Deployment, who: str) -> list[Policy]:
    """The inline policies of a role; test_iam names the managed ones."""
    if who in PEOPLE:
        return [ADMINISTRATOR_ACCESS]
    role = deployment.one("aws:iam/role:Role", f"alisio-{deployment.stack}-{who}").outputs["name"]
    policies = deployment.of_type("aws:iam/rolePolicy:RolePolicy")
    return [each.plain_inputs["policy"] for each in policies if each.inputs["role"] == role]


def bucket(deployment: Deployment, use: str) -> str:
    """A bucket's ARN."""
    return str(deployment.one("aws:s3/bucket:Bucket", f"alisio-{deployment.stack}-{use}").outputs["arn"])


def key(deployment: Deployment, use: str) -> str:
    """The ARN of a bucket's key."""
    return str(deployment.one("aws:kms/key:Key", f"alisio-{deployment.stack}-{use}").outputs["arn"])


def ask_bucket(
    deployment: Deployment, who: str, action: str, resource: str, *, use: str, context: Mapping[str, str]
) -> Decision:
    """What S3 answers to one action on a bucket or an object of it."""
    policy = deployment.one("aws:s3/bucketPolicy:BucketPolicy", f"alisio-{deployment.stack}-{use}")
    return evaluate(
        Request(action=action, resource=resource, principal=principal(deployment, who), context=dict(context)),
        identity_policies=identity_policies(deployment, who),
        resource_policy=policy.plain_inputs["policy"],
    )


def ask_key(deployment: Deployment, who: str, action: str, *, use: str, context: Mapping[str, str]) -> Decision:
    """What KMS answers to one action with a bucket's key."""
    resource = deployment.one("aws:kms/key:Key", f"alisio-{deployment.stack}-{use}")
    return evaluate(
        Request(
            action=action,
            resource=resource.outputs["arn"],
            principal=principal(deployment, who),
            context=dict(context),
        ),
        identity_policies=identity_policies(deployment, who),
        resource_policy=resource.plain_inputs["policy"],
    )


def may(
    deployment: Deployment, who: str, verb: str, path: str, *, use: str, context: Mapping[str, str] | None = None
) -> Decision:
    """Whether somebody may list, read, write or delete below a path of a bucket, its key's consent included."""
    action, key_action = VERBS[verb]
    full = {**THROUGH_S3, **(context or {})}
    listing = verb == "l"
    resource = bucket(deployment, use) if listing else f"{bucket(deployment, use)}/{path}"
    decision = ask_bucket(
        deployment, who, action, resource, use=use, context={**full, "s3:prefix": path} if listing else full
    )
    if decision is not Decision.ALLOWED or key_action is None:
        return decision
    return ask_key(deployment, who, key_action, use=use, context=full)


def may_read_secret(deployment: Deployment, who: str, name: str) -> bool:
    """Whether somebody may read a secret of Secrets Manager, which adds six characters to each name."""
    request = Request(
        action="secretsmanager:GetSecretValue",
        resource=f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-AbCdEf",
        principal=principal(deployment, who),
    )
    return evaluate(request, identity_policies=identity_policies(deployment, who)) is Decision.ALLOWED
