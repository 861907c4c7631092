"""Evaluation of IAM policies: each rule of AWS's logic with a request that passes and one that does not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .iam import Decision, Request, evaluate, statements
from .iam_conditions import Values

ACCOUNT = "111122223333"
WORKER = f"arn:aws:iam::{ACCOUNT}:role/worker"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/pod-1"
OBJECT = "arn:aws:s3:::data/team-a/x"


def policy(*items: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(items)}


def allow(action: Any = "s3:GetObject", resource: Any = "arn:aws:s3:::data/*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "s3:*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return allow(action, resource, **more) | {"Effect": "Deny"}


def request(action: str = "s3:GetObject", resource: str = OBJECT, **context: Values) -> Request:
    return Request(action=action, resource=resource, principal=WORKER, context=context)


def decide(*identity: dict[str, Any], resource_policy: dict[str, Any] | None = None, of: Request | None = None) -> str:
    return evaluate(of or request(), identity_policies=[policy(*identity)], resource_policy=resource_policy)


def test_nothing_is_allowed_without_an_allow() -> None:
    """The default is an implicit deny; an Allow lifts it; a Deny on either side beats every Allow."""
    assert decide() == Decision.IMPLICIT_DENY
    assert decide(allow()) == Decision.ALLOWED
    assert decide(allow(), deny()) == Decision.EXPLICIT_DENY
    assert decide(allow(), resource_policy=policy(deny(Principal="*"))) == Decision.EXPLICIT_DENY
    assert evaluate(request(), identity_policies=[json.dumps(policy(allow()))]) == Decision.ALLOWED


@pytest.mark.parametrize(
    ("action", "matched"),
    [
        ("s3:GetObject", True),
        ("S3:getobject", True),
        ("s3:Get*", True),
        ("s3:GetObjec?", True),
        ("*", True),
        (["s3:PutObject", "s3:GetObject"], True),
        ("s3:GetObjectVersion", False),
        ("s3:Put*", False),
        ("sqs:GetObject", False),
    ],
)
def test_actions(action: Any, *, matched: bool) -> None:
    """Actions match without regard to case, with wildcards; NotAction is the opposite."""
    assert decide(allow(action)) == (Decision.ALLOWED if matched else Decision.IMPLICIT_DENY)
    inverse = {"Effect": "Allow", "NotAction": action, "Resource": "*"}
    assert decide(inverse) == (Decision.IMPLICIT_DENY if matched else Decision.ALLOWED)


@pytest.mark.parametrize(
    ("resource", "matched"),
    [
        ("*", True),
        (OBJECT, True),
        ("arn:aws:s3:::data/*", True),
        ("arn:aws:s3:::dat?/team-?/*", True),
        ("arn:aws:s3:*", True),
        (["arn:aws:s3:::other", OBJECT], True),
        ("arn:aws:s3:::data/${aws:PrincipalTag/team}/*", True),
        ("arn:aws:s3:::data/${aws:PrincipalTag/none, 'team-a'}/*", True),
        ("arn:aws:s3:::data/${aws:PrincipalTag/none}/*", False),
        ("arn:aws:s3:::data/${*}/x", False),
        ("arn:aws:s3:::DATA/*", False),
        ("arn:aws:s3:::data", False),
        ("arn:aws:s3:*:data/*", False),
        ("arn:aws-cn:s3:::data/*", False),
    ],
)
def test_resources(resource: Any, *, matched: bool) -> None:
    """Resources match with regard to case, part by part, with wildcards and policy variables."""
    of = request(**{"aws:PrincipalTag/team": "team-a"})
    assert decide(allow(resource=resource), of=of) == (Decision.ALLOWED if matched else Decision.IMPLICIT_DENY)


def test_not_resource() -> None:
    """NotResource matches what is not listed, and nothing where its variable has no value."""
    item = {"Effect": "Allow", "Action": "s3:GetObject"}
    assert decide(item | {"NotResource": "arn:aws:s3:::other/*"}) == Decision.ALLOWED
    assert decide(item | {"NotResource": "arn:aws:s3:::data/*"}) == Decision.IMPLICIT_DENY
    assert decide(item | {"NotResource": "arn:aws:s3:::x/${aws:username}"}) == Decision.IMPLICIT_DENY


@pytest.mark.parametrize(
    ("principal", "alone", "with_identity"),
    [
        ("*", True, True),
        ({"AWS": "*"}, True, True),
        ({"AWS": WORKER}, True, True),
        ({"AWS": SESSION}, True, True),
        ({"AWS": [f"arn:aws:iam::{ACCOUNT}:role/other", WORKER]}, True, True),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, False, True),
        ({"AWS": ACCOUNT}, False, True),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/other"}, False, False),
        ({"AWS": "arn:aws:iam::999999999999:root"}, False, False),
        ({"Service": "logs.amazonaws.com"}, False, False),
    ],
)
def test_principals_of_a_resource_policy(principal: Any, *, alone: bool, with_identity: bool) -> None:
    """Naming a role allows it alone; naming its account leaves it to the role's own policies, which a KMS key needs."""
    of = Request(action="s3:GetObject", resource=OBJECT, principal=SESSION)
    bucket = policy(allow(Principal=principal))
    assert evaluate(of, resource_policy=bucket) == (Decision.ALLOWED if alone else Decision.IMPLICIT_DENY)
    assert evaluate(of, identity_policies=[policy(allow())], resource_policy=bucket) == Decision.ALLOWED

    key = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
    of = Request(action="kms:Decrypt", resource=key, principal=SESSION)
    mine, theirs = policy(allow("kms:Decrypt", key)), policy(allow("kms:*", "*", Principal=principal))
    expected = Decision.ALLOWED if with_identity else Decision.IMPLICIT_DENY
    assert evaluate(of, identity_policies=[mine], resource_policy=theirs) == expected
    assert evaluate(of, resource_policy=theirs) == (Decision.ALLOWED if alone else Decision.IMPLICIT_DENY)


def test_a_deny_for_the_account_is_for_everybody_in_it() -> None:
    """A Deny that names the account reaches its roles."""
    bucket = policy(deny(Principal={"AWS": ACCOUNT}))
    assert decide(allow(), resource_policy=bucket) == Decision.EXPLICIT_DENY


def test_a_service_is_allowed_by_the_resource_only() -> None:
    """A service principal is matched by name; an AWS principal does not mean services."""
    of = Request(action="s3:GetObject", resource=OBJECT, principal="logs.amazonaws.com")
    assert evaluate(of, resource_policy=policy(allow(Principal={"Service": "logs.amazonaws.com"}))) == "allowed"
    assert evaluate(of, resource_policy=policy(allow(Principal={"AWS": "*"}))) == "implicitDeny"


def test_a_trust_policy_needs_no_resource() -> None:
    """EKS Pod Identity's trust policy admits its service and nobody else."""
    item = {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"]}
    trust = policy(item | {"Principal": {"Service": "pods.eks.amazonaws.com"}})
    pods = Request(action="sts:TagSession", resource=WORKER, principal="pods.eks.amazonaws.com")
    assert evaluate(pods, resource_policy=trust) == Decision.ALLOWED
    ec2 = Request(action="sts:AssumeRole", resource=WORKER, principal="ec2.amazonaws.com")
    assert evaluate(ec2, resource_policy=trust) == Decision.IMPLICIT_DENY


def test_deny_all_but_named_roles() -> None:
    """The bucket policy 'deny what no grant names' lets the session of a named role through and nobody else."""
    only = {"ArnNotLike": {"aws:PrincipalArn": [WORKER, f"arn:aws:iam::{ACCOUNT}:role/admin-*"]}}
    bucket = policy(deny(Principal="*", Condition=only))
    own = [policy(allow())]
    for principal, expected in (
        (SESSION, "allowed"),
        (f"arn:aws:iam::{ACCOUNT}:role/admin-1", "allowed"),
        (f"arn:aws:iam::{ACCOUNT}:role/scheduler", "explicitDeny"),
    ):
        of = Request(action="s3:GetObject", resource=OBJECT, principal=principal)
        assert evaluate(of, identity_policies=own, resource_policy=bucket) == expected


def test_requests_are_over_tls_unless_said() -> None:
    """The TLS-only statement of a bucket bites exactly when the request says it is not secure."""
    bucket = policy(deny(Principal="*", Condition={"Bool": {"aws:SecureTransport": False}}))
    assert decide(allow(), resource_policy=bucket) == Decision.ALLOWED
    insecure = request(**{"AWS:securetransport": "false"})
    assert decide(allow(), resource_policy=bucket, of=insecure) == Decision.EXPLICIT_DENY


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/*"}}, "no wildcard"),
        ({"NotPrincipal": {"AWS": WORKER}}, "NotPrincipal"),
        ({}, "needs one"),
    ],
)
def test_a_principal_that_cannot_be_judged_is_an_error(bad: dict[str, Any], reason: str) -> None:
    """What AWS refuses or advises against in a resource policy is told, not skipped."""
    with pytest.raises(ValueError, match=reason):
        evaluate(request(), resource_policy=policy(allow(**bad)))


def test_only_the_current_policy_language_is_read() -> None:
    """A document without Version has no policy variables in AWS: the judge refuses it."""
    assert statements(policy(allow())) == [allow()]
    assert statements({"Version": "2012-10-17", "Statement": allow()}) == [allow()]
    with pytest.raises(ValueError, match="Version: None"):
        statements({"Statement": [allow()]})
