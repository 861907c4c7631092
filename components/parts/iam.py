"""IAM policy documents. Statements name their actions in full, never with `*`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pulumi import Input, Output

Statement = Mapping[str, Any]
"""One statement of a policy. Its values may be outputs."""


def allow(
    actions: Iterable[str], *, on: Input[str] | Sequence[Input[str]], when: Mapping[str, Any] | None = None
) -> Statement:
    """Allow actions on resources, under conditions."""
    statement: dict[str, Any] = {"Effect": "Allow", "Action": sorted(actions), "Resource": on}
    return {**statement, "Condition": when} if when else statement


def document(statements: Iterable[Statement]) -> Output[str]:
    """A policy document."""
    return Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})


def assumable_by(
    service: str, *, actions: Sequence[str] = ("sts:AssumeRole",), when: Mapping[str, Any] | None = None
) -> Output[str]:
    """A trust policy: which AWS service may take the role, under which condition."""
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": {"Service": service}, "Action": list(actions)}
    return document([{**statement, "Condition": when} if when else statement])


def only_from(account_id: str) -> Mapping[str, Any]:
    """The condition that keeps an AWS service from acting for somebody else's account (the confused deputy)."""
    return {"StringEquals": {"aws:SourceAccount": account_id}}
