"""The log group that EKS makes again after a destroy: the next `up` would end at it, twenty minutes in.

EKS delivers the control plane's last events when cluster and group are gone, and then makes the group by itself, not
encrypted and without an end: https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html
"""

from __future__ import annotations

from typing import Any

from scripts.aws import NoAnswerError, ask
from scripts.recover.pulumi import Pulumi
from settings.stack_name import PROJECT, stack_name

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"


def log_group_of(stack: str) -> str:
    """Where EKS delivers the control plane's logs; nobody can choose another name."""
    return f"/aws/eks/{PROJECT}-{stack_name(stack).stack}/cluster"


def late_log_group(pulumi: Pulumi, *, region: str) -> str | None:
    """What to do about a log group that exists and that the state does not know, in one line; None: there is none."""
    name = log_group_of(pulumi.stack)
    state = pulumi.export() or {}
    resources: list[dict[str, Any]] = state.get("deployment", {}).get("resources") or []
    if any(each["type"] == LOG_GROUP and each.get("inputs", {}).get("name") == name for each in resources):
        return None
    try:
        found = ask("logs", "describe-log-groups", "--log-group-name-prefix", name, "--region", region)
    except NoAnswerError as error:
        return str(error)
    if not any(each["logGroupName"] == name for each in found["logGroups"]):
        return None
    return (
        f"{name} is there, and the stack does not know it: EKS made it again after a destroy. Nobody writes to it any "
        f"more: `aws logs delete-log-group --log-group-name {name} --region {region}`"
    )
