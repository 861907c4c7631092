"""Would AWS allow this request? Identity policies and one resource policy, within one account.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html. Not modelled: permission
boundaries, session policies, organization policies, other accounts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, cast

from .iam_conditions import MissingVariableError, Values, arn_matches, matches, pattern
from .plain import items, mapping

Policy = str | Mapping[str, Any]
"""A policy document, as JSON text or already read."""
Statement = Mapping[str, Any]

_SESSION = re.compile(r"arn:(aws[\w-]*):sts::(\d+):assumed-role/([^/]+)/.+")
_Match = Literal["no", "direct", "account"]


class Decision(StrEnum):
    """AWS's three answers, in the words of its policy simulator."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"


@dataclass(frozen=True)
class Request:
    """One call of one action on one resource.

    `principal` is the ARN of a role, or of its session, or a service such as `logs.amazonaws.com`. What AWS puts into
    every request (`aws:PrincipalArn`, `aws:PrincipalAccount`, `aws:SecureTransport` true) is there unless `context`
    says otherwise.
    """

    action: str
    resource: str
    principal: str
    context: Mapping[str, Values] = field(default_factory=dict[str, Values])

    @property
    def role(self) -> str:
        """A session acts as its role: that is what `aws:PrincipalArn` and a Principal element name."""
        session = _SESSION.fullmatch(self.principal)
        return "arn:{}:iam::{}:role/{}".format(*session.groups()) if session else self.principal

    @property
    def account(self) -> str:
        return self.principal.split(":")[4] if self.principal.startswith("arn:") else ""

    def full_context(self) -> dict[str, Values]:
        own: dict[str, Values] = {"aws:SecureTransport": "true"}
        if self.account:
            own |= {"aws:PrincipalArn": self.role, "aws:PrincipalAccount": self.account}
        given = {name.lower() for name in self.context}
        return {**{name: value for name, value in own.items() if name.lower() not in given}, **self.context}


def evaluate(
    request: Request, *, identity_policies: Iterable[Policy] = (), resource_policy: Policy | None = None
) -> Decision:
    """A Deny anywhere wins; then one Allow on either side is enough, but for a KMS key, whose own policy must agree."""
    context = request.full_context()
    of_identity = [
        statement
        for policy in identity_policies
        for statement in statements(policy)
        if _applies(statement, request=request, context=context)
    ]
    of_resource = [
        (statement, who)
        for statement in (statements(resource_policy) if resource_policy is not None else [])
        if (who := _principal_match(statement, request)) != "no"
        and _applies(statement, request=request, context=context)
    ]
    if any(statement["Effect"] == "Deny" for statement in (*of_identity, *(item for item, _ in of_resource))):
        return Decision.EXPLICIT_DENY

    identity_allows = any(statement["Effect"] == "Allow" for statement in of_identity)
    # Naming the account only hands the decision to the account's own policies.
    named = any(who == "direct" for statement, who in of_resource if statement["Effect"] == "Allow")
    delegated = any(statement["Effect"] == "Allow" for statement, _ in of_resource)
    enough = delegated if _service(request.action) == "kms" and resource_policy is not None else True
    return Decision.ALLOWED if named or (identity_allows and enough) else Decision.IMPLICIT_DENY


def statements(policy: Policy) -> list[Statement]:
    """The statements of a policy document; one that is not in a list counts too."""
    document = cast("Mapping[str, Any]", json.loads(policy) if isinstance(policy, str) else policy)
    if document.get("Version") != "2012-10-17":
        raise ValueError(f"Version: {document.get('Version')!r}: only 2012-10-17 is read, older ones have no variables")
    found = items(document, "Statement")
    return [found] if isinstance(found, Mapping) else list(found)


def as_list(value: object) -> list[str]:
    """IAM writes one string without its list."""
    return [value] if isinstance(value, str) else list(cast("Iterable[str]", value or []))


def _applies(statement: Statement, *, request: Request, context: Mapping[str, Values]) -> bool:
    return (
        _action_matches(statement, request.action)
        and _resource_matches(statement, request.resource, context)
        and matches(mapping(statement, "Condition"), context)
    )


def _action_matches(statement: Statement, action: str) -> bool:
    listed = as_list(statement.get("Action", statement.get("NotAction")))
    found = any(pattern(item.lower(), {}).fullmatch(action.lower()) for item in listed)
    return found if "Action" in statement else not found


def _resource_matches(statement: Statement, resource: str, context: Mapping[str, Values]) -> bool:
    if "Resource" not in statement and "NotResource" not in statement:
        # Only a trust policy has neither: it speaks of the role it belongs to.
        return True
    if "Resource" in statement:
        return any(_arn_fits(item, resource, context) for item in as_list(statement["Resource"]))
    return all(_arn_fits(item, resource, context) is False for item in as_list(statement["NotResource"]))


def _arn_fits(wanted: str, resource: str, context: Mapping[str, Values]) -> bool | None:
    """None where a policy variable has no value: then neither Resource nor NotResource matches."""
    try:
        return arn_matches(wanted, resource, context)
    except MissingVariableError:
        return None


def _principal_match(statement: Statement, request: Request) -> _Match:
    if "NotPrincipal" in statement:
        raise ValueError("NotPrincipal: not evaluated; AWS advises a condition on aws:PrincipalArn instead")
    wanted = statement.get("Principal")
    if wanted is None:
        raise ValueError("Principal: a statement of a resource policy needs one")
    if wanted == "*":
        return "direct"
    if not request.account:
        return "direct" if request.principal in as_list(wanted.get("Service")) else "no"
    listed = as_list(wanted.get("AWS"))
    if wildcards := [item for item in listed if "*" in item and item != "*"]:
        raise ValueError(f"Principal: {wildcards[0]}: AWS takes no wildcard inside an ARN here")
    if {"*", request.role, request.principal} & set(listed):
        return "direct"
    if any(re.fullmatch(rf"(arn:aws[\w-]*:iam::)?{request.account}(:root)?", item) for item in listed):
        # A Deny for the account is one for everybody in it; what "account" weakens is an Allow.
        return "account"
    return "no"


def _service(action: str) -> str:
    return action.split(":", 1)[0].lower()
