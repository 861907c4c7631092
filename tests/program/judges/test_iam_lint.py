"""The linter of IAM policies: each rule with a policy that passes and one that does not."""

from __future__ import annotations

from typing import Any

import pytest

from .iam_lint import lint, mismatched_resources, unknown_actions, unknown_condition_keys

GOOD: dict[str, Any] = {
    "Sid": "Read",
    "Effect": "Allow",
    "Action": ["s3:GetObject"],
    "Resource": ["arn:aws:s3:::data/*"],
    "Condition": {"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}},
}


def policy(*items: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(items)}


def without(*keys: str, **more: Any) -> dict[str, Any]:
    return {key: value for key, value in GOOD.items() if key not in keys} | more


def test_a_narrow_statement_passes() -> None:
    """Named actions on named resources need no excuse."""
    assert lint(GOOD) == []


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (without(Action="*"), "Read: Action: *: wildcard"),
        (without(Action=["s3:*"]), "Read: Action: s3:*: wildcard"),
        (without(Action="s3:Get*"), "Read: Action: s3:Get*: wildcard"),
        (without(Action="s3:GetObjec?"), "Read: Action: s3:GetObjec?: wildcard"),
        (without("Action", NotAction="s3:DeleteObject"), "Read: NotAction: allows whatever AWS adds tomorrow"),
        (without("Resource", NotResource="arn:aws:s3:::x"), "Read: NotResource: allows whatever AWS adds tomorrow"),
        (without(Resource="*"), "Read: Resource: *: s3:GetObject can be limited to a resource"),
        (without("Action"), "Read: Action: is required"),
        (without(Effect="allow"), "Read: Effect: 'allow': must be Allow or Deny"),
        (without(Actions="s3:GetObject"), "Read: Actions: IAM has no such element"),
        (without(Condition={"StringLikes": {"k": "v"}}), "Read: Condition: StringLikes: IAM has no such condition"),
    ],
)
def test_a_wide_or_broken_statement_is_reported(statement: dict[str, Any], problem: str) -> None:
    """Each way of allowing too much, or of saying nothing, is one problem."""
    (found,) = lint(statement)
    assert found.startswith(problem)


def test_a_deny_may_be_wide() -> None:
    """A Deny with wildcards takes away more, which is right. A misspelt operator is still wrong."""
    wide = without("Action", "Resource", Effect="Deny", NotAction="s3:GetObject", NotResource="*", Principal="*")
    assert lint(wide) == []
    assert len(lint(wide | {"Condition": {"ArnUnlike": {"k": "v"}}})) == 1


def test_star_is_for_actions_without_a_narrower_resource() -> None:
    """Resource * passes for what AWS cannot narrow, and for the given exceptions."""
    assert lint(without(Action=["ecr:GetAuthorizationToken", "secretsmanager:ListSecrets"], Resource="*")) == []
    assert len(lint(without(Resource="*"), star_resources=["s3:PutObject"])) == 1
    assert lint(without(Resource="*"), star_resources=["s3:GetObject"]) == []


def test_a_resource_policy_names_its_principals() -> None:
    """There, Resource * is the resource itself, while everybody without a condition is refused."""
    key = without("Condition", Action="kms:*", Resource="*", Principal={"AWS": "111122223333"})
    assert lint(key, attached_to="resource", wildcard_actions=["kms:*"]) == []
    assert lint(key, attached_to="resource") == ["Read: Action: kms:*: wildcard"]
    for principal in ("*", {"AWS": "*"}):
        (found,) = lint(without("Condition", Principal=principal), attached_to="resource")
        assert found == "Read: Principal: *: everybody, without a condition"
        assert lint(without(Principal=principal), attached_to="resource") == []
    assert lint(GOOD, attached_to="resource") == ["Read: Principal: is required in a resource policy"]


@pytest.mark.parametrize(
    "action", ["s3:GetObjects", "s3:Gett*", "es3:GetObject", "GetObject", "s3:", "s3:ListObjectsV2"]
)
def test_an_action_that_no_service_has_is_reported(action: str) -> None:
    """A misspelt action is found in Allow and in Deny, and so is an API call that is not an action."""
    for effect in ("Allow", "Deny"):
        assert unknown_actions(policy(GOOD, without(Effect=effect, Action=["s3:PutObject", action]))) == [action]
    assert unknown_actions(policy(without("Action", NotAction=action))) == [action]


def test_real_actions_are_known() -> None:
    """The names the platform uses exist, in any case and as wildcards."""
    names = [
        "s3:ListBucket",
        "S3:getobject",
        "kms:GenerateDataKey*",
        "secretsmanager:GetSecretValue",
        "sqs:ReceiveMessage",
    ]
    names += ["sts:TagSession", "logs:PutLogEvents", "eks-auth:AssumeRoleForPodIdentity", "*"]
    assert unknown_actions(policy(without(Action=names))) == []


@pytest.mark.parametrize(
    ("action", "key", "carried"),
    [
        ("s3:ListBucket", "s3:prefix", True),
        ("s3:GetObject", "s3:prefix", False),
        ("s3:PutObject", "s3:x-amz-server-side-encryption", True),
        ("s3:PutObject", "S3:X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", True),
        ("s3:PutObject", "s3:x-amz-server-side-encrypton", False),
        ("s3:GetObject", "s3:ExistingObjectTag/team", True),
        ("kms:Decrypt", "kms:ViaService", True),
        ("kms:Decrypt", "kms:EncryptionContext:aws:s3:arn", True),
        ("secretsmanager:GetSecretValue", "secretsmanager:ResourceTag/team", True),
        ("s3:*", "s3:prefix", True),
        ("s3:*", "s3:prefixes", False),
        ("s3:GetObject", "aws:PrincipalArn", True),
    ],
)
def test_condition_keys_that_an_action_never_carries(action: str, key: str, *, carried: bool) -> None:
    """A condition on a key that the action does not have, or that is misspelt, is reported."""
    found = unknown_condition_keys(policy(without(Action=[action], Condition={"StringEquals": {key: "v"}})))
    assert found == ([] if carried else [f"{action}: {key}"])


@pytest.mark.parametrize(
    ("action", "resource", "fits"),
    [
        ("s3:GetObject", "arn:aws:s3:::data/*", True),
        ("s3:GetObject", "arn:aws:s3:::data/team-a/x", True),
        ("s3:GetObject", "arn:aws:s3:::data", False),
        ("s3:ListBucket", "arn:aws:s3:::data", True),
        ("s3:ListBucket", "arn:aws:s3:::data/*", False),
        ("s3:ListBucket", ["arn:aws:s3:::data", "arn:aws:s3:::data/*"], True),
        ("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/1", True),
        ("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:alias/a", False),
        ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:a/b-*", True),
        ("sqs:ReceiveMessage", "arn:aws:sqs:eu-west-1:111122223333:q", True),
        ("sqs:ReceiveMessage", "arn:aws:sns:eu-west-1:111122223333:q", False),
        ("logs:PutLogEvents", "arn:aws:logs:eu-west-1:111122223333:log-group:g:*", True),
        ("ecr:GetAuthorizationToken", "arn:aws:ecr:eu-west-1:111122223333:repository/r", True),
        ("s3:*", ["arn:aws:s3:::data"], True),
        ("s3:GetObject", "*", True),
    ],
)
def test_resources_that_an_action_does_not_work_on(action: str, resource: Any, *, fits: bool) -> None:
    """An action with no resource of its kind, such as an object action on the bucket's ARN, is reported."""
    found = mismatched_resources(policy(without(Action=[action], Resource=resource)))
    assert bool(found) is not fits
