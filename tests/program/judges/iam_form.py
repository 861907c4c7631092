"""What is malformed in a policy: IAM takes it, or refuses it at deployment, and it does not do what it says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from ipaddress import ip_network

from .iam import Policy, as_list, statements
from .plain import mapping

_ARN = re.compile(r"arn:aws(-[a-z]+)*:[a-z0-9-]+:([a-z]{2}(-[a-z]+)+-\d|\*)?:(\d{12}|aws|\*)?:.+")
_SID = re.compile(r"[A-Za-z0-9]*")
GLOBAL_KEYS = frozenset(
    """
    AssumedRoot CalledVia CalledViaFirst CalledViaLast CurrentTime Ec2InstanceSourcePrivateIPv4 Ec2InstanceSourceVpc
    EpochTime FederatedProvider MultiFactorAuthAge MultiFactorAuthPresent PrincipalAccount PrincipalArn
    PrincipalIsAWSService PrincipalOrgID PrincipalOrgPaths PrincipalServiceName PrincipalServiceNamesList PrincipalTag
    PrincipalType Referer RequestTag RequestedRegion ResourceAccount ResourceOrgID ResourceOrgPaths ResourceTag
    SecureTransport SourceAccount SourceArn SourceIdentity SourceIp SourceOrgID SourceOrgPaths SourceOwner SourceVpc
    SourceVpcArn SourceVpce TagKeys TokenIssueTime UserAgent ViaAWSService VpcSourceIp VpceAccount VpceOrgID
    VpceOrgPaths userid username
    """.lower().split()
)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html, and `SourceOwner`, which is
not in its table any more, and still what some services send: components/cache.py."""


def malformed(policy: Policy) -> list[str]:
    """Each mistake of form, with the statement that it stands in."""
    found = list(statements(policy))
    twice = [sid for sid, count in Counter(each.get("Sid") for each in found).items() if sid and count > 1]
    problems = [f"{sid}: Sid: two statements have it" for sid in twice]
    for statement in found:
        name = statement.get("Sid") or "(no Sid)"
        if not _SID.fullmatch(statement.get("Sid", "")):
            problems.append(f"{name}: Sid: only letters and digits")
        problems.extend(
            f"{name}: {field}: {arn}: is not an ARN"
            for field in ("Resource", "NotResource")
            for arn in as_list(statement.get(field))
            if arn != "*" and not _ARN.fullmatch(arn)
        )
        for operator, keys in mapping(statement, "Condition").items():
            for key, values in keys.items():
                problems.extend(f"{name}: Condition: {reason}" for reason in _condition(operator, key, as_list(values)))
    return problems


def _condition(operator: str, key: str, values: list[str]) -> Iterator[str]:
    prefix, _, rest = key.lower().partition(":")
    if prefix == "aws" and rest.partition("/")[0] not in GLOBAL_KEYS:
        yield f"{key}: AWS has no such global key"
    plain = operator.rpartition(":")[2].removesuffix("IfExists")
    for start, (kind, is_one) in _KINDS.items():
        if plain.startswith(start):
            yield from (f"{operator}: {value}: is not {kind}" for value in values if not is_one(str(value)))


def _succeeds(read: Callable[[str], object]) -> Callable[[str], bool]:
    def is_one(value: str) -> bool:
        try:
            read(value)
        except ValueError:
            return False
        return True

    return is_one


_KINDS: dict[str, tuple[str, Callable[[str], bool]]] = {
    "Bool": ("true or false", lambda value: value.lower() in ("true", "false")),
    "Null": ("true or false", lambda value: value.lower() in ("true", "false")),
    "Numeric": ("a number", _succeeds(float)),
    "Date": ("a date", lambda value: value.isdigit() or _succeeds(datetime.fromisoformat)(value)),
    "IpAddress": ("an address or a CIDR", _succeeds(lambda value: ip_network(value, strict=False))),
    "NotIpAddress": ("an address or a CIDR", _succeeds(lambda value: ip_network(value, strict=False))),
    "Arn": ("an ARN", lambda value: value == "*" or _ARN.fullmatch(value) is not None),
}
"""What an operator whose name begins so compares with."""
